/** Two revisions side by side in one column: what went, what came, with a little around it. */
import "../vendor/jsdiff.js";
import { asked, el } from "./element.js";

const AROUND = 3; // equal lines shown beside a change
const LONGEST = 2_000; // lines shown

/** One element a line, so that a change is a line and not the document. */
const lined = (html) => html.replace(/>\s*</g, ">\n<");

export function comparison(host) {
  const title = el("h3", {});
  const body = el("div", { class: "lp-diff", tabindex: 0 });
  const root = el("dialog", { class: "lp-dialog lp-wide", "aria-label": "Comparison" },
    el("form", { method: "dialog" }, el("header", {}, title, el("button", { class: "lp-tool", text: "Close" })), body));

  return {
    root,
    async show(from, to) {
      title.textContent = `Revision ${from} → ${to}`;
      body.replaceChildren(el("p", { class: "lp-none", text: "Comparing…" }));
      if (!root.open) root.showModal();
      try {
        const pages = JSON.parse(await asked(host.act("page_diff", { from, to })));
        body.replaceChildren(...lines(globalThis.Diff.diffLines(lined(pages.from), lined(pages.to), { timeout: 4_000 })));
      } catch (error) {
        body.replaceChildren(el("p", { class: "lp-problem", text: error.message }));
      }
    },
  };
}

function lines(parts) {
  if (!parts) return [el("p", { class: "lp-none", text: "The two are too different to compare line by line." })];
  if (!parts.some((part) => part.added || part.removed)) return [el("p", { class: "lp-none", text: "The two are the same." })];
  const shown = parts.flatMap((part, index) => {
    const text = part.value.replace(/\n$/, "").split("\n");
    if (part.added) return text.map((line) => el("ins", { text: line || " " }));
    if (part.removed) return text.map((line) => el("del", { text: line || " " }));
    return around(text, index === 0, index === parts.length - 1);
  });
  return shown.length > LONGEST ? [...shown.slice(0, LONGEST), el("p", { class: "lp-none", text: `${shown.length - LONGEST} more lines` })] : shown;
}

function around(text, first, last) {
  const head = first ? [] : text.slice(0, AROUND);
  const tail = last ? [] : text.slice(Math.max(head.length, text.length - AROUND));
  const left = text.length - head.length - tail.length;
  const gap = left > 0 ? [el("i", { text: `${left} equal line${left === 1 ? "" : "s"}` })] : [];
  return [...head.map((line) => el("span", { text: line })), ...gap, ...tail.map((line) => el("span", { text: line }))];
}
