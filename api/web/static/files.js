// A file is chosen by a button of the page's language, or dropped on it; its name is shown. Without this script the browser shows the name.
"use strict";

for (const box of document.querySelectorAll("[data-file]")) {
  const input = box.querySelector("input[type=file]");
  const button = box.querySelector("label");
  const name = document.createElement("span");
  const show = () => {
    name.textContent = input.files.length ? [...input.files].map((each) => each.name).join(", ") : box.dataset.none;
    button.textContent = input.files.length ? box.dataset.other : box.dataset.choose;
  };
  name.className = "file-name";
  name.setAttribute("role", "status");
  input.classList.add("visually-hidden");
  button.after(name);
  input.addEventListener("change", show);
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  show();
}
