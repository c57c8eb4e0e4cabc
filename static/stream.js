/**
 * The session's events as an object: open, deliver, notice silence, reconnect after the last number, fill gaps, close.
 * Read with fetch, not EventSource: types the page does not know must arrive as well, and the position is ours to say.
 */
import { request } from "./early.js";
import { createParser } from "./vendor/eventsource-parser.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const SILENCE_MS = 45_000; // the server's keep-alive comments come well within this

export class Stream {
  #url; #deliver; #tell; #last; #abort = null; #timer = 0; #watchdog = 0; #failures = 0; #running = false;
  #missing = false; #askedAfter = new Set(); #first;

  /**
   * `deliver({events, passing})` per chunk; `tell({name, error?, retryInMs?})`: connecting, open, waiting, refused, closed.
   * `first` is the request that is under way already.
   */
  constructor(url, { deliver, tell, first = null, after = 0 }) {
    this.#url = url;
    this.#deliver = deliver;
    this.#tell = tell;
    this.#last = after;
    this.#first = first;
  }

  get last() {
    return this.#last;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    window.addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#connect();
  }

  stop() {
    this.#running = false;
    window.removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    clearTimeout(this.#timer);
    this.#cut();
    this.#tell({ name: "closed" });
  }

  async #connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#missing = false;
    const { answer, abort } = this.#first ?? request(this.#url, this.#last);
    this.#first = null;
    this.#abort = abort;
    this.#tell({ name: "connecting" });
    try {
      const response = await answer;
      if ([401, 403, 404, 410].includes(response.status)) return this.#refused(response);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      this.#failures = 0;
      this.#tell({ name: "open" });
      await this.#read(response.body);
      throw new Error("the stream ended");
    } catch (error) {
      if (this.#running) this.#retry(error);
    }
  }

  async #read(body) {
    let batch = { events: [], passing: [] };
    const parser = createParser({ onEvent: (message) => this.#sort(message, batch) });
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      this.#expectMore();
      const { value, done } = await reader.read();
      if (done) return;
      parser.feed(value);
      if (batch.events.length + batch.passing.length > 0) this.#deliver(batch);
      batch = { events: [], passing: [] };
      if (this.#missing) throw new Error("a number was missing");
    }
  }

  /** Numbers only grow: one that was seen is dropped, one that is missing is asked for again. */
  #sort({ data, event }, batch) {
    const message = parse(data);
    if (message === null || this.#missing) return;
    if (typeof message.n !== "number") {
      batch.passing.push({ type: message.type ?? event, data: message.data ?? message });
    } else if (this.#isGap(message.n)) {
      this.#missing = true;
    } else if (message.n > this.#last) {
      this.#last = message.n;
      batch.events.push(message);
    }
  }

  /** A gap that is still there after asking again is the log's own (a shared view may leave events out). */
  #isGap(n) {
    if (this.#last === 0 || n <= this.#last + 1 || this.#askedAfter.has(this.#last)) return false;
    this.#askedAfter.add(this.#last);
    return true;
  }

  #expectMore() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#cut(), SILENCE_MS);
  }

  #cut() {
    clearTimeout(this.#watchdog);
    this.#abort?.abort();
  }

  #retry(error) {
    this.#cut();
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    const retryInMs = longest * (0.5 + Math.random() / 2);
    this.#tell({ name: "waiting", error, retryInMs });
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
  }

  async #refused(response) {
    this.#running = false;
    const answer = await response.json().catch(() => null);
    this.#tell({ name: "refused", status: response.status, message: answer?.error?.message });
  }

  #hurry = () => {
    if (this.#timer && navigator.onLine && !document.hidden) this.#connect();
  };
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null; // not ours: a proxy's notice, a truncated line
  }
}
