/** The browser as people see it: what it shows now or showed then, what was just done drawn over it, and a hand on it. */
import { fold, start } from "./acts.js";
import { BrowserView } from "./view.js";

const views = new WeakMap();

export const panel = {
  icon: "M2 3.5h12v9H2zM2 6h12M4 4.8v.1M6 4.8v.1",
  start,
  fold,
  render(root, state, host) {
    if (!views.has(root)) views.set(root, new BrowserView(root));
    views.get(root).draw(state, host);
  },
  stop(root) {
    views.get(root)?.rest();
  },
};
