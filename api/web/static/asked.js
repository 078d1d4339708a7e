// Shows of the fields that depend on a choice only those which suit it. Without this script each says what it is for.
"use strict";

for (const folded of document.querySelectorAll("details[data-asked-of]")) {
  const field = folded.querySelector(".field");
  Object.assign(field.dataset, folded.dataset);
  folded.replaceWith(field);
}

const depending = [...document.querySelectorAll("[data-asked-of]")];
const asking = depending[0]?.closest("form");
const suit = () => {
  for (const each of depending) {
    const choice = asking.elements[each.dataset.askedOf];
    each.hidden = !each.dataset.askedWhen.split(" ").includes(choice.value);
  }
  for (const section of new Set(depending.map((each) => each.closest("fieldset")))) {
    section.hidden = ![...section.querySelectorAll(".field")].some((each) => !each.hidden);
    document.querySelector(`.index a[href="#${section.id}"]`).closest("li").hidden = section.hidden;
  }
};

if (depending.length) {
  for (const words of document.querySelectorAll("[data-asked-for]")) words.hidden = true;
  asking.addEventListener("change", suit);
  asking.addEventListener("filled", suit);
  suit();
}
