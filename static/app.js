// Small enhancements. Every page works without this file: menus are <details>,
// dialogs have their own pages, forms post, copies can be made by hand.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const visible = (el) => el.checkVisibility();

  // On phones the navigation is a strip that scrolls: bring the current page into it.
  const here = document.querySelector(".nav [aria-current]");
  if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

  // A live region of its own, so that announcing never shows a toast.
  const announcer = document.createElement("p");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  document.body.append(announcer);
  const announce = (text) => {
    announcer.textContent = "";
    requestAnimationFrame(() => { announcer.textContent = text; });
  };
  document.addEventListener("announce", (event) => announce(event.detail));

  // ---- Menus -------------------------------------------------------------

  const MENU = "details[data-menu]";
  const summaryOf = (menu) => menu.querySelector("summary");
  const itemsOf = (menu) =>
    [...menu.querySelectorAll(".menu-panel a[href], .menu-panel button:not(:disabled)")].filter(visible);

  const closeMenu = (menu, refocus) => {
    menu.open = false;
    if (refocus) summaryOf(menu).focus();
  };
  const closeMenusExcept = (node) => {
    for (const menu of document.querySelectorAll(`${MENU}[open]`)) {
      if (!(node instanceof Node && menu.contains(node))) closeMenu(menu);
    }
  };

  // `toggle` does not bubble, so it is caught on the way down.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(MENU) && event.target.open) closeMenusExcept(event.target);
  }, true);

  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.(`${MENU}[open]`);
    // Without a related target the focus left the window or was clicked away; the click handler decides.
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) closeMenu(menu);
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(MENU);
    if (!menu) return;
    const typing = event.target.matches("input, textarea, select");

    if (event.key === "Escape" && menu.open) {
      // The first Escape in a search field empties it, as browsers do.
      if (event.target.matches("input[type=search]") && event.target.value) return;
      event.preventDefault();
      closeMenu(menu, true);
      return;
    }
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    if (typing && event.key !== "ArrowDown") return;
    if (!menu.open) {
      if (event.key !== "ArrowDown") return;
      menu.open = true;
    }
    event.preventDefault();
    const items = itemsOf(menu);
    const at = items.indexOf(event.target);
    const last = items.length - 1;
    const next = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    items[next]?.focus();
  });

  // ---- Menus of rows ---------------------------------------------------

  // A list of fifty rows has fifty links instead of fifty menus: the page that a link leads to comes
  // as a menu, beside the link. Without the script one goes there.
  const rowMenu = document.createElement("div");
  rowMenu.id = "row-menu";
  rowMenu.className = "menu-panel row-menu";
  rowMenu.popover = "auto";
  document.body.append(rowMenu);
  let menuLink;
  const placeBeside = (link) => {
    const at = link.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = rowMenu;
    const below = at.bottom + 6 + height <= innerHeight || at.top < height;
    rowMenu.style.top = `${below ? Math.min(at.bottom + 6, Math.max(8, innerHeight - height - 8)) : at.top - height - 6}px`;
    rowMenu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 16))}px`;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.opens-menu");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    menuLink = link;
    link.dataset.row = link.closest("[id]")?.id ?? "";
    link.setAttribute("aria-busy", "true");
    htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#row-menu", swap: "innerHTML" })
      .finally(() => link.removeAttribute("aria-busy"));
  });
  const showRowMenu = () => {
    if (!rowMenu.matches(":popover-open")) rowMenu.showPopover({ source: menuLink });
    placeBeside(menuLink);
    const items = rowMenu.querySelectorAll("a[href], button");
    (rowMenu.querySelector("[aria-current]") ?? items[0] ?? rowMenu).focus();
  };
  rowMenu.addEventListener("keydown", (event) => {
    const items = [...rowMenu.querySelectorAll("a[href], button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !items.length) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });

  // ---- Dialogs -----------------------------------------------------------

  const openDialog = (dialog, opener) => {
    if (dialog.open) return;
    // A menu that held the opener closes now; its button gets the focus back later.
    const menu = opener?.closest(MENU);
    if (menu) closeMenu(menu);
    dialog.showModal();
    dialog.querySelector("[autofocus], [data-focus]")?.focus();
    const back = menu ? summaryOf(menu) : opener;
    dialog.addEventListener("close", () => back?.focus(), { once: true });
  };
  const showMarkedDialogs = (scope) => {
    for (const dialog of scope.querySelectorAll("dialog[data-dialog-show]:not([open])")) openDialog(dialog);
  };

  // ---- Copy --------------------------------------------------------------

  const copyText = async (input) => {
    try {
      await navigator.clipboard.writeText(input.value);
      return true;
    } catch {
      // Plain http has no clipboard interface; the old command still works there.
      input.focus();
      input.select();
      return document.execCommand("copy");
    }
  };
  const copy = async (button) => {
    const input = document.querySelector(button.dataset.copy);
    if (!input || button.classList.contains("is-copied")) return;
    if (!(await copyText(input))) return announce("Copying failed. Select the text and copy it yourself.");
    button.focus();
    // Only the words change, an icon beside them stays.
    const words = [...button.childNodes, ...[...button.children].flatMap((child) => [...child.childNodes])]
      .find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const before = words?.data;
    if (words) words.data = "Copied";
    button.classList.add("is-copied");
    announce("Copied");
    setTimeout(() => {
      if (words) words.data = before;
      button.classList.remove("is-copied");
    }, 2000);
  };

  // ---- Toasts ------------------------------------------------------------

  const LIFETIME = 6000;
  const watchToast = (toast) => {
    if (toast.dataset.watched || toast.matches(".toast-danger")) return;
    toast.dataset.watched = "true";
    let timer;
    const pause = () => clearTimeout(timer);
    const start = () => {
      pause();
      timer = setTimeout(() => toast.remove(), LIFETIME);
    };
    toast.addEventListener("mouseenter", pause);
    toast.addEventListener("focusin", pause);
    toast.addEventListener("mouseleave", () => { if (!toast.contains(document.activeElement)) start(); });
    toast.addEventListener("focusout", () => { if (!toast.matches(":hover")) start(); });
    start();
  };
  const watchToasts = () => {
    const said = new Set();
    for (const toast of document.querySelectorAll(".toast")) {
      // Once is enough for the same words.
      if (said.has(toast.textContent)) toast.remove();
      else watchToast(toast);
      said.add(toast.textContent);
    }
  };
  new MutationObserver(watchToasts).observe(document.body, { childList: true, subtree: true });
  watchToasts();
  showMarkedDialogs(document);

  // What is to be mended goes before the field where a fresh form begins.
  document.querySelector(".has-error .input")?.focus();

  // ---- Clicks ------------------------------------------------------------

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    closeMenusExcept(event.target);
    const hit = event.target.closest("[data-dialog-open], [data-dialog-close], [data-copy], .toast-close");
    if (!hit) return;
    if (hit.matches(".toast-close")) return hit.closest(".toast")?.remove();
    if (hit.dataset.copy) return void copy(hit);
    const dialog = hit.dataset.dialogOpen ? document.querySelector(hit.dataset.dialogOpen) : hit.closest("dialog[open]");
    if (!dialog) return; // a close link on a plain page simply goes where it points
    event.preventDefault();
    if (hit.dataset.dialogOpen) openDialog(dialog, hit);
    else dialog.close();
  });

  // ---- Focus -------------------------------------------------------------

  // An address that names a control: the keyboard goes on there, as after a choice that loads the page anew.
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named?.matches?.("input, select, textarea")) named.focus({ preventScroll: true });

  // What had the focus may be replaced or gone. Without it the keyboard would begin at the top again.
  const CONTROL = "a[href], button:not(:disabled), select:not(:disabled), input, textarea, summary";
  const ROW = "tr[id], li[id]";
  const nameOf = (el) => el.getAttribute("aria-label") || el.textContent.trim();
  let hadFocus, focusedId, pressed, control, neighbours;
  document.addEventListener("htmx:before:swap", (event) => {
    const { target, sourceElement, sourceEvent } = event.detail?.ctx ?? {};
    const focused = document.activeElement;
    hadFocus = target !== document.body && target?.contains(focused);
    if (!hadFocus) return;
    focusedId = focused.id;
    const source = sourceEvent?.submitter ?? sourceElement;
    pressed = source?.nodeType === Node.ELEMENT_NODE ? nameOf(source) : null;
    // The rows around the one with the focus, the next ones first, and which of its controls it was.
    const row = focused.closest(ROW);
    const rows = row ? [...row.parentElement.children].filter((other) => other.matches(ROW)) : [];
    const at = rows.indexOf(row);
    neighbours = [...rows.slice(at + 1), ...rows.slice(0, at).reverse()].map((other) => other.id);
    control = row ? [...row.querySelectorAll(CONTROL)].indexOf(focused) : -1;
  });
  const focusable = (row) => {
    row.tabIndex = -1;
    return row;
  };
  const findFocus = (target) => {
    // The same row, drawn anew.
    const same = focusedId && document.getElementById(focusedId);
    if (same) return same.matches("tr, li") ? focusable(same) : same;
    // The control of the same name, or the last one of a row: its acts are at its end.
    const controls = target ? [...target.querySelectorAll(CONTROL)].filter(visible) : [];
    const named = controls.find((el) => nameOf(el) === pressed);
    if (named) return named;
    if (target?.matches("tr, li") && controls.length) return controls.at(-1);
    // The row is gone: the same control of the next one.
    const next = neighbours.map((id) => document.getElementById(id)).find(Boolean);
    if (next) return next.querySelectorAll(CONTROL)[control] ?? focusable(next);
    return controls.at(-1) ?? document.querySelector("main");
  };

  document.addEventListener("htmx:after:swap", (event) => {
    let target = event.detail?.ctx?.target;
    // An outer swap replaces the target: what took its place usually has the same id.
    if (target && !target.isConnected) target = target.id && document.getElementById(target.id);
    if (target === rowMenu) return showRowMenu();
    if (rowMenu.matches(":popover-open")) {
      // An act from the menu has drawn its row anew.
      rowMenu.hidePopover();
      const row = menuLink?.dataset.row;
      requestAnimationFrame(() => {
        const controls = document.getElementById(row)?.querySelectorAll(CONTROL) ?? [];
        // What has the focus in a hidden menu loses it only later.
        const focused = document.activeElement;
        if (focused !== document.body && !rowMenu.contains(focused)) return;
        [...controls].at(-1)?.focus({ preventScroll: true });
      });
    }
    if (target) {
      showMarkedDialogs(target);
      target.querySelector("[data-focus], .has-error .input")?.focus();
    }
    if (hadFocus && document.activeElement === document.body) findFocus(target)?.focus({ preventScroll: true });
    if (target?.dataset.announce) announce(target.dataset.announce);
  });
})();
