// The keyboard: j and k go along the items of a list, Enter opens one, ? shows what there is.
// A page says more in data-keys="c:#confirm o:#overturn": the key presses or focuses the element.

export function listenToKeys() {
  const help = document.getElementById("keys");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    if (event.key === "?" && help) {
      help.open ? help.close() : help.showModal();
      event.preventDefault();
    } else if (event.key === "j" || event.key === "k") {
      if (step(event.key === "j" ? 1 : -1)) event.preventDefault();
    } else if (press(event.key)) {
      event.preventDefault();
    }
  });
  help?.addEventListener("click", (event) => { if (event.target === help) help.close(); });
}

function isWriting(target) {
  return target.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio])");
}

function step(by) {
  const items = [...document.querySelectorAll("[data-item]")];
  if (!items.length) return false;
  const here = items.findIndex((item) => item.contains(document.activeElement));
  const next = items[Math.max(0, Math.min(items.length - 1, here < 0 ? 0 : here + by))];
  const target = next.matches("a, button, [tabindex]") ? next : next.querySelector("a, button");
  target?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const listed = document.querySelector("[data-keys]")?.dataset.keys ?? "";
  const within = document.activeElement?.closest("[data-item]");
  for (const pair of listed.split(" ")) {
    const [letter, selector] = [pair.slice(0, 1), pair.slice(2)];
    if (letter !== key || !selector) continue;
    const element = within?.querySelector(selector) ?? document.querySelector(selector);
    if (!element) return false;
    if (element.matches("button, a, input[type=checkbox], summary")) element.click();
    else if (element.matches("details")) { element.open = true; element.querySelector("button")?.focus(); }
    else element.focus();
    return true;
  }
  return false;
}
