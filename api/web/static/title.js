// Shows in the empty title what the server would make of the other fields.
"use strict";

const title = document.querySelector("[data-suggests]");

if (title) {
  const said = (name) => {
    const field = title.form.elements[`f-${name}`];
    const label = field instanceof RadioNodeList && title.form.querySelector(`[name="f-${name}"]:checked + label`);
    if (label) return label.textContent.trim();
    if (!field.selectedOptions || !field.value) return field.value.trim();
    const [option] = field.selectedOptions;
    return option.dataset.called ?? option.text.trim();
  };
  const suggest = () => {
    let isWhole = true;
    const made = title.dataset.suggests.replace(/\{([\w|]+)\}/g, (_, names) => {
      const first = names.split("|").map(said).find(Boolean);
      isWhole &&= Boolean(first);
      return first ?? "";
    });
    title.placeholder = isWhole ? made : "";
  };
  title.form.addEventListener("input", suggest);
  suggest();
}
