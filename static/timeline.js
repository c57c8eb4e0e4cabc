/**
 * The replay bar: one notch per moment (a message, a call's end, an error), drawn under a range input, so mouse, touch
 * and keyboard all scrub. It only says which moment is meant; the page shows it.
 */
import { el, say } from "./element.js";
import { icon } from "./icons.js";
import { clockTime } from "./time.js";

const MOMENTS = new Set(["user.message", "agent.message", "call.finished", "session.error"]);
const PACE_MS = 900; // between moments while playing

export class Timeline {
  #events; #moments = []; #read = 0; #range; #canvas; #label; #time; #what; #live; #play; #onMove; #timer = 0; #seen = new Set(); #calls = new Map(); #context;

  /** `onMove(moment | null)`: {index, n, event} of the log to show, or null for now. */
  constructor(root, events, onMove) {
    this.#events = events;
    this.#onMove = onMove;
    this.#canvas = el("canvas", { "aria-hidden": "true" });
    this.#range = el("input", { type: "range", min: 0, max: 0, value: 0, disabled: true, "aria-label": "Moment of the session" });
    this.#time = el("time");
    this.#what = el("span");
    this.#label = el("output", { class: "moment" }, this.#time, this.#what);
    this.#live = el("button", { class: "live", type: "button", "aria-pressed": "true", onclick: () => this.toNow() }, el("i"), "Live");
    this.#play = el("button", { class: "quiet icon-only", type: "button", "aria-label": "Play from here", onclick: () => this.#toggle() }, icon("play"));
    root.append(this.#play, el("div", { class: "track" }, this.#canvas, this.#range), this.#label, this.#live);
    this.#range.addEventListener("input", () => (this.#pause(), this.#moveTo(Number(this.#range.value))));
    new ResizeObserver(() => this.#paint()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    new MutationObserver(() => this.#paint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  get replaying() {
    return this.#live.getAttribute("aria-pressed") === "false";
  }

  /** Take in what is new on the log. */
  advance() {
    const before = this.#moments.length;
    for (; this.#read < this.#events.length; this.#read++) this.#take(this.#events[this.#read], this.#read);
    if (this.#moments.length === before) return;
    this.#range.max = String(this.#moments.length - 1);
    this.#range.disabled = this.#moments.length < 2;
    if (!this.replaying) this.#range.value = this.#range.max;
    this.#paint();
    this.#describe();
  }

  /** Go some moments on or back. */
  step(by) {
    this.#pause();
    const at = this.replaying ? Number(this.#range.value) : this.#moments.length - 1;
    this.#moveTo(Math.max(0, Math.min(this.#moments.length - 1, at + by)));
  }

  /** Go to the moment that this log number belongs to. */
  standAt(n) {
    const at = this.#moments.findIndex((moment) => moment.n >= n);
    if (at >= 0) this.#moveTo(at);
  }

  toNow() {
    this.#pause();
    this.#range.value = this.#range.max;
    this.#live.setAttribute("aria-pressed", "true");
    this.#describe();
    this.#onMove(null);
  }

  #take(event, index) {
    const id = event.data?.id;
    const call = this.#calls.get(event.data?.call_id);
    if (call && !event.type.startsWith("call.")) call.index = index; // what a call brought may be told after its end, and is part of it
    if (!(MOMENTS.has(event.type) || byHand(event)) || (id && this.#seen.has(id))) return;
    if (id) this.#seen.add(id);
    const moment = { index, n: event.n, event };
    this.#moments.push(moment);
    if (event.type === "call.finished") this.#calls.set(event.data.call_id, moment);
  }

  #moveTo(at) {
    const moment = this.#moments[at];
    if (!moment) return;
    this.#range.value = String(at);
    this.#live.setAttribute("aria-pressed", "false");
    this.#describe();
    const index = this.#moments.reduce((most, one, i) => (i <= at && one.index > most ? one.index : most), 0); // never back while going on
    this.#onMove({ ...moment, index });
  }

  #toggle() {
    if (this.#timer) return this.#pause();
    if (!this.replaying) this.#moveTo(0);
    this.#show("pause", "Pause");
    this.#timer = setInterval(() => {
      const at = Number(this.#range.value) + 1;
      if (at >= this.#moments.length) this.#pause();
      else this.#moveTo(at);
    }, PACE_MS);
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#show("play", "Play from here");
  }

  #show(name, label) {
    if (this.#play.getAttribute("aria-label") === label) return;
    this.#play.replaceChildren(icon(name));
    this.#play.setAttribute("aria-label", label);
  }

  #describe() {
    const moment = this.#moments[Number(this.#range.value)];
    const text = moment ? `${clockTime(moment.event.at)}  ${what(moment.event)}` : "Nothing yet";
    const count = this.#moments.length;
    say(this.#time, this.replaying && moment ? clockTime(moment.event.at) : "");
    say(this.#what, this.replaying && moment ? what(moment.event) : count === 1 ? "1 moment" : `${count} moments`);
    this.#label.title = this.replaying ? text : "";
    this.#range.setAttribute("aria-valuetext", text);
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0) return;
    const scale = window.devicePixelRatio || 1;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    this.#context ??= this.#canvas.getContext("2d");
    this.#context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const colours = { call: style.getPropertyValue("--tick"), error: style.getPropertyValue("--tick-error"), said: style.getPropertyValue("--tick-said") };
    const gap = (width - 14) / Math.max(1, this.#moments.length - 1);
    this.#moments.forEach(({ event }, i) => this.#notch(7 + i * gap, height, event, colours));
  }

  #notch(x, height, { type, data }, colours) {
    const failed = type === "session.error" || data.is_error;
    const tall = type === "user.message" || failed;
    this.#context.fillStyle = failed ? colours.error : type === "call.finished" ? colours.call : colours.said;
    this.#context.fillRect(x - 1, tall ? 3 : 8, 2, height - (tall ? 6 : 16));
  }
}

/** What the operator did in a kit is a moment of its own: no call tells of it. */
const byHand = ({ data }) => data?.author === "operator" && !data.call_id;

function what({ type, data }) {
  if (type === "call.finished") return `${data.tool}${data.is_error ? " failed" : ""}`;
  if (data.author === "operator") return data.label ?? data.summary ?? "By hand";
  return { "user.message": "You wrote", "agent.message": "The agent wrote", "session.error": "Error" }[type];
}
