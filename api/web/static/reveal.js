// A button beside each password that shows what is typed, and hides it again before it is sent.
"use strict";

for (const box of document.querySelectorAll(".secret")) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-pressed", isShown);
  };
  button.type = "button";
  button.className = "btn";
  button.setAttribute("aria-controls", input.id);
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
  box.append(button);
}
