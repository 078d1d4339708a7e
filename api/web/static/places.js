// Makes the words that a message may name into buttons which put them where its cursor stands.
"use strict";

for (const line of document.querySelectorAll("[data-places]")) {
  const field = document.getElementById(line.dataset.places);
  for (const word of line.querySelectorAll("span")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small";
    button.textContent = word.textContent;
    button.addEventListener("click", () => {
      field.setRangeText(button.textContent, field.selectionStart, field.selectionEnd, "end");
      field.focus();
    });
    word.replaceWith(button);
  }
}
