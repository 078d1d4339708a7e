// Keys for who prefers them: / to search, ? for help, j and k through the rows of a list, or from item to item. They can be turned off (WCAG 2.1.4).
"use strict";

const KEPT = "thidua-keys";
const areOn = () => localStorage.getItem(KEPT) !== "off";

// Who has typed something stays: a key pressed by mistake must not leave the page.
const hasTyped = () => [...document.querySelectorAll("textarea, input")].some((each) => each.value !== each.defaultValue);

const leave = (address) => hasTyped() || location.assign(address);

function move(by) {
  const beside = document.querySelector(by > 0 ? "a[rel=next]" : "a[rel=prev]");
  if (beside) return leave(beside.href);
  const links = [...document.querySelectorAll("[data-rows] .row-title, [data-rows] tbody tr td:first-child a")];
  const at = links.findIndex((each) => each.closest("li, tr").contains(document.activeElement));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  if (next) next.focus();
}

const ACTS = {
  "/": () => {
    const field = document.querySelector("main input[name=q]") ?? document.querySelector(".find input");
    return field.offsetParent ? field.focus() : leave("/items");
  },
  "?": () => leave((document.querySelector(".help-here") || { href: "/help" }).href),
  j: () => move(1),
  k: () => move(-1),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable], .CodeMirror");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !areOn() || !ACTS[event.key]) return;
  event.preventDefault();
  ACTS[event.key]();
});

const button = document.querySelector("[data-keys-switch]");
if (button) {
  const show = () => (button.textContent = areOn() ? button.dataset.on : button.dataset.off);
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, areOn() ? "off" : "on");
    show();
  });
}
