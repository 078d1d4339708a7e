// Deciding on several: choose all at once, and how many are chosen. Without this script each is chosen by itself.
"use strict";

const boxes = () => [...document.querySelectorAll("input[name=code]")];
const every = () => document.querySelector("[data-choose-all]");

function count() {
  const all = every();
  if (!all) return;
  const chosen = boxes().filter((each) => each.checked).length;
  const told = document.querySelector("[data-chosen]");
  told.textContent = told.dataset.chosen.replace("{number}", chosen);
  all.closest("[hidden], label").hidden = false;
  all.checked = chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

document.addEventListener("change", ({ target }) => {
  if (target === every()) for (const each of boxes()) each.checked = target.checked;
  if (target === every() || target.name === "code") count();
});
for (const name of ["pageshow", "htmx:afterSettle"]) addEventListener(name, count);
count();
