// The picker of people: in a text it opens below the name that is typed after an @, in a field for
// one person below the field. A full name that is typed by hand does the same.
"use strict";
(() => {
  const list = document.createElement("div");
  list.id = "people";
  list.className = "menu-panel row-menu people-picker";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People");
  list.popover = "manual";
  document.body.append(list);

  const announce = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));

  // ---- What is typed -----------------------------------------------------

  // The beginning of a name behind the last @ before the cursor: one line, and two spaces at most.
  const NAME = /(?:^|[^\p{L}\p{N}])([@＠﹫])((?:[^\s@＠﹫]+ ?){0,3})$/u;
  const isText = (field) => field.matches("textarea");
  const typedIn = (field) => {
    // What the field contained when it was opened is no search.
    if (!isText(field)) return { from: 0, name: field.value === field.defaultValue ? "" : field.value };
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
    const box = field.getBoundingClientRect();
    const { left, top, height } = isText(field) ? placeOf(field, from) : box;
    const fits = top + height + list.offsetHeight + 8 <= innerHeight;
    list.style.top = `${fits ? top + height + 4 : Math.max(8, top - list.offsetHeight - 4)}px`;
    list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`;
  };
  const show = (from) => {
    if (!list.matches(":popover-open")) list.showPopover();
    place(from);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    // An empty field means nobody, which Enter must not change.
    if (isText(field) || field.value !== field.defaultValue && field.value) choose(options()[0]);
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
      // A form for several projects says which one was chosen.
      const path = field.dataset.people.replace("{project}", field.form?.elements.project?.value ?? "");
      const answer = await fetch(`${path}?${query}`, { signal, headers: { "hx-request": "true" } });
      const html = answer.ok ? await answer.text() : "";
      if (signal.aborted) return;
      list.innerHTML = html;
      // A whole name that is followed by a space has been written out.
      const [first, second] = options();
      const isWhole = typed.name.endsWith(" ") && !second
        && first?.dataset.name.toLowerCase() === typed.name.trim().toLowerCase();
      if (first && !isWhole) show(typed.from);
      else close();
    } catch {
      close(); // Names can be typed without it.
    }
  };
  const pick = (option) => {
    const typed = typedIn(field);
    close();
    if (!isText(field)) {
      field.value = option.dataset.value;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      if (field.matches("[data-autosubmit]") && field.value !== field.defaultValue) field.form.requestSubmit();
      return;
    }
    if (!typed) return;
    const text = `@${option.dataset.name} `;
    const end = field.selectionStart;
    field.focus();
    field.setRangeText(text, typed.from, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    close();
  };

  // ---- Events ------------------------------------------------------------

  let waiting;
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-people]")) return;
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
    const at = all.indexOf(chosen());
    if (step) choose(all[at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) pick(all[at]);
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
  document.addEventListener("focusin", (event) => {
    if (!event.target.matches?.("input[data-people]")) return;
    field = event.target;
    field.select();
    ask();
  });
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  document.addEventListener("scroll", (event) => {
    if (event.target === list || !list.matches(":popover-open")) return;
    const typed = typedIn(field);
    if (typed) place(typed.from);
  }, { passive: true, capture: true });
})();
