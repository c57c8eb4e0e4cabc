/** One entry of the notebook: number, code, console by level, result or error, what is left over. */
import { highlight } from "/static/code.js";
import { make } from "./dom.js";
import { isBranch, treeNode } from "./tree.js";

const SHOWN_LINES = 14; // of a result; the rest on request
const BADGES = { warn: "warning", error: "error" };

export function entryNode(entry) {
  if (entry.kind === "note") return make("p", { class: "r-note", text: entry.text });
  const failed = entry.error !== null && entry.error !== undefined;
  return make("article", { class: `r-entry${failed ? " failed" : ""}${entry.author === "operator" ? " by-hand" : ""}`, "aria-label": `Entry ${entry.n}` },
    make("p", { class: "r-number", text: `${entry.n}`, title: `REPL${entry.n}${entry.author === "operator" ? ", run by you" : ""}` }),
    make("div", { class: "r-cell" }, codeNode(entry.code, entry.error?.line), consoleNode(entry.console ?? []),
      failed ? errorNode(entry.error) : resultNode(entry), pendingNode(entry)));
}

export const runningNode = (code) =>
  make("article", { class: "r-entry running", "aria-label": "Running" }, make("p", { class: "r-number", text: "▸" }), make("div", { class: "r-cell" }, codeNode(code)));

/** The code, with the line of the error marked where there is one. */
function codeNode(code, badLine) {
  const above = code.match(/^(\s*\n)*/)[0]; // empty lines that only hold the call's code apart
  const shown = code.slice(above.length).trimEnd();
  const pre = make("pre", { class: "r-code", tabindex: 0 }, highlight(shown, "javascript"));
  const line = badLine - above.split("\n").length;
  if (!(line >= 0 && line < shown.split("\n").length)) return pre;
  const mark = make("i", { class: "r-bad-line", "aria-hidden": "true" });
  mark.style.setProperty("--line-number", String(line));
  pre.append(mark);
  return pre;
}

function consoleNode(lines) {
  if (lines.length === 0) return null;
  return make("ul", { class: "r-console" }, lines.map(({ level, text }) =>
    make("li", { class: level in BADGES ? level : null }, BADGES[level] ? make("span", { class: "r-level", text: BADGES[level] }) : null, make("pre", { text }))));
}

/** As a tree where the event has one: closed under the result's text if that is one line, else with its first level open. */
function resultNode({ result, tree }) {
  const long = !result || result.includes("\n");
  if (isBranch(tree)) return treeNode(long ? tree : { ...tree, text: result }, { open: long });
  if (result === null || result === undefined) return null;
  if (result === "undefined") return make("p", { class: "r-left", text: "undefined" });
  return folded(result, "r-result", (text) => highlight(text, "javascript"));
}

function errorNode({ text, line, column }) {
  const where = line ? `line ${line}${column ? `, column ${column}` : ""}` : null;
  return make("div", { class: "r-error" }, folded(text, "r-error-text", (part) => document.createTextNode(part)), where ? make("small", { text: where }) : null);
}

function folded(text, name, write) {
  const lines = text.split("\n");
  const pre = make("pre", { class: name, tabindex: 0 }, write(lines.slice(0, SHOWN_LINES).join("\n")));
  if (lines.length <= SHOWN_LINES + 2) {
    pre.replaceChildren(write(text));
    return pre;
  }
  const more = make("button", { class: "quiet small", type: "button", text: `Show all ${lines.length} lines` });
  more.addEventListener("click", () => (pre.replaceChildren(write(text)), more.remove()));
  return make("div", {}, pre, more);
}

function pendingNode({ pending, ms }) {
  const left = Array.isArray(pending) ? pending.join(", ") : typeof pending === "number" ? (pending ? `${pending} timer${pending > 1 ? "s" : ""} pending` : "") : typeof pending === "string" ? pending : "";
  const time = typeof ms === "number" && ms >= 100 ? `${(ms / 1000).toFixed(1)} s` : "";
  const text = [left, time].filter(Boolean).join(" · ");
  return text ? make("p", { class: "r-left", text }) : null;
}
