/** The live page's panel: the page itself, live or as it was, and what the operator can do with it. */
import { PageView } from "./panel/view.js";

const views = new WeakMap();

export const panel = {
  icon: "M4 1.8h5.2L12.5 5v9.2H4zM9 1.8V5.2h3.5M6.2 8h4.2M6.2 10.8h4.2",
  start: () => ({ revision: 0, epoch: "0", entries: [] }),
  fold: (state, { type, at, data }) => {
    if (type === "livepage.reset") return panel.start();
    if (type !== "livepage.edited") return state;
    const { revision, epoch, author, tool, summary } = data;
    return { revision, epoch, entries: [...state.entries, { rev: revision, at, author, tool, summary }] };
  },
  render: (root, state, host) => {
    if (!views.has(root)) views.set(root, new PageView(root, state, host));
    views.get(root).draw(state, host);
  },
  stop: (root) => {
    views.get(root)?.stop();
    views.delete(root);
  },
};
