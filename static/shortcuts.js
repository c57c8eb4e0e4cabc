/** Keys for everything, and the sheet that lists them. Letters do nothing while somebody writes. */
import { el } from "./element.js";

const WRITING = "input:not([type=range]), textarea, select, [contenteditable=true], [data-takes-keys]";

/** `keys`: [{key, label, does}]; a key is matched against event.key. */
export function shortcuts(keys) {
  const sheet = makeSheet(keys);
  document.body.append(sheet);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest(WRITING) && event.key !== "Escape") return;
    if (document.querySelector("dialog[open]")) return;
    const found = event.key === "?" ? { does: () => sheet.showModal() } : keys.find(({ key }) => key === event.key);
    if (!found) return;
    if (found.does(event) !== false) event.preventDefault();
  });
  return sheet;
}

function makeSheet(keys) {
  const rows = [{ key: "?", label: "This sheet" }, ...keys.filter(({ label }) => label)];
  const list = rows.map(({ key, shown, label }) => el("div", {}, el("dt", {}, el("kbd", { text: shown ?? key })), el("dd", { text: label })));
  const close = el("button", { type: "submit", class: "primary", text: "Close" });
  const form = el("form", { method: "dialog" }, el("h2", { id: "sheet-title", text: "Keys" }), el("dl", { class: "keys" }, list), el("menu", {}, close));
  const sheet = el("dialog", { class: "dialog", "aria-labelledby": "sheet-title" }, form);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  return sheet;
}
