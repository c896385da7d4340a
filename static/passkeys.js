// Passkeys: hands the challenge in a form to the browser, and the browser's answer to the form.
"use strict";
(() => {
  const decode = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const encode = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const withBytes = (options) => {
    const key = options.publicKey ?? options;
    key.challenge = decode(key.challenge);
    if (key.user) key.user.id = decode(key.user.id);
    for (const list of [key.excludeCredentials, key.allowCredentials]) {
      for (const credential of list ?? []) credential.id = decode(credential.id);
    }
    return { publicKey: key };
  };

  const asJson = (credential) => {
    const { response } = credential;
    const answer = {
      id: credential.id,
      rawId: encode(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: { clientDataJSON: encode(response.clientDataJSON) },
    };
    if (response.attestationObject) {
      answer.response.attestationObject = encode(response.attestationObject);
      answer.response.transports = response.getTransports?.() ?? [];
    } else {
      answer.response.authenticatorData = encode(response.authenticatorData);
      answer.response.signature = encode(response.signature);
      if (response.userHandle) answer.response.userHandle = encode(response.userHandle);
    }
    return answer;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const field = form.elements.credential;
    const words = form.querySelector("[data-passkey-words]");
    const button = form.querySelector("button:not([type=button])");
    const say = (text) => { words.textContent = text; words.hidden = !text; };
    if (!window.PublicKeyCredential) {
      say("This browser doesn't support passkeys.");
      continue;
    }
    button.disabled = false;
    say("");
    // Coming back to the page, its challenge is used up.
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    form.addEventListener("submit", async (event) => {
      if (field.value) return;
      event.preventDefault();
      say("");
      try {
        const options = withBytes(JSON.parse(form.dataset.options));
        const credential = form.dataset.passkey === "create"
          ? await navigator.credentials.create(options)
          : await navigator.credentials.get(options);
        field.value = JSON.stringify(asJson(credential));
        form.requestSubmit();
      } catch (error) {
        say(error.name === "InvalidStateError"
          ? "This device already has a passkey for your account."
          : "The passkey wasn't used. Reload the page and try again.");
      }
    });
  }
})();
