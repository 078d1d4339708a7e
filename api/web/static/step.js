// The step in hand is lit in the drawing beside it, and a step of the drawing opens its row.
"use strict";

const steps = document.querySelectorAll(".flow [data-state]");
const rowOf = (state) => document.getElementById(`step-${state}`);

function light(row) {
  for (const each of steps) each.classList.toggle("here", each.dataset.state === row?.dataset.stepOf);
}

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest("[data-step-of]");
  if (row) light(row);
});

for (const each of steps) {
  each.addEventListener("click", () => {
    const row = rowOf(each.dataset.state);
    if (!row) return;
    row.closest("details:not([name])")?.setAttribute("open", "");
    row.open = true;
    row.querySelector("summary").focus();
  });
}

for (const link of document.querySelectorAll("[data-after]")) {
  link.addEventListener("click", () => {
    document.getElementById("new.after").value = link.dataset.after;
    rowOf("new").open = true;
    document.getElementById("new.name").focus();
  });
}

light(document.querySelector("[data-step-of][open]"));
