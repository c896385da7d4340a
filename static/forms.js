// Forms: sent once, by a choice where that is all there is to them, and never lost in silence. Every
// form works without this file.
"use strict";
(() => {
  const announce = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));

  // ---- The token ---------------------------------------------------------

  // The form of a request; a preview that it asks for while it is filled in is not it.
  const formOf = (event) => {
    const source = event.detail?.ctx?.sourceElement;
    return source?.matches?.("form[method=post]") ? source : undefined;
  };

  // A form that was refused for its age gets the token that it needs now. Somebody who has signed in
  // in another tab and presses again does not have to press a third time.
  let outdated, again;
  document.addEventListener("htmx:before:response", (event) => {
    const token = event.detail?.ctx?.response?.headers?.get("x-csrf-token");
    if (!token) return;
    const form = formOf(event);
    if (form && form !== again) outdated = event.detail.ctx;
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "x-csrf-token": token }));
    document.querySelectorAll("input[name=csrf]").forEach((field) => { field.value = token; });
  });

  // ---- Sent once ---------------------------------------------------------

  const HTMX = "[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-action],[hx-boost]";
  const release = (form) => {
    form.removeAttribute("aria-busy");
    form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.matches(HTMX) || event.submitter?.matches(HTMX)) return;
    if (form.getAttribute("method") === "dialog" || form.getAttribute("target") === "_blank") return;
    if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
    form.setAttribute("aria-busy", "true");
    event.submitter?.classList.add("is-busy");
    setTimeout(release, 8000, form);
  });
  // A page restored from the back/forward cache must be usable again.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));

  const sending = new WeakMap();
  document.addEventListener("htmx:before:request", (event) => {
    const form = formOf(event);
    if (!form) return;
    if (sending.has(form)) return event.preventDefault();
    // The error of the attempt before is out of date.
    document.querySelectorAll(".toast-danger").forEach((toast) => toast.remove());
    sending.set(form, event.detail.ctx);
    form.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const form = formOf(event);
    if (!form || sending.get(form) !== event.detail.ctx) return;
    sending.delete(form);
    release(form);
    again = outdated === event.detail.ctx ? form : undefined;
    outdated = undefined;
    if (again) form.requestSubmit(event.detail.ctx.sourceEvent?.submitter);
  });

  // The page after an authentication sends the form that required it.
  document.querySelector("form[data-send]")?.requestSubmit();

  // What is empty filters nothing, and stays out of the address.
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const { method, body } = ctx.request;
    if (method !== "GET" || !(body instanceof FormData)) return;
    for (const [name, value] of [...body]) if (value === "") body.delete(name);
  });

  // ---- Sent by a choice --------------------------------------------------

  // With the arrow keys one passes other choices on the way. They are sent when the choice is made:
  // by Enter, or by going on to the next control.
  const CHOICES = "[data-autosubmit], [data-autosubmit] :is(select, input)";
  const isChoice = (el) => el instanceof Element && el.name && el.matches(CHOICES) &&
    el.matches("select, input:is([type=radio], [type=checkbox], [type=date], [data-people])");
  let byKeys = false, pending, isSwapping = false;
  const submit = (control) => {
    pending = undefined;
    control.form?.requestSubmit();
  };
  // A control that is swapped out while it has the focus has not been left.
  document.addEventListener("htmx:before:swap", () => { isSwapping = true; });
  document.addEventListener("htmx:after:swap", () => { isSwapping = false; pending = undefined; });
  document.addEventListener("pointerdown", () => { byKeys = false; }, true);
  document.addEventListener("keydown", (event) => {
    if (!isChoice(event.target) || event.target.type === "checkbox") return;
    byKeys = !["Enter", " ", "Tab"].includes(event.key) || byKeys;
    if (event.key !== "Enter" || pending !== event.target) return;
    event.preventDefault();
    submit(pending);
  }, true);
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (!isChoice(control) || isSwapping) return;
    if (!byKeys || control.type === "checkbox") return submit(control);
    pending = control;
    announce("Press Enter to apply.");
  });
  document.addEventListener("focusout", (event) => {
    if (!pending || event.target !== pending || isSwapping) return;
    byKeys = false;
    // A window that loses the focus has not been left by the keyboard.
    if (document.hasFocus()) submit(pending);
  });

  // ---- Failures ----------------------------------------------------------

  // Our own refusals bring their words, or the form with its errors. Whatever stands between the
  // browser and Tenantry does not: a lost connection, a proxy during a restart, an answer that never
  // comes.
  const isOurs = ({ response, text }) =>
    text?.includes("<hx-partial") || ([409, 422].includes(response.status) && response.headers.get("x-request-id"));

  let isLeaving = false;
  window.addEventListener("pagehide", () => { isLeaving = true; });
  window.addEventListener("pageshow", () => { isLeaving = false; });

  // A control that sends its form shows what is saved again; typed text stays.
  const takeBack = (form) => {
    const chosen = [];
    for (const control of form?.elements ?? []) {
      if (!isChoice(control)) continue;
      chosen.push([control, control.value, control.checked]);
      if (control.type === "radio" || control.type === "checkbox") control.checked = control.defaultChecked;
      else if (control.options) for (const option of control.options) option.selected = option.defaultSelected;
      else control.value = control.defaultValue;
    }
    return () => chosen.forEach(([control, value, checked]) => {
      if (control.type !== "radio" && control.type !== "checkbox") control.value = value;
      else control.checked = checked;
    });
  };

  const tryAgain = (source, submitter, putBack) => () => {
    putBack();
    if (!source.isConnected) return location.reload();
    if (source.matches("form")) return source.requestSubmit(submitter?.isConnected ? submitter : undefined);
    if (source.form) return source.dispatchEvent(new Event("change", { bubbles: true }));
    source.click();
  };

  const fail = ({ sourceElement: source, sourceEvent, response }) => {
    const template = document.getElementById("failed");
    if (!template || isLeaving || !source) return;
    const isChange = source.closest("form")?.matches("[method=post]");
    const toast = template.content.cloneNode(true).firstElementChild;
    toast.className = "toast toast-danger";
    toast.querySelector("p").textContent =
      (isChange ? "Couldn't save. " : "Couldn't load. ") +
      (response ? "The server isn't available right now. Try again in a moment." : "Check your connection and try again.");
    const putBack = isChange ? takeBack(source.closest("form")) : () => {};
    const retry = tryAgain(source, sourceEvent?.submitter, putBack);
    toast.querySelector("[data-again]").addEventListener("click", () => {
      toast.remove();
      retry();
    });
    document.querySelectorAll("#toasts .toast-danger").forEach((old) => old.remove());
    document.getElementById("toasts").append(toast);
  };
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    if (!isOurs(ctx)) fail(ctx);
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    // Without an answer: one that came and cannot be used has been reported above.
    if (detail?.ctx && !detail.ctx.response) fail(detail.ctx);
  });
})();
