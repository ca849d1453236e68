// The editor of rule packs: numbered lines, names completed, mistakes reached by a press.
// Without it the text area works as it is.

const MOST_OFFERED = 8;
const box = document.querySelector("[data-editor]");
const area = box.querySelector("textarea");
const known = new Map([...document.querySelectorAll("#names option")].map((option) => [
  option.value, { meaning: option.label, type: option.dataset.type },
]));
const OWN = { windows: "window", patterns: "pattern", conditions: "is", rules: "rule" };
const METHODS = ["contains", "startsWith", "endsWith"];

const gutter = document.createElement("div");
gutter.className = "gutter";
gutter.setAttribute("aria-hidden", "true");
box.prepend(gutter);

const offers = document.createElement("ul");
offers.className = "offers";
offers.id = "offers";
offers.setAttribute("role", "listbox");
offers.setAttribute("aria-label", "names");
offers.hidden = true;
box.append(offers);
area.setAttribute("aria-controls", "offers");
area.setAttribute("aria-autocomplete", "list");

const wrong = new Set([...document.querySelectorAll("[data-line]")].map((a) => Number(a.dataset.line)));
let chosen = 0;

function number() {
  const count = area.value.split("\n").length;
  if (gutter.childElementCount !== count) {
    gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = String(at + 1);
      if (wrong.has(at + 1)) line.className = "wrong";
      return line;
    }));
  }
  gutter.scrollTop = area.scrollTop;
}

function typed() {
  const before = area.value.slice(0, area.selectionStart);
  return /[A-Za-z_]\w*(?:\.\w*)*$/.exec(before)?.[0] ?? "";
}

// What the draft itself names: the parts of its sections.
function drafted() {
  const own = new Map();
  let family = "";
  for (const line of area.value.split("\n")) {
    family = /^(\w+):/.test(line) ? OWN[/^(\w+):/.exec(line)[1]] ?? "" : family;
    const name = family && /^\s*(?:-\s*\{?|.*[{,])?\s*name:\s*(\w+)/.exec(line)?.[1];
    if (name) own.set(`${family}.${name}`, { meaning: "", type: "" });
  }
  return own;
}

function fitting(word) {
  const all = new Map([...drafted(), ...known]);
  const dot = word.lastIndexOf(".");
  const subject = all.get(word.slice(0, Math.max(dot, 0)));
  if (subject) {
    const methods = subject.type === "str" ? METHODS : [];
    return methods.filter((name) => name.startsWith(word.slice(dot + 1))).map((name) => [
      `${word.slice(0, dot)}.${name}`, known.get(name)?.meaning ?? "", `${word.slice(0, dot)}.${name}(`,
    ]);
  }
  const found = [...all].filter(([name]) => name !== word && !METHODS.includes(name));
  const begins = found.filter(([name]) => name.startsWith(word));
  const [head, tail] = [word.slice(0, dot + 1), word.slice(dot + 1)];
  const holds = found.filter(([name]) => tail && head && name.startsWith(head) && name.includes(tail, head.length + 1));
  const inside = found.filter(([name]) => !head && word.length > 2 && name.includes(`.${word}`));
  return [...new Set([...begins, ...holds, ...inside])].map(([name, { meaning, type }]) => [
    name, meaning, type === "function" ? `${name}(` : name,
  ]);
}

function offer() {
  const word = typed();
  const found = word.length < 2 ? [] : fitting(word);
  chosen = 0;
  offers.replaceChildren(...found.slice(0, MOST_OFFERED).map(([name, meaning, written], at) => {
    const item = document.createElement("li");
    item.id = `offer-${at}`;
    item.dataset.written = written;
    item.setAttribute("role", "option");
    const what = document.createElement("b");
    what.textContent = name;
    const why = document.createElement("small");
    why.textContent = meaning;
    item.append(what, why);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
    return item;
  }));
  offers.hidden = !found.length;
  if (!offers.hidden) { place(); choose(0); }
  else area.removeAttribute("aria-activedescendant");
}

function place() {
  const style = getComputedStyle(area);
  const height = parseFloat(style.lineHeight);
  const lines = area.value.slice(0, area.selectionStart).split("\n");
  const width = parseFloat(style.fontSize) * 0.602;
  const left = gutter.offsetWidth + lines.at(-1).length * width - area.scrollLeft;
  offers.style.top = `${lines.length * height - area.scrollTop + parseFloat(style.paddingTop) + 2}px`;
  offers.style.left = `${Math.max(0, Math.min(left, box.clientWidth - offers.offsetWidth - 8))}px`;
}

function choose(at) {
  const items = [...offers.children];
  chosen = (at + items.length) % items.length;
  items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
  area.setAttribute("aria-activedescendant", `offer-${chosen}`);
}

function take(item) {
  const end = area.selectionStart;
  area.setRangeText(item.dataset.written, end - typed().length, end, "end");
  offers.hidden = true;
  number();
}

area.addEventListener("input", () => { number(); offer(); });
area.addEventListener("scroll", () => { number(); if (!offers.hidden) place(); });
area.addEventListener("blur", () => { offers.hidden = true; });
area.addEventListener("keydown", (event) => {
  if (offers.hidden) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" || event.key === "Tab") take(offers.children[chosen]);
  else if (event.key === "Escape") offers.hidden = true;
  else return;
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-line]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = area.value.split("\n");
    const line = Number(link.dataset.line) - 1;
    const start = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
    const at = start + Math.max(0, Number(link.dataset.column) - 1);
    area.focus();
    area.setSelectionRange(at, start + (lines[line]?.length ?? 0));
    area.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(area).lineHeight));
  });
}

number();
