// The picker of people to mention: it opens below the line where a name is typed after an @. A full
// name that is typed by hand does the same.
"use strict";
(() => {
  const list = document.createElement("div");
  list.id = "mention-picker";
  list.className = "menu-panel row-menu mention-picker";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People to mention");
  list.popover = "manual";
  document.body.append(list);

  const announce = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));

  // ---- What is typed -----------------------------------------------------

  // The beginning of a name behind the last @ before the cursor: one line, and two spaces at most.
  const NAME = /(?:^|[^\p{L}\p{N}])([@＠﹫])((?:[^\s@＠﹫]+ ?){0,3})$/u;
  const typedIn = (field) => {
    if (field.selectionStart !== field.selectionEnd) return null;
    const found = NAME.exec(field.value.slice(0, field.selectionStart));
    return found && { from: field.selectionStart - found[2].length - 1, name: found[2] };
  };

  // The place of a character: that of the same one in a copy of the field.
  const COPIED = ["boxSizing", "width", "padding", "border", "font", "letterSpacing", "lineHeight", "tabSize", "wordSpacing"];
  const placeOf = (field, at) => {
    const copy = document.createElement("div");
    const style = getComputedStyle(field);
    for (const name of COPIED) copy.style[name] = style[name];
    Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word" });
    const mark = document.createElement("span");
    mark.textContent = "@";
    copy.append(field.value.slice(0, at), mark);
    document.body.append(copy);
    const box = field.getBoundingClientRect();
    const place = { left: box.left + mark.offsetLeft, top: box.top + mark.offsetTop - field.scrollTop, height: mark.offsetHeight };
    copy.remove();
    return place;
  };

  // ---- The list ----------------------------------------------------------

  let field, asked;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const close = () => {
    asked?.abort();
    asked = undefined;
    if (!list.matches(":popover-open")) return;
    list.hidePopover();
    list.replaceChildren();
    for (const name of ["aria-controls", "aria-activedescendant", "aria-autocomplete"]) field?.removeAttribute(name);
  };
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };
  const place = (from) => {
    const { left, top, height } = placeOf(field, from);
    const fits = top + height + list.offsetHeight + 8 <= innerHeight;
    list.style.top = `${fits ? top + height + 4 : Math.max(8, top - list.offsetHeight - 4)}px`;
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`;
  };
  const show = (from) => {
    if (!list.matches(":popover-open")) list.showPopover();
    place(from);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    choose(options()[0]);
    const { length } = options();
    announce(length === 1 ? "1 person. Enter picks the name." : `${length} people. Arrow keys choose, Enter picks.`);
  };
  const ask = async () => {
    const typed = typedIn(field);
    if (!typed) return close();
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    try {
      const query = new URLSearchParams({ q: typed.name.trim() });
      const answer = await fetch(`${field.dataset.mentions}?${query}`, { signal, headers: { "hx-request": "true" } });
      const html = answer.ok ? await answer.text() : "";
      if (signal.aborted) return;
      list.innerHTML = html;
      // A whole name that is followed by a space has been written out.
      const [first, second] = options();
      const isWhole = typed.name.endsWith(" ") && !second
        && first?.dataset.insert.slice(1).toLowerCase() === typed.name.trim().toLowerCase();
      if (first && !isWhole) show(typed.from);
      else close();
    } catch {
      close(); // Names can be typed without it.
    }
  };
  const pick = (option) => {
    const typed = typedIn(field);
    const text = `${option.dataset.insert} `;
    close();
    if (!typed) return;
    const end = field.selectionStart;
    field.focus();
    field.setRangeText(text, typed.from, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    close();
  };

  // ---- Events ------------------------------------------------------------

  let waiting;
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("textarea[data-mentions]")) return;
    field = event.target;
    clearTimeout(waiting);
    // A choice that has been made asks for nothing.
    if (!event.isTrusted) return;
    if (!typedIn(field)) return close();
    waiting = setTimeout(ask, 120);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== field || !list.matches(":popover-open") || event.isComposing) return;
    const all = options();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]);
    else if (event.key === "Enter" || event.key === "Tab") pick(chosen());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }, true);
  // The field keeps the focus while an option is pressed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  document.addEventListener("scroll", (event) => {
    if (event.target === list || !list.matches(":popover-open")) return;
    const typed = typedIn(field);
    if (typed) place(typed.from);
  }, { passive: true, capture: true });
})();
