// Counts and keeps what is being typed: on the server while there is one, on this machine while there is none. Offers the latter back, and says what the server doubts.
"use strict";

const form = document.querySelector("form[data-typing]");

if (form) {
  const told = document.querySelector("[data-typing-told]");
  const place = `thidua-typing:${form.dataset.typingOf}:${form.dataset.typing}`;
  let timer = 0;
  let isSending = false;

  const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "key");
  const doubt = (words) => {
    const place = document.querySelector("[data-doubt]");
    if (!place) return;
    place.hidden = !words;
    place.querySelector("p").textContent = words;
  };
  const tell = (text) => (told.textContent = text);
  if (matchMedia("(min-width:992px)").matches) tell(form.dataset.typingBegins);

  async function keep() {
    if (isSending) return;
    const pairs = typed();
    const body = new URLSearchParams([["typing-form", form.dataset.typing], ...pairs]);
    try {
      const answer = await fetch("/typings", { method: "POST", body, redirect: "manual" });
      if (![200, 204].includes(answer.status)) throw new Error(String(answer.status));
      doubt(answer.status === 200 ? await answer.text() : "");
      localStorage.removeItem(place);
      tell(form.dataset.typingKept.replace("{time}", new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" })));
    } catch (problem) {
      localStorage.setItem(place, JSON.stringify(pairs));
      tell(form.dataset.typingHere);
    }
  }

  function fill(pairs) {
    for (const element of form.elements) {
      if (!element.name || element.name === "key" || element.type === "file" || element.type === "submit") continue;
      const values = pairs.filter(([name]) => name === element.name).map(([, value]) => value);
      if (element.type === "checkbox" || element.type === "radio") element.checked = values.includes(element.value);
      else if (values.length) element.value = values[0];
    }
    form.dispatchEvent(new Event("filled"));
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  });
  for (const told of form.querySelectorAll("[data-counts]")) {
    const count = () => (told.textContent = told.dataset.counts.replace("{number}", told.previousElementSibling.value.length));
    for (const each of ["input", "filled"]) form.addEventListener(each, count);
    count();
  }
  form.addEventListener("submit", () => {
    isSending = true;
    clearTimeout(timer);
    localStorage.removeItem(place);
  });
  addEventListener("online", keep);

  const kept = localStorage.getItem(place);
  const back = document.querySelector("[data-typing-back]");
  if (kept && back) {
    back.hidden = false;
    back.querySelector("button").addEventListener("click", () => {
      fill(JSON.parse(kept));
      back.hidden = true;
      keep();
    });
  }
}
