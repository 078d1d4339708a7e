// Deciding on several: choose all at once, and how many are chosen. Without this script each is chosen by itself.
"use strict";

const boxes = [...document.querySelectorAll("input[name=code]")];
const every = document.querySelector("[data-choose-all]");
const told = document.querySelector("[data-chosen]");

function count() {
  const chosen = boxes.filter((each) => each.checked).length;
  told.textContent = told.dataset.chosen.replace("{number}", chosen);
  every.checked = chosen === boxes.length;
  every.indeterminate = chosen > 0 && chosen < boxes.length;
}

if (every) {
  every.closest("[hidden]").hidden = false;
  every.addEventListener("change", () => {
    for (const each of boxes) each.checked = every.checked;
    count();
  });
  for (const each of boxes) each.addEventListener("change", count);
  count();
}
