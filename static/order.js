// Rows that people put in order: dragged by their handle, or moved with Alt and an arrow key. Without
// this file, and for fingers, the menu of each row moves it.
"use strict";
(() => {
  const LIST = "[data-order]";
  const rowsOf = (list) => [...list.children];
  const idOf = (row) => row.id.replace(/^.*?-/, "");

  // The row is where it belongs; the server is told, and its answer replaces the list.
  const send = (row, fields) => {
    const list = row.closest(LIST);
    const form = row.querySelector("form");
    const target = `#${list.parentElement.id}`;
    const values = { csrf: form.elements.csrf.value, view: form.elements.view.value, ...fields };
    htmx.ajax("POST", list.dataset.order.replace("{id}", idOf(row)), { source: list, target, swap: "outerHTML", values });
  };

  // ---- Dragging ----------------------------------------------------------

  let row, startY, startAt;
  const stop = () => {
    row?.classList.remove("is-dragged");
    // htmx would copy an empty style to the new row, which the policy forbids.
    row?.style.removeProperty("transform");
    if (row?.getAttribute("style") === "") row.removeAttribute("style");
    row = undefined;
  };
  const putBack = () => {
    const list = row.parentElement;
    list.insertBefore(row, rowsOf(list).filter((other) => other !== row)[startAt] ?? null);
    stop();
  };
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.(".task-handle");
    if (!handle || event.button) return;
    event.preventDefault();
    row = handle.closest("li");
    startY = event.clientY;
    startAt = rowsOf(row.parentElement).indexOf(row);
    row.classList.add("is-dragged");
    handle.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!row) return;
    const list = row.parentElement;
    const middle = (other) => { const box = other.getBoundingClientRect(); return box.top + box.height / 2; };
    const before = row.previousElementSibling;
    const after = row.nextElementSibling;
    const height = row.offsetHeight;
    if (before && event.clientY < middle(before)) {
      startY -= before.offsetHeight;
      list.insertBefore(row, before);
    } else if (after && event.clientY > middle(after)) {
      startY += after.offsetHeight;
      list.insertBefore(after, row);
    }
    const most = (list.children.length + 1) * height;
    row.style.transform = `translateY(${Math.max(-most, Math.min(most, event.clientY - startY))}px)`;
  });
  document.addEventListener("pointerup", () => {
    if (!row) return;
    const moved = row;
    const isElsewhere = rowsOf(moved.parentElement).indexOf(moved) !== startAt;
    const next = moved.nextElementSibling;
    stop();
    if (isElsewhere) send(moved, { before: next ? idOf(next) : "end" });
  });
  document.addEventListener("pointercancel", () => { if (row) putBack(); });

  // ---- From column to column ----------------------------------------------

  let card;
  const columnOf = (event) => card && event.target.closest?.("[data-column]");
  const leave = () => document.querySelectorAll(".is-over").forEach((column) => column.classList.remove("is-over"));
  document.addEventListener("dragstart", (event) => {
    card = event.target.closest?.("[data-path]");
    if (card) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const column = columnOf(event);
    leave();
    if (!column) return;
    event.preventDefault();
    column.classList.add("is-over");
  });
  document.addEventListener("drop", (event) => {
    const column = columnOf(event);
    leave();
    if (!column) return;
    event.preventDefault();
    if (column.contains(card)) return;
    const from = card.parentElement;
    column.prepend(card);
    const values = { csrf: document.querySelector("input[name=csrf]").value, view: "all", status: column.dataset.column };
    // The page is loaded again; until then, and if it fails, it says what is so.
    htmx.ajax("POST", `${card.dataset.path}/properties`, { source: card, target: card, swap: "none", values })
      .catch(() => from.prepend(card));
  });
  document.addEventListener("dragend", () => { card = undefined; leave(); });

  // ---- Keys --------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && row) return putBack();
    const direction = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const own = event.target.closest?.(`${LIST} > li`);
    if (!event.altKey || !direction || !own || !own.querySelector("form")) return;
    event.preventDefault();
    send(own, { direction });
  });
})();
