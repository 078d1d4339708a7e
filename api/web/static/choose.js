// Deciding on several: choose all at once, and how many are chosen. Without this script each is chosen by itself.
"use strict";

const CODE = "input[name=code]";
const every = () => [...document.querySelectorAll("[data-choose-all]")];

function boxes(all) {
  const found = [];
  for (let each = all.closest(".group-head").nextElementSibling; each && !each.matches(".group-head"); each = each.nextElementSibling)
    found.push(...each.querySelectorAll(CODE));
  return found;
}

function count() {
  const told = document.querySelector("[data-chosen]");
  if (!told) return;
  told.textContent = told.dataset.chosen.replace("{number}", document.querySelectorAll(`${CODE}:checked`).length);
  for (const all of every()) {
    const own = boxes(all);
    const chosen = own.filter((each) => each.checked).length;
    all.closest("label").hidden = false;
    all.checked = chosen === own.length;
    all.indeterminate = chosen > 0 && !all.checked;
  }
}

document.addEventListener("change", ({ target }) => {
  if (every().includes(target)) for (const each of boxes(target)) each.checked = target.checked;
  if (every().includes(target) || target.name === "code") count();
});
for (const name of ["pageshow", "htmx:afterSettle"]) addEventListener(name, count);
count();
