/**
 * The tools' side: a tab and a panel per kit. The shown panel is the one the agent uses, until the reader chooses a tab;
 * "Follow the agent" gives the choice back. A panel that is not shown folds but does not draw; a dot tells of news.
 */
import { el } from "./element.js";
import { Fold } from "./fold.js";
import { hostFor, replayHost } from "./host.js";
import { icon } from "./icons.js";

const CALM_MS = 1_500; // a panel that came to the front by itself stays at least so long, however fast the agent changes tools

export class Panels {
  #tabs; #area; #host; #views = new Map(); #shown = null; #chosen = false; #moment = null; #follow; #onChoose;
  #events = []; #wanted = null; #since = -Infinity; #timer = 0;

  constructor({ tabs, area, follow, host, onChoose = () => {} }) {
    this.#tabs = tabs;
    this.#area = area;
    this.#host = host;
    this.#follow = follow;
    this.#onChoose = onChoose;
    tabs.addEventListener("keydown", this.#onKey);
    follow.addEventListener("click", () => this.#giveBack());
  }

  open(kits, events) {
    for (const kit of kits) {
      const tab = el("button", {
        class: "tab", type: "button", role: "tab", id: `tab-${kit.name}`, "aria-controls": `panel-${kit.name}`, "aria-selected": "false",
        tabindex: -1, onclick: () => this.choose(kit.name),
      }, icon(kit.panel.icon ?? "tool"), el("span", { text: kit.title }), el("i", { class: "dot", "aria-hidden": "true" }));
      const root = el("section", {
        class: `panel panel-${kit.name}`, role: "tabpanel", id: `panel-${kit.name}`, "aria-labelledby": tab.id, tabindex: 0, hidden: true,
      });
      this.#tabs.append(tab);
      this.#area.append(root);
      root.addEventListener("again", () => this.retry());
      const fold = new Fold(kit.panel, events);
      fold.advance(); // what came before the panel is no news
      this.#views.set(kit.name, { kit, tab, root, fold, ...hosts(kit.name, this.#host) });
    }
    this.#events = events;
    if (kits.length > 0) this.#show(kits[0].name);
  }

  /** Load the panels that could not be loaded once more; what happened meanwhile is in the log. */
  async retry() {
    const broken = [...this.#views.values()].filter((view) => view.kit.again);
    await Promise.all(broken.map(async (view) => {
      view.kit = await view.kit.again();
      view.fold = new Fold(view.kit.panel, this.#events);
      view.fold.advance();
      view.root.replaceChildren();
      view.tab.firstChild.replaceWith(icon(view.kit.panel.icon ?? "tool"));
    }));
    if (broken.length > 0) this.#draw();
  }

  get names() {
    return [...this.#views.keys()];
  }

  get shown() {
    return this.#shown;
  }

  choose(name) {
    this.#chosen = true;
    this.#follow.hidden = false;
    this.#show(name);
    this.#onChoose(name);
  }

  /**
   * Fold what has arrived, follow the agent, draw what is seen. `used`: the kits of the calls that started just now;
   * `news`: what arrived happened now, so a panel that is not seen gets its dot.
   */
  advance(used, { news }) {
    const last = used.findLast((name) => this.#views.has(name));
    for (const view of this.#views.values()) {
      const changed = view.fold.advance();
      if (changed && news && view.root.hidden) view.tab.classList.add("news");
    }
    if (last) this.#want(last);
    if (this.#moment === null) this.#draw();
  }

  /** Bring the agent's tool to the front: now, or when the one in front has been seen for a while. */
  #want(name) {
    this.#wanted = name;
    clearTimeout(this.#timer);
    const rest = this.#since + CALM_MS - performance.now();
    if (rest > 0 && name !== this.#shown) this.#timer = setTimeout(() => this.#want(name), rest);
    else if (!this.#chosen && this.#moment === null && name !== this.#shown) {
      this.#since = performance.now();
      this.#show(name);
    }
  }

  /** Mark the tabs whose kit is working now. */
  working(names) {
    for (const [name, { tab }] of this.#views) tab.classList.toggle("working", names.has(name));
  }

  /** Replay: show the state after the first `count` events; null is now. `kit`, if given, comes to the front. */
  standAt(count, kit = null) {
    this.#moment = count;
    if (kit && this.#views.has(kit) && kit !== this.#shown) this.#show(kit);
    else this.#draw();
  }

  #giveBack() {
    this.#chosen = false;
    this.#follow.hidden = true;
    if (this.#wanted) this.#want(this.#wanted);
  }

  #show(name) {
    const next = this.#views.get(name);
    const previous = this.#views.get(this.#shown);
    if (previous && previous !== next) this.#hide(previous);
    this.#shown = name;
    next.root.hidden = false;
    next.tab.setAttribute("aria-selected", "true");
    next.tab.tabIndex = 0;
    next.tab.classList.remove("news");
    this.#draw();
  }

  #hide(view) {
    view.root.hidden = true;
    view.tab.setAttribute("aria-selected", "false");
    view.tab.tabIndex = -1;
    view.kit.panel.stop?.(view.root);
  }

  #draw() {
    const view = this.#views.get(this.#shown);
    if (!view) return;
    const replaying = this.#moment !== null;
    const state = replaying ? view.fold.at(this.#moment) : view.fold.at();
    view.kit.panel.render(view.root, state, replaying ? view.past : view.host);
  }

  #onKey = (event) => {
    const tabs = [...this.#tabs.querySelectorAll("[role=tab]")].filter((tab) => tab.offsetParent !== null);
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length };
    if (!(event.key in steps) || !event.target.matches("[role=tab]")) return;
    const at = tabs.indexOf(event.target) + steps[event.key];
    const to = Math.abs(steps[event.key]) > 1 ? Math.min(Math.max(at, 0), tabs.length - 1) : (at + tabs.length) % tabs.length;
    event.preventDefault();
    tabs[to].focus();
    tabs[to].click();
  };
}

/** Made once each: a panel may keep what it opened for as long as its host is the same. */
function hosts(kit, shared) {
  const host = hostFor(kit, shared);
  return { host, past: replayHost(host) };
}
