// What every page does: the menu of phones, selects that submit, live regions, the time zone.
import { keepLive } from "./live.js";
import { listenToKeys } from "./keys.js";

const root = document.documentElement;
root.classList.add("js");

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  document.cookie = `steward_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=strict`;
}

const button = document.querySelector(".menu-button");
const menu = document.getElementById("menu");
button?.addEventListener("click", () => {
  const open = menu.classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
});

for (const form of document.querySelectorAll("form[data-submits]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// A form is sent once: a second press of its button does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

keepLive();
listenToKeys();
