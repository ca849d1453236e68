// Keeps the regions marked data-live up to date: asks for the page again and puts in what changed.
// A region is <… id="…" data-live>; data-live="3" on <body> or a region asks every three seconds.

const EVERY_SECONDS = 8;
const PATIENCE_SECONDS = 60;

export function keepLive() {
  const regions = [...document.querySelectorAll("[data-live][id]")];
  if (!regions.length) return;
  const asked = regions.map((region) => Number(region.dataset.live)).filter((each) => each > 0);
  let seconds = Math.min(EVERY_SECONDS, ...asked);
  const usual = seconds;
  let timer;

  const look = async () => {
    if (document.visibilityState === "visible") {
      const went = await refresh();
      if (went === "signed out") return;
      seconds = went === "well" ? usual : Math.min(seconds * 2, PATIENCE_SECONDS);
    }
    timer = setTimeout(look, seconds * 1000);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
  timer = setTimeout(look, seconds * 1000);
}

export async function refresh() {
  try {
    const answer = await fetch(location.href, {
      headers: { "x-live": "1" }, credentials: "same-origin", cache: "no-store",
    });
    if (answer.status === 401) return "signed out";
    if (!answer.ok) return "badly";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of document.querySelectorAll("[data-live][id]")) {
      const fresh = page.getElementById(region.id);
      if (fresh) replace(region, fresh);
    }
    document.dispatchEvent(new CustomEvent("refreshed"));
    return "well";
  } catch {
    return "badly";
  }
}

function replace(region, fresh) {
  if (region.innerHTML === fresh.innerHTML || isBeingUsed(region)) return;
  const focus = document.activeElement;
  const place = region.contains(focus) && placeOf(focus, region);
  const open = new Set([...region.querySelectorAll("details[open][id]")].map((each) => each.id));
  region.replaceChildren(...fresh.childNodes);
  for (const each of region.querySelectorAll("details[id]")) {
    if (open.has(each.id)) each.open = true;
  }
  if (place) region.querySelector(place)?.focus({ preventScroll: true });
}

// What somebody is writing or has ticked is not taken away.
function isBeingUsed(region) {
  const focus = document.activeElement;
  if (region.contains(focus) && focus.matches("input, textarea, select")) return true;
  return region.querySelector("input[type=checkbox]:checked") !== null;
}

function placeOf(element, region) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const keyed = element.closest("[data-key]");
  if (!keyed || !region.contains(keyed)) return null;
  const row = `[data-key="${CSS.escape(keyed.dataset.key)}"]`;
  return keyed === element ? row : `${row} ${element.localName}`;
}
