/** The kits of this server and their panels: modules named by GET /kits, loaded once. A broken one says so in its tab. */
import { ask } from "./api.js";
import { el } from "./element.js";

const icons = new Map();

/** What draws a kit: its panel's own path, or the name of the common drawing. */
export const kitIcon = (name) => icons.get(name) ?? "tool";

export async function loadKits({ base, readOnly }) {
  const kits = (await ask(readOnly ? `${base}/kits` : "/kits")).filter((kit) => kit.panel);
  return Promise.all(kits.map(load));
}

async function load(kit) {
  if (kit.style) document.head.append(el("link", { rel: "stylesheet", href: kit.style }));
  try {
    const { panel } = await import(kit.panel);
    if (panel.icon) icons.set(kit.name, panel.icon);
    return { ...kit, panel };
  } catch (error) {
    console.error(`The panel of ${kit.name} could not be loaded`, error);
    return { ...kit, panel: broken(kit, error) };
  }
}

const broken = (kit, error) => ({
  start: () => null,
  fold: (state) => state,
  render: (root) => root.replaceChildren(
    el("div", { class: "empty" }, el("h2", { text: `${kit.title} cannot be shown` }), el("p", { text: String(error.message) })),
  ),
});
