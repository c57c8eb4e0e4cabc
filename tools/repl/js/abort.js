// Event, EventTarget, AbortController and AbortSignal, as the DOM standard has them without a tree.

class Event {
  #type; #bubbles; #cancelable; #composed; #prevented = false; #stopped = false; #ended = false; #target = null; #aimed = false; #at = now() - timeOrigin;
  constructor(type, settings = {}) {
    if (arguments.length === 0) throw missing("type");
    if (settings !== null && !isObject(settings)) throw wrongArgument("options", "of type object", settings);
    this.#type = toText(type);
    this.#bubbles = !!settings?.bubbles;
    this.#cancelable = !!settings?.cancelable;
    this.#composed = !!settings?.composed;
  }
  get type() { return this.#type; }
  get target() { return this.#target; }
  get currentTarget() { return this.#aimed ? this.#target : null; }
  get srcElement() { return this.#target; }
  get bubbles() { return this.#bubbles; }
  get cancelable() { return this.#cancelable; }
  get composed() { return this.#composed; }
  get defaultPrevented() { return this.#prevented; }
  get returnValue() { return !this.#prevented; }
  get cancelBubble() { return this.#ended; }
  set cancelBubble(end) { if (end) this.#ended = true; }
  get eventPhase() { return this.#aimed ? 2 : 0; }
  get isTrusted() { return false; }
  get timeStamp() { return this.#at; }
  composedPath() { return this.#aimed ? [this.#target] : []; }
  preventDefault() { if (this.#cancelable) this.#prevented = true; }
  stopPropagation() { this.#ended = true; }
  stopImmediatePropagation() { this.#stopped = this.#ended = true; }
  static aim(event, target) {
    if (!isObject(event) || !(#type in event)) throw wrongArgument("event", "an instance of Event", event);
    event.#target = target;
    event.#aimed = true;
  }
  static release(event) { event.#aimed = false; }
  static stopped(event) { return event.#stopped; }
}
const { aim, release, stopped } = Event;
delete Event.aim;
delete Event.release;
delete Event.stopped;
tag(Event, "Event");

class CustomEvent extends Event {
  #detail;
  constructor(type, settings = {}) {
    super(type, settings);
    this.#detail = settings?.detail ?? null;
  }
  get detail() { return this.#detail; }
}

class EventTarget {
  #listeners = list();
  addEventListener(type, listener, settings) {
    if (!isObject(listener)) return;
    const once = isObject(settings) && !!settings.once;
    for (let i = 0; i < this.#listeners.length; i++) {
      if (this.#listeners[i].listener === listener && this.#listeners[i].type === toText(type)) return;
    }
    push(this.#listeners, { __proto__: null, type: toText(type), listener, once });
    const signal = isObject(settings) ? settings.signal : undefined;
    if (isObject(signal)) signal.addEventListener("abort", () => this.removeEventListener(type, listener), { once: true });
  }
  removeEventListener(type, listener) {
    const kept = list();
    for (let i = 0; i < this.#listeners.length; i++) {
      const entry = this.#listeners[i];
      if (entry.listener !== listener || entry.type !== toText(type)) push(kept, entry);
    }
    this.#listeners = kept;
  }
  dispatchEvent(event) {
    if (arguments.length === 0) throw missing("event");
    aim(event, this);
    const called = this.#listeners;
    for (let i = 0; i < called.length && !stopped(event); i++) {
      const entry = called[i];
      if (entry.type !== event.type) continue;
      if (entry.once) this.removeEventListener(entry.type, entry.listener);
      if (typeof entry.listener === "function") contained(entry.listener, this, [event]);
      else contained(entry.listener.handleEvent, entry.listener, [event]);
    }
    release(event);
    return !event.defaultPrevented;
  }
}

const makeKey = Symbol("make");
const domException = (text, name) => new global.DOMException(text, name);

class AbortSignal extends EventTarget {
  #aborted = false; #reason; #handler = null;
  constructor(key) {
    if (key !== makeKey) throw new NativeTypeError("Illegal constructor");
    super();
  }
  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  get onabort() { return this.#handler; }
  set onabort(handler) {
    if (this.#handler !== null) this.removeEventListener("abort", this.#handler);
    this.#handler = typeof handler === "function" ? handler : null;
    if (this.#handler !== null) this.addEventListener("abort", this.#handler);
  }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }
  static abort(reason) {
    const signal = new AbortSignal(makeKey);
    end(signal, reason);
    return signal;
  }
  static timeout(ms) {
    const signal = new AbortSignal(makeKey);
    timerFunctions.setTimeout(() => end(signal, domException("The operation was aborted due to timeout", "TimeoutError")), ms);
    return signal;
  }
  static any(signals) {
    const joined = new AbortSignal(makeKey);
    for (const signal of signals) {
      if (signal.aborted) {
        end(joined, signal.reason);
        break;
      }
      signal.addEventListener("abort", () => end(joined, signal.reason), { once: true });
    }
    return joined;
  }
  static end(signal, reason) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason === undefined ? domException("This operation was aborted", "AbortError") : reason;
    signal.dispatchEvent(new Event("abort"));
  }
}
const { end } = AbortSignal;
delete AbortSignal.end;

class AbortController {
  #signal = new AbortSignal(makeKey);
  get signal() { return this.#signal; }
  abort(reason) { end(this.#signal, reason); }
}

tag(EventTarget, "EventTarget");
tag(AbortSignal, "AbortSignal");
tag(AbortController, "AbortController");
define(global, "Event", Event);
define(global, "CustomEvent", CustomEvent);
define(global, "EventTarget", EventTarget);
define(global, "AbortSignal", AbortSignal);
define(global, "AbortController", AbortController);
