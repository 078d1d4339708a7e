// Makes the words that a message may name into buttons which put them where its cursor stands, and keeps the line of each reminder true.
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

for (const each of document.querySelectorAll("[data-rung]")) {
  each.addEventListener("change", () => {
    const [days, select] = each.querySelectorAll("input, select");
    const to = [...each.querySelectorAll(":checked + span")].map((name) => name.textContent);
    each.querySelector("summary").textContent = `${days.value} ${select.selectedOptions[0].text}: ${to.join(", ")}`;
  });
}
