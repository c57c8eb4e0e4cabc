/**
 * The page as it was: one revision at a time, laid over the live page in a sandboxed frame of its own. The one before
 * stays in sight until the next is drawn, so that scrubbing does not flicker; of many asked for at once the last counts.
 */
import { Frame } from "./frame.js";

const SLOWEST_MS = 1_500; // then what there is of a page is shown, or the next one loaded

export class Past {
  #live; #url; #on; #wanted = null; #coming = null; #shown = null; #timer = 0; #place = null;

  /** `live` is the live page's frame; `on.shown(revision)`, `on.gone(revision, why)`, `on.open(href)`. */
  constructor(live, url, on) {
    this.#live = live;
    this.#url = url;
    this.#on = on;
  }

  /** Show a revision (`epoch:rev`); null: the live page again. */
  show(revision) {
    this.#wanted = revision;
    if (revision === null) this.#clear();
    else if (!this.#coming) this.#next();
  }

  #next() {
    const revision = this.#wanted;
    clearTimeout(this.#timer);
    this.#drop(this.#coming);
    this.#coming = null;
    if (revision === null || revision === this.#shown?.revision) return;
    this.#shown?.frame.send({ do: "where" });
    this.#coming = this.#load(revision);
    this.#timer = setTimeout(() => this.#hurry(), SLOWEST_MS);
  }

  /** It takes long: another one is wanted by now, or what there is of this one will do, or there is nothing of it yet. */
  #hurry() {
    if (this.#wanted !== this.#coming.revision) this.#next();
    else if (this.#coming.frame.open) this.#arrived(this.#coming);
    else this.#timer = setTimeout(() => this.#hurry(), SLOWEST_MS);
  }

  #load(revision) {
    const element = this.#live().cloneNode();
    element.removeAttribute("src");
    element.className = "frame past coming";
    this.#live().parentElement.append(element);
    const url = `${this.#url}?revision=${encodeURIComponent(revision)}`;
    const one = { revision };
    one.frame = new Frame(element, url, {
      loaded: () => this.#place && one.frame.send({ do: "scroll", ...this.#place }),
      ready: () => this.#arrived(one),
      where: (place) => this.#shown === one && (this.#place = place),
      open: (href) => this.#on.open(href),
    });
    element.addEventListener("load", () => this.#check(one, url));
    one.frame.start();
    return one;
  }

  #arrived(one) {
    if (one !== this.#coming) return;
    const before = this.#shown;
    clearTimeout(this.#timer);
    this.#coming = null;
    this.#shown = one;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      one.frame.element.classList.remove("coming");
      this.#drop(before);
    }));
    this.#on.shown(one.revision);
    this.#next();
  }

  /** What came may be no page but a refusal: then the server says why. */
  async #check(one, url) {
    if (one !== this.#coming || one.frame.open) return;
    const why = await refusal(url);
    if (one !== this.#coming || why === null) return;
    this.#drop(this.#shown);
    this.#shown = null;
    this.#on.gone(one.revision, why);
    if (this.#wanted === one.revision) this.#wanted = null;
    this.#next();
  }

  #clear() {
    clearTimeout(this.#timer);
    this.#drop(this.#coming);
    this.#drop(this.#shown);
    this.#coming = this.#shown = this.#place = null;
  }

  #drop(one) {
    one?.frame.stop();
    one?.frame.element.remove();
  }
}

async function refusal(url) {
  const answer = await fetch(url, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) return null;
  const said = await answer?.json().catch(() => null);
  return said?.error?.message ?? "The server cannot be reached.";
}
