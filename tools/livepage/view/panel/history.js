/** The revisions, newest first: what changed, by whom, when; show one as it was, compare it with now, or bring it back. */
import { ago, asked, el } from "./element.js";

const SHOWN = 200;

export function historyDrawer(host, { look, compare, close }) {
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

  const acts = (rev, newest) => rev === newest ? null : el("div", { class: "lp-acts" },
    el("button", { type: "button", text: "Show", title: `Show the page at revision ${rev}`, onclick: () => look(rev) }),
    el("button", { type: "button", text: "Compare", title: `Compare revision ${rev} with the page now`, onclick: () => compare(rev, newest) }),
    el("button", { type: "button", text: "Bring back", title: `Make revision ${rev} the newest`, onclick: () => restore(rev) }));

  const row = (entry, newest) => el("li", { "data-rev": entry.rev },
    el("div", { class: "lp-when" }, el("b", { text: entry.rev }), el("span", { text: entry.author === "operator" ? "You" : "Agent" }), el("time", { datetime: entry.at, text: ago(entry.at), title: new Date(entry.at).toLocaleString() })),
    el("p", { text: entry.summary }), acts(entry.rev, newest));

  const start = (newest) => el("li", { "data-rev": 0 },
    el("div", { class: "lp-when" }, el("b", { text: 0 }), el("span", { text: "The empty page" })), acts(0, newest));

  function fill({ entries, revision }) {
    const rows = entries.slice(-SHOWN).reverse().map((entry) => row(entry, revision));
    list.replaceChildren(...rows, revision === 0 ? el("li", { class: "lp-none", text: "No edits yet." }) : start(revision));
  }

  function mark(seen) {
    for (const item of list.children) {
      const here = item.dataset.rev === String(seen);
      item.classList.toggle("lp-now", here);
      if (here) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  return {
    root,
    /** `looked`: the revision in sight, null for the newest. */
    draw(state, looked) {
      if (root.hidden) return;
      if (drawn !== state) fill(state);
      drawn = state;
      mark(looked ?? state.revision);
    },
  };
}
