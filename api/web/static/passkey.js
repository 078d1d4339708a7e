// Asks a passkey to sign, or makes one, and sends the form with its answer. Without this script PIN and code work as ever.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const packed = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(button) {
  const options = JSON.parse(button.dataset.passkey);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) known.id = bytes(known.id);
  return options;
}

async function answer(options) {
  const credential = options.user
    ? await navigator.credentials.create({ publicKey: options })
    : await navigator.credentials.get({ publicKey: options });
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = packed(credential.response[name]);
  }
  return { id: credential.id, rawId: packed(credential.rawId), type: credential.type, response };
}

async function sign(button) {
  const form = button.form;
  // What is missing the server says, in the language of the page.
  if (!form.checkValidity()) return HTMLFormElement.prototype.submit.call(form);
  const told = form.querySelector("[data-passkey-told]");
  try {
    const field = form.elements.passkey || document.createElement("input");
    field.type = "hidden";
    field.name = "passkey";
    field.value = JSON.stringify(await answer(read(button)));
    form.append(field);
    HTMLFormElement.prototype.submit.call(form);
  } catch (problem) {
    told.textContent = told.dataset.passkeyTold;
    told.hidden = false;
  }
}

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  button.hidden = false;
  button.addEventListener("click", () => sign(button));
}
