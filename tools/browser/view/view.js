/** The panel's parts and how a state is put into them: bar, what was done, stage (canvas, marks), earlier acts. */
import { Bar } from "./bar.js";
import { Control } from "./control.js";
import { draw as shape, line, make, say } from "./dom.js";
import { Frames } from "./frames.js";
import { Marks } from "./marks.js";
import { Watch } from "./watch.js";

const FULL = "M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";
const NOTES = 3; // of an act, shown in full; the others stand in the title of how many they are
const HAND = "M4 2.5l8 5-3.6.8L10.5 12l-1.8.8-2-3.8L4 11.5z";

export class BrowserView {
  #host = null; #state = null; #watching = false; #live = null; #drawn = null; #parts = {}; #bar; #frames; #marks; #control; #watch;

  constructor(root) {
    this.#build(root);
    this.#frames = new Frames(this.#parts.canvas, (width, height) => this.#fit(width, height));
    this.#marks = new Marks(this.#parts.marks);
    this.#watch = new Watch(this.#parts.stage, (frame) => this.#onLive(frame));
    this.#control = new Control(this.#parts.stage, this.#parts.take, {
      act: (name, input) => this.#host.act(name, input),
      viewport: () => this.#live ?? this.#state.viewport,
      tell: (text) => say(this.#parts.did, text),
      changed: (on) => this.#bar.hand(on),
    });
  }

  draw(state, host) {
    this.#state = state;
    this.#host = host;
    this.#look(!host.replaying);
    this.#control.allow(!host.readOnly && !host.replaying);
    this.#bar.draw(state, this.#live);
    this.#drawFrame(state, host);
    this.#drawAct(state, `${host.replaying} ${state.n}`);
    this.#drawRecent(state.recent);
  }

  /** Nobody looks: no frames are asked for, and the hand is taken off. */
  rest() {
    this.#look(false);
    this.#control.allow(false);
  }

  #build(root) {
    const parts = this.#parts;
    parts.take = make("button", { class: "small b-take", type: "button", "aria-label": "Take control", "aria-pressed": "false" }, line(HAND, 14), make("span", { text: "Take control" }));
    const full = make("button", { class: "quiet icon-only small", type: "button", "aria-label": "Full screen", title: "Full screen", onclick: () => this.#full() }, line(FULL, 14));
    full.hidden = !document.fullscreenEnabled; // phones that cannot: there the panel has the screen anyway
    this.#bar = new Bar((input) => this.#control.use(input), [parts.take, full]);
    parts.did = make("p", { class: "b-did", role: "status" });
    parts.notes = make("ul", { class: "b-notes" });
    parts.canvas = make("canvas", { width: 1280, height: 800, role: "img", "aria-label": "The browser's page" });
    parts.marks = shape("svg", { class: "b-marks", "aria-hidden": "true", viewBox: "0 0 1280 800" });
    parts.empty = make("div", { class: "empty b-empty" }, make("h2", { text: "No page is open yet" }), make("p", { text: "What the agent's browser shows will appear here, live." }));
    parts.stage = make("div", { class: "b-stage" }, parts.canvas, parts.marks, parts.empty);
    parts.recent = make("ol", { class: "b-recent", "aria-label": "Earlier acts, newest first" });
    parts.room = make("div", { class: "b-room" }, parts.stage, parts.recent);
    root.append(make("div", { class: "b-view" }, this.#bar.nodes, make("div", { class: "b-foot" }, parts.did, parts.notes), parts.room));
  }

  #look(wanted) {
    this.#watching = wanted;
    if (wanted) return this.#watch.start(this.#host);
    this.#watch.stop();
    this.#live = null;
  }

  #onLive({ about, blob }) {
    if (!this.#watching) return;
    this.#live = about.width ? about : null;
    this.#parts.empty.hidden = true;
    this.#parts.stage.classList.remove("blank");
    this.#frames.blob(blob, this.#live);
    this.#bar.draw(this.#state, this.#live);
  }

  /** A frame of the log is drawn once, when its act is news: after that the live view knows better. */
  #drawFrame(state, host) {
    const nothing = state.frame === null && state.page === null && !this.#live;
    this.#parts.empty.hidden = !nothing;
    this.#parts.stage.classList.toggle("blank", nothing);
    if (nothing) this.#frames.clear();
    const moment = `${host.replaying} ${state.n}`;
    if (state.frame && moment !== this.#drawn) this.#frames.file(host.fileUrl(state.frame));
    this.#drawn = moment;
    this.#parts.canvas.setAttribute("aria-label", `The browser's page: ${state.page?.title || "untitled"}`);
    this.#marks.show(moment, state.act, state.viewport, host.replaying);
  }

  #drawAct({ act, reset }, moment) {
    const { did, notes } = this.#parts;
    if (did.dataset.moment === moment) return; // what the hand was told stays until the next act
    did.dataset.moment = moment;
    say(did, act ? act.label : reset ? "The browser was reset." : "");
    did.title = act?.label ?? "";
    did.classList.toggle("failed", Boolean(act?.error));
    did.classList.toggle("by-hand", act?.author === "operator");
    const told = act?.notes ?? [];
    const rest = told.slice(NOTES);
    const more = rest.length > 0 ? make("li", { text: `${rest.length} more`, title: rest.join("\n") }) : [];
    notes.replaceChildren(...told.slice(0, NOTES).map((note) => make("li", { text: note, title: note })), ...[more].flat());
  }

  #drawRecent(recent) {
    const list = this.#parts.recent;
    if (list.dataset.newest === String(recent[0]?.n)) return;
    list.dataset.newest = String(recent[0]?.n);
    list.replaceChildren(...recent.slice(1).map(recentRow));
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

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

function recentRow({ at, label, author, error }) {
  const name = [error && "failed", author === "operator" && "by-hand"].filter(Boolean).join(" ");
  return make("li", { class: name || null }, make("time", { datetime: at, text: new Date(at).toLocaleTimeString([], CLOCK) }), make("span", { text: label }));
}
