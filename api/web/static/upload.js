// Uploads that show how far they are, and that leave the file chosen when the line breaks. Without this script the form sends itself.
"use strict";

// What a refusal says: its own words, never the page around them.
const sentenceOf = (request) => {
  if (request.getResponseHeader("Content-Type")?.startsWith("text/plain")) return request.responseText.trim();
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const said = page.querySelectorAll("[role=alert]:not([hidden]) p, [role=alert]:not([hidden]) li, [data-sentence]");
  return [...said].map((each) => each.textContent.trim()).join(" ");
};

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button:not([type=button])");
  const bar = form.querySelector("progress");
  const told = form.querySelector("[data-told]");

  const tell = (words) => {
    told.textContent = words;
    told.hidden = !words;
  };
  const settle = (words) => {
    bar.hidden = true;
    button.disabled = false;
    tell(words);
  };

  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file) return;
    event.preventDefault();
    if (file.size > Number(form.dataset.most)) return settle(form.dataset.tooLarge);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (each) => {
      bar.max = each.total;
      bar.value = each.loaded;
      tell(form.dataset.sending.replace("{percent}", Math.floor((100 * each.loaded) / each.total)));
    });
    request.upload.addEventListener("load", () => tell(form.dataset.checking));
    request.addEventListener("error", () => settle(form.dataset.broken));
    request.addEventListener("load", () => {
      if (request.status < 400) return location.assign(request.responseURL);
      settle(sentenceOf(request) || form.dataset.broken);
    });
    bar.hidden = false;
    button.disabled = true;
    tell(form.dataset.sending.replace("{percent}", 0));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
  });
}
