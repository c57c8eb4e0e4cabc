/** The kits of this server and their panels: modules named by GET /kits, loaded once. A broken one says so in its tab. */
import { ask } from "./api.js";
import { el } from "./element.js";

const icons = new Map();

/** What draws a kit: its panel's own path, or the name of the common drawing. */
export const kitIcon = (name) => icons.get(name) ?? "tool";

export async function loadKits({ base, readOnly }) {
  const kits = (await ask(readOnly ? `${base}/kits` : "/kits")).filter((kit) => kit.panel);
  return Promise.all(kits.map((kit) => load(kit)));
}

/** A module that failed is asked for under another address: the browser remembers failures by address. */
async function load(kit, attempt = 0) {
  try {
    if (kit.style && attempt === 0) document.head.append(el("link", { rel: "stylesheet", href: kit.style }));
    const { panel } = await import(attempt === 0 ? kit.panel : `${kit.panel}?attempt=${attempt}`);
    if (panel.icon) icons.set(kit.name, panel.icon);
    return { ...kit, panel };
  } catch (error) {
    console.error(`The panel of ${kit.name} could not be loaded`, error);
    return { ...kit, panel: broken(kit, error), again: () => load(kit, attempt + 1) };
  }
}

const broken = ({ title }, error) => ({
  start: () => null,
  fold: (state) => state,
  render: (root) => root.firstChild ?? root.append(el("div", { class: "empty" },
    el("h2", { text: `${title} cannot be shown` }), el("p", { text: String(error.message) }),
    el("button", { type: "button", text: "Try again", onclick: () => root.dispatchEvent(new CustomEvent("again")) }))),
});
