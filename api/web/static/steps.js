// On narrow screens a form is walked through section by section: what the address names is shown, else what is wrong, else what is to be mended, else the first.
// Each step is a place in the browser's history. Without this script the form is one page.
"use strict";

const walked = document.querySelector("form[data-steps]");

if (walked) {
  const shape = walked.closest(".shape");
  const told = shape.querySelector("[data-step]");
  const [save, review] = walked.querySelectorAll(".foot > button");
  const [back, next] = walked.querySelectorAll(".foot > a.narrow-only");
  const narrow = matchMedia("(max-width:991px)");
  // What stands before a section is shown with it.
  const steps = [];
  let parts = [];
  for (const part of walked.querySelectorAll(":scope > :is(.field, .section)")) {
    parts.push(part);
    if (!part.matches(".section")) continue;
    steps.push({ section: part, parts });
    parts = [];
  }

  const named = () => document.getElementById(location.hash.slice(1));
  const lead = (link, step) => {
    link.hidden = !step;
    if (step) link.href = `#${step.section.id}`;
  };
  const show = () => {
    const open = steps.filter(({ section }) => !section.hidden);
    const place = named() ?? walked.querySelector(".field-error") ?? walked.querySelector(".is-returned");
    const at = Math.max(0, open.findIndex((step) => step.parts.some((part) => part.contains(place))));
    for (const step of steps) for (const part of step.parts) part.classList.toggle("wide-only", step !== open[at]);
    const counts = [at + 1, open.length];
    told.textContent = told.dataset.step.replace(/\{\w+\}/g, () => counts.shift());
    lead(back, open[at - 1]);
    lead(next, open[at + 1]);
    const isLast = !narrow.matches || next.hidden;
    if (review) review.hidden = !isLast;
    else save.classList.toggle("primary", isLast);
  };
  const go = () => {
    show();
    const place = named();
    if (!place) return;
    const isStep = place.matches(".section");
    if (isStep) place.tabIndex = -1;
    if (isStep && narrow.matches) shape.scrollIntoView();
    else place.scrollIntoView();
    place.focus({ preventScroll: true });
  };

  // Where one was in the form is no place on the page that answers it.
  walked.setAttribute("action", location.pathname + location.search);
  for (const each of ["change", "filled"]) walked.addEventListener(each, show);
  narrow.addEventListener("change", show);
  addEventListener("hashchange", go);
  go();
}
