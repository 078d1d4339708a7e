// Guards the parts of pages that htmx exchanges: whatever is not the part that was asked for opens as a page of its own.
"use strict";

// What was sent is never sent twice: the page is opened as it is now, but where it only looked ahead.
const openWhole = ({ detail }) =>
  detail.elt.matches("form.terms") ||
  (detail.requestConfig.verb === "post" ? location.reload() : location.assign(detail.pathInfo.finalRequestPath));

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo, target } = event.detail;
  const asked = new URL(pathInfo.finalRequestPath, location);
  const isAnswer = xhr.status === 200 && new URL(xhr.responseURL).pathname === asked.pathname;
  const isHere = xhr.responseText.includes(`id="${target.id}"`);
  if (isAnswer && isHere) return;
  if (event.detail.requestConfig.verb === "post") {
    // What was decided stands on the page where it was decided; what is wrong, above what was typed.
    const isOfPage = xhr.status >= 400 || new URL(xhr.responseURL).pathname === location.pathname;
    if (isHere && isOfPage) return void Object.assign(event.detail, { shouldSwap: true, isError: false });
    event.preventDefault();
    return location.assign(xhr.responseURL);
  }
  event.preventDefault();
  openWhole(event);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, openWhole);

// Of tabs that do not fit, the one that is chosen is in sight.
const showTab = () =>
  document.querySelectorAll(".tabs [aria-current]").forEach((each) => (each.parentNode.scrollLeft = each.offsetLeft - 48));
showTab();
document.addEventListener("htmx:afterSettle", showTab);

// What a page says on a first visit is said once.
const hint = document.querySelector(".hint form");
if (hint?.offsetParent) fetch(hint.action, { method: "POST", redirect: "manual", keepalive: true });

// What was pressed shows at once that it was, until the next page is there.
const PRESSED = "htmx-request";
addEventListener("submit", (event) => event.submitter?.classList.add(PRESSED));
addEventListener("pageshow", () => document.querySelectorAll(`button.${PRESSED}`).forEach((each) => each.classList.remove(PRESSED)));
