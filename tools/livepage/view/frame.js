/** The sandboxed frame as an object: load it, hand it changes over its port, hear what it says, keep its scroll. */
const SLOWEST_RELOAD_MS = 8_000;
const ANSWER_MS = 400; // longer than a busy page needs to say where it is scrolled to
const RENEW_MS = 300; // for the old frame's process to go

export class Frame {
  #element; #url; #on; #port = null; #scroll = null; #failures = 0; #timer = 0; #expected = false;

  /** `on.loaded(revision)`, `on.applied(id)`, `on.open(href)`, `on.picked({selector, tag, text})`, `on.ready()`, `on.where({x, y})`; all but the first may be left out. */
  constructor(element, url, on) {
    this.#element = element;
    this.#url = url;
    this.#on = on;
  }

  start() {
    addEventListener("message", this.#greet);
    this.#element.addEventListener("load", this.#watch);
    this.#load();
  }

  stop() {
    removeEventListener("message", this.#greet);
    this.#element.removeEventListener("load", this.#watch);
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = null;
  }

  /** What is in the document now; a page that hangs gets a new one. */
  get element() {
    return this.#element;
  }

  /** Whether changes can be handed over now. */
  get open() {
    return this.#port !== null;
  }

  send(order) {
    this.#port?.postMessage(order);
  }

  /** Load the newest document in a fresh realm, and scroll to where the page was. */
  reload() {
    if (!this.#port) return; // already on the way
    const port = this.#port;
    this.#port = null;
    const go = () => {
      clearTimeout(timer);
      port.close();
      this.#load();
    };
    const timer = setTimeout(() => {
      this.#renew(); // a page in an endless loop does not answer, and would hold up what comes after it
      setTimeout(go, RENEW_MS);
    }, ANSWER_MS);
    port.onmessage = ({ data }) => {
      if (data?.is !== "where") return;
      this.#scroll = { do: "scroll", x: Number(data.x) || 0, y: Number(data.y) || 0 };
      go();
    };
    port.postMessage({ do: "where" });
  }

  /** A new element in the place of the frame: the process of the old one ends with it. */
  #renew() {
    this.#element.removeEventListener("load", this.#watch);
    const fresh = this.#element.cloneNode();
    fresh.removeAttribute("src");
    this.#element.replaceWith(fresh);
    this.#element = fresh;
    setTimeout(() => fresh.addEventListener("load", this.#watch), RENEW_MS / 2);
  }

  #load() {
    this.#expected = true;
    this.#element.src = this.#url; // set anew, the same address loads again
  }

  #greet = ({ source, data, ports }) => {
    if (source !== this.#element.contentWindow || data?.glasshouse !== "frame" || this.#port || ports.length !== 1) return;
    this.#port = ports[0];
    this.#port.onmessage = ({ data: said }) => this.#hear(said);
    if (this.#scroll) this.send(this.#scroll);
    this.#scroll = null;
    this.#on.loaded(String(data.revision));
  };

  /** A load that nobody asked for: the page went elsewhere, where it may not go. Bring it back. */
  #watch = () => {
    if (!this.#expected) this.#again();
    this.#expected = false;
  };

  #again() {
    clearTimeout(this.#timer);
    const wait = Math.min(SLOWEST_RELOAD_MS, 250 * 2 ** this.#failures++); // a page that spoils every load must not spin
    this.#timer = setTimeout(() => this.reload(), wait);
  }

  /** What the frame says is said by a hostile page for all we know: only these words, only as text. */
  #hear(said) {
    if (said?.is === "applied") {
      this.#failures = 0;
      this.#on.applied?.(String(said.id));
    }
    if (said?.is === "ready") this.#on.ready?.();
    if (said?.is === "where") this.#on.where?.({ x: Number(said.x) || 0, y: Number(said.y) || 0 });
    if (said?.is === "open") this.#on.open?.(String(said.href).slice(0, 2_000));
    if (said?.is === "picked") {
      const { selector, tag, text } = said;
      this.#on.picked?.(selector === null ? null : { selector: String(selector).slice(0, 500), tag: String(tag).slice(0, 40), text: String(text).slice(0, 300) });
    }
    if (said?.is === "lost") this.#again();
  }
}
