// Shows in the empty title what the server would make of the other fields.
"use strict";

const title = document.querySelector("[data-suggests]");

if (title) {
  const said = (name) => {
    const field = title.form.elements[`f-${name}`];
    if (!field.selectedOptions || !field.value) return field.value.trim();
    const [option] = field.selectedOptions;
    return option.dataset.called ?? option.text.trim();
  };
  const suggest = () => {
    const names = [...title.dataset.suggests.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    const isWhole = names.every(said);
    title.placeholder = isWhole ? title.dataset.suggests.replace(/\{(\w+)\}/g, (_, name) => said(name)) : "";
  };
  title.form.addEventListener("input", suggest);
  suggest();
}
