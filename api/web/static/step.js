// The step whose line is being worked on is lit in the drawing beside it.
"use strict";

const steps = document.querySelectorAll(".flow [data-state]");

document.addEventListener("focusin", ({ target }) => {
  const line = target.closest("[data-step-of]");
  if (!line) return;
  for (const each of steps) each.classList.toggle("here", each.dataset.state === line.dataset.stepOf);
});
