/** The revisions, newest first: what changed, by whom, when; compare with now, or bring back. */
import { ago, asked, el } from "./element.js";

const SHOWN = 200;

export function historyDrawer(host, { compare, close }) {
  const list = el("ol", { class: "lp-revisions" });
  const problem = el("p", { class: "lp-problem", role: "alert", hidden: true });
  const root = el("aside", { class: "lp-drawer", "aria-label": "History", hidden: true },
    el("header", {}, el("h3", { text: "History" }), close), problem, list);
  let drawn = null;

  async function restore(revision) {
    problem.hidden = true;
    try {
      await asked(host.act("page_restore", { revision }));
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  const row = (entry, newest) =>
    el("li", { class: entry.rev === newest ? "lp-now" : null },
      el("div", { class: "lp-when" }, el("b", { text: entry.rev }), el("span", { text: entry.author === "operator" ? "You" : "Agent" }), el("time", { datetime: entry.at, text: ago(entry.at), title: new Date(entry.at).toLocaleString() })),
      el("p", { text: entry.summary }),
      entry.rev === newest ? null : el("div", { class: "lp-acts" },
        el("button", { type: "button", text: "Compare", title: `Compare revision ${entry.rev} with the page now`, onclick: () => compare(entry.rev, newest) }),
        el("button", { type: "button", text: "Bring back", title: `Make revision ${entry.rev} the newest`, onclick: () => restore(entry.rev) })));

  const start = (newest) => newest === 0 ? null : el("li", {},
    el("div", { class: "lp-when" }, el("b", { text: 0 }), el("span", { text: "The empty page" })),
    el("div", { class: "lp-acts" },
      el("button", { type: "button", text: "Compare", onclick: () => compare(0, newest) }),
      el("button", { type: "button", text: "Bring back", onclick: () => restore(0) })));

  return {
    root,
    draw(state) {
      if (root.hidden || drawn === state) return;
      drawn = state;
      const entries = state.entries.slice(-SHOWN).reverse();
      list.replaceChildren(...entries.map((entry) => row(entry, state.revision)), ...[start(state.revision)].filter(Boolean));
      if (entries.length === 0) list.replaceChildren(el("li", { class: "lp-none", text: "No edits yet." }));
    },
  };
}
