// The menu that "/" and Ctrl+K open over any page, and the list of keys behind "?". Without this file the
// link in the navigation leads to the page of the search.
"use strict";
(() => {
  const opener = document.querySelector("a.finder");
  if (!opener) return;
  const { menu, keys } = opener.dataset;
  const hasKeys = document.documentElement.dataset.shortcuts === "on";

  // ---- The menu ----------------------------------------------------------

  const [palette, help] = [...document.getElementById("palette").content.children].map((dialog) => dialog.cloneNode(true));
  const input = palette.querySelector("input");
  const list = palette.querySelector("[role=listbox]");
  document.body.append(palette, help);

  const announce = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));
  const options = () => [...list.querySelectorAll("[role=option]")];
  const current = () => list.querySelector("[aria-selected=true]");
  const mark = (option) => {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  // Only the last answer counts: an earlier one may come later.
  let asked = 0;
  let shown;
  const ask = async () => {
    const typed = input.value.trim();
    const turn = ++asked;
    if (typed === shown) return;
    palette.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${menu}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } });
      if (turn !== asked) return;
      // A session that has ended leads to the page to sign in, and back to this one.
      if (answer.redirected || answer.headers.has("HX-Redirect")) return location.reload();
      if (!answer.ok) throw new Error(answer.statusText);
      list.innerHTML = await answer.text();
      shown = typed;
      options().forEach((option, at) => { option.id = `choice-${at}`; });
      mark(options().find((option) => option.href));
      const { length } = options().filter((option) => option.href);
      if (typed) announce(length === 1 ? "1 choice" : length ? `${length} choices` : "No results");
    } catch {
      if (turn !== asked) return;
      shown = undefined;
      mark(null);
      list.textContent = "Search isn't available right now. Check your connection.";
      announce(list.textContent);
    } finally {
      if (turn === asked) palette.removeAttribute("aria-busy");
    }
  };
  let wait;
  input.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 120);
  });
  const open = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    shown = undefined;
    ask();
  };

  input.addEventListener("keydown", async (event) => {
    const all = options();
    const at = all.indexOf(current());
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined && all.length) {
      event.preventDefault();
      mark(all[(to + all.length) % all.length]);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      clearTimeout(wait);
      await ask();
      current()?.click();
    }
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== current()) mark(option);
  });

  palette.querySelector("button").addEventListener("click", () => palette.close());

  // On the page of the search one goes on typing behind what is there.
  const field = document.querySelector("main #filters input[name=q][autofocus]");
  field?.setSelectionRange(field.value.length, field.value.length);

  // ---- The keys ----------------------------------------------------------

  const showKeys = async () => {
    if (help.open) return;
    const answer = await fetch(keys, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected || answer.status === 204) return location.assign(keys);
    help.querySelector(".dialog-body").innerHTML = await answer.text();
    if (!help.open) help.showModal();
  };

  for (const dialog of [palette, help]) {
    // A click on the backdrop is one on the dialog itself.
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const modal = document.querySelector("dialog[open]");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (modal) return;
      event.preventDefault();
      open();
      return;
    }
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (!hasKeys || modal || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      if (field) field.select();
      else open();
    } else if (event.key === "?") {
      event.preventDefault();
      showKeys();
    }
  });
})();
