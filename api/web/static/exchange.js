// Guards the parts of pages that htmx exchanges: whatever is not the part that was asked for opens as a page of its own.
"use strict";

const openWhole = (event) => location.assign(event.detail.pathInfo.finalRequestPath);

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo, target } = event.detail;
  const asked = new URL(pathInfo.finalRequestPath, location);
  const isAnswer = xhr.status === 200 && new URL(xhr.responseURL).pathname === asked.pathname;
  if (isAnswer && xhr.responseText.includes(`id="${target.id}"`)) return;
  event.preventDefault();
  openWhole(event);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, openWhole);

// What was pressed shows at once that it was, until the next page is there.
const PRESSED = "htmx-request";
addEventListener("submit", (event) => event.submitter?.classList.add(PRESSED));
addEventListener("pageshow", () => document.querySelectorAll(`button.${PRESSED}`).forEach((each) => each.classList.remove(PRESSED)));
