// Says in the index of a form, as one types, which sections have all that they must have. On a phone the index folds when it was used.
"use strict";

const index = document.querySelector(".index details");

if (index) {
  const links = [...index.querySelectorAll("a")];
  const isFilled = (field) =>
    [...field.querySelectorAll("input, select, textarea")].some((each) =>
      ["checkbox", "radio"].includes(each.type) ? each.checked : each.value.trim(),
    );
  const isComplete = (section) => {
    if (section.querySelector(".is-returned")) return false;
    const fields = [...section.querySelectorAll(".field:not(:has([data-suggests]))")].filter((each) => !each.hidden);
    const needed = fields.filter((each) => "needed" in each.dataset);
    return section.querySelector("[data-kept]") || (needed.length ? needed : fields).every(isFilled);
  };
  const tell = () => {
    const shown = links.filter((each) => !each.parentElement.hidden);
    const complete = shown.filter((each) => isComplete(document.querySelector(each.hash)));
    for (const link of shown) {
      const isDone = complete.includes(link);
      const [done, open] = link.querySelectorAll(":scope > span");
      done.hidden = !isDone;
      open.hidden = isDone;
    }
    for (const words of index.querySelectorAll("[data-complete]")) {
      const counts = [complete.length, shown.length];
      words.textContent = words.textContent.replace(/\d+/g, () => counts.shift());
    }
  };

  const { form } = document.querySelector(`${links[0].hash} :is(input, select, textarea)`);
  for (const each of ["input", "change", "filled"]) form.addEventListener(each, tell);
  tell();
  // Where one reads is marked: the last section whose head has passed the upper third of the window.
  const mark = () => {
    const shown = links.filter((each) => !each.parentElement.hidden);
    const passed = shown.filter((each) => document.querySelector(each.hash).getBoundingClientRect().top < innerHeight / 3);
    for (const link of links) link.toggleAttribute("aria-current", link === (passed.at(-1) ?? shown[0]));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
  index.addEventListener("click", (event) => {
    if (event.target.closest("a")) index.open = false;
  });
}
