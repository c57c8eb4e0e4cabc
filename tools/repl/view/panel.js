/** The REPL as a notebook: entries with console, result or error, the symbols beside them, a line for the operator. */
import { fold, start } from "./notebook.js";
import { ReplView } from "./view.js";

const views = new WeakMap();

export const panel = {
  icon: "M2.5 3.5h11v9h-11zM5 6.5l2 1.5-2 1.5M8.5 10H11",
  start,
  fold,
  render(root, state, host) {
    if (!views.has(root)) views.set(root, new ReplView(root));
    views.get(root).draw(state, host);
  },
};
