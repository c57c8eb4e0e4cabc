/** The panel's parts and how a state is put into them: bar, stage (canvas, marks), what was done. */
import { Control } from "./control.js";
import { line, make, draw as shape, say } from "./dom.js";
import { Frames } from "./frames.js";
import { Marks } from "./marks.js";

const FULL = "M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
const HAND = "M4 2.5l8 5-3.6.8L10.5 12l-1.8.8-2-3.8L4 11.5z";

export class BrowserView {
  #root; #host = null; #state = null; #stopLive = null; #live = null; #parts = {}; #frames; #marks; #control;

  constructor(root) {
    this.#root = root;
    this.#build();
    this.#frames = new Frames(this.#parts.canvas, (width, height) => this.#fit(width, height));
    this.#marks = new Marks(this.#parts.marks);
    this.#control = new Control(this.#parts.stage, this.#parts.take, {
      act: (name, input) => this.#host.act(name, input),
      viewport: () => this.#live ?? this.#state.viewport,
      tell: (text) => this.#tell(text),
    });
  }

  draw(state, host) {
    this.#state = state;
    this.#host = host;
    this.#watch(!host.replaying);
    this.#control.allow(!host.readOnly && !host.replaying);
    this.#drawBar(state);
    this.#drawFrame(state, host);
    this.#drawAct(state);
    this.#drawRecent(state.recent);
  }

  /** Nobody looks: no frames are asked for, and the hand is taken off. */
  rest() {
    this.#watch(false);
    this.#control.allow(false);
  }

  #build() {
    const parts = this.#parts;
    parts.tabs = make("ul", { class: "b-tabs", "aria-label": "Open tabs" });
    parts.address = make("p", { class: "b-address" });
    parts.loading = make("i", { class: "b-loading", hidden: true, title: "Loading" });
    parts.counts = make("p", { class: "b-counts", hidden: true });
    parts.take = make("button", { class: "small b-take", type: "button", "aria-label": "Take control", "aria-pressed": "false" }, line(HAND, 14), make("span", { text: "Take control" }));
    parts.full = make("button", { class: "quiet icon-only small", type: "button", "aria-label": "Full screen", title: "Full screen", onclick: () => this.#full() }, line(FULL, 14));
    parts.canvas = make("canvas", { width: 1280, height: 800, role: "img", "aria-label": "The browser's page" });
    parts.marks = shape("svg", { class: "b-marks", "aria-hidden": "true", viewBox: "0 0 1280 800" });
    parts.empty = make("div", { class: "empty b-empty" }, make("h2", { text: "No page is open yet" }), make("p", { text: "What the agent's browser shows will appear here, live." }));
    parts.stage = make("div", { class: "b-stage" }, parts.canvas, parts.marks, parts.empty);
    parts.recent = make("ol", { class: "b-recent", "aria-label": "Earlier acts, newest first" });
    parts.room = make("div", { class: "b-room" }, parts.stage, parts.recent);
    parts.did = make("p", { class: "b-did", role: "status" });
    parts.notes = make("ul", { class: "b-notes" });
    this.#root.append(make("div", { class: "b-view" },
      parts.tabs,
      make("div", { class: "b-bar" }, parts.loading, parts.address, parts.counts, parts.take, parts.full),
      make("div", { class: "b-foot" }, parts.did, parts.notes),
      parts.room));
  }

  #watch(wanted) {
    if (wanted && !this.#stopLive) this.#stopLive = this.#host.live("browser", (frame) => this.#onLive(frame));
    if (!wanted && this.#stopLive) {
      this.#stopLive();
      this.#stopLive = null;
      this.#live = null;
    }
  }

  #onLive({ about, blob }) {
    if (!this.#stopLive) return;
    this.#live = about.width ? { width: about.width, height: about.height, ...about } : null;
    this.#parts.empty.hidden = true;
    this.#frames.blob(blob);
    this.#drawBar(this.#state);
  }

  #drawBar({ page, counts }) {
    const { address, loading, tabs, counts: badge } = this.#parts;
    const url = this.#live?.url ?? page?.url ?? "";
    say(address, url || "about:blank");
    address.title = this.#live?.title ?? page?.title ?? "";
    loading.hidden = !this.#live?.loading;
    this.#drawTabs(tabs, page?.tabs ?? []);
    const { console_errors: errors = 0, failed_requests: failed = 0 } = counts ?? {};
    badge.hidden = errors + failed === 0;
    const words = [errors && `${errors} console error${errors > 1 ? "s" : ""}`, failed && `${failed} failed request${failed > 1 ? "s" : ""}`];
    say(badge, String(errors + failed));
    badge.title = words.filter(Boolean).join(", ");
    badge.setAttribute("aria-label", badge.title);
  }

  #drawTabs(list, tabs) {
    const key = JSON.stringify(tabs);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    list.replaceChildren(...tabs.map((tab) => make("li", { title: tab.url, "aria-current": tab.active ? "page" : null, text: tab.title || tab.url || "New tab" })));
  }

  #drawFrame(state, host) {
    const nothing = state.frame === null && state.page === null && !this.#live;
    this.#parts.empty.hidden = !nothing;
    if (nothing) this.#frames.clear();
    this.#parts.stage.classList.toggle("blank", nothing);
    if (state.frame && (host.replaying || state.n !== this.#drawnAt)) this.#frames.file(host.fileUrl(state.frame));
    this.#drawnAt = host.replaying ? -1 : state.n;
    this.#parts.canvas.setAttribute("aria-label", `The browser's page: ${state.page?.title || "untitled"}`);
    this.#marks.show(host.replaying ? `r${state.n}` : state.n, state.act, state.viewport, host.replaying);
  }

  #drawnAt = 0;

  #drawRecent(recent) {
    const list = this.#parts.recent;
    if (list.dataset.newest === String(recent[0]?.n)) return;
    list.dataset.newest = String(recent[0]?.n);
    const rows = recent.slice(1).map(({ at, label, author, error }) => make("li", { class: [error && "failed", author === "operator" && "by-hand"].filter(Boolean).join(" ") },
      make("time", { datetime: at, text: new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }) }), make("span", { text: label })));
    list.replaceChildren(...rows);
  }

  #drawAct({ act, reset }) {
    const { did, notes } = this.#parts;
    say(did, act ? act.label : reset ? "The browser was reset." : "");
    did.classList.toggle("failed", Boolean(act?.error));
    did.classList.toggle("by-hand", act?.author === "operator");
    const key = JSON.stringify(act?.notes ?? []);
    if (notes.dataset.key === key) return;
    notes.dataset.key = key;
    notes.replaceChildren(...(act?.notes ?? []).map((note) => make("li", { text: note })));
  }

  #tell(text) {
    say(this.#parts.did, text);
  }

  #fit(width, height) {
    this.#parts.stage.style.setProperty("--ratio", `${width} / ${height}`);
    this.#parts.stage.style.setProperty("--shape", String(width / height));
  }

  #full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.#parts.room.requestFullscreen?.();
  }
}
