// Event, EventTarget, AbortController and AbortSignal, as the DOM standard has them without a tree.

class Event {
  #type; #cancelable; #prevented = false; #stopped = false; #target = null;
  constructor(type, settings = {}) {
    this.#type = toText(type);
    this.#cancelable = !!settings?.cancelable;
  }
  get type() { return this.#type; }
  get target() { return this.#target; }
  get currentTarget() { return this.#target; }
  get cancelable() { return this.#cancelable; }
  get defaultPrevented() { return this.#prevented; }
  preventDefault() { if (this.#cancelable) this.#prevented = true; }
  stopPropagation() {}
  stopImmediatePropagation() { this.#stopped = true; }
  static aim(event, target) { event.#target = target; }
  static stopped(event) { return event.#stopped; }
}
const { aim, stopped } = Event;
delete Event.aim;
delete Event.stopped;

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
    aim(event, this);
    const called = this.#listeners;
    for (let i = 0; i < called.length && !stopped(event); i++) {
      const entry = called[i];
      if (entry.type !== event.type) continue;
      if (entry.once) this.removeEventListener(entry.type, entry.listener);
      contained(typeof entry.listener === "function" ? entry.listener : entry.listener.handleEvent, this, [event]);
    }
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

define(global, "Event", Event);
define(global, "CustomEvent", CustomEvent);
define(global, "EventTarget", EventTarget);
define(global, "AbortSignal", AbortSignal);
define(global, "AbortController", AbortController);
