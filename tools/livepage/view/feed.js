/**
 * The page's events. One tab of a browser holds the stream and hands its events to the others: HTTP/1.1 allows six
 * connections, and the seventh tab would not even load. When that tab closes, the next one takes over.
 */
const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 12_000;
const SILENCE_MS = 40_000; // the server says something every 15 s

export class Feed {
  #base; #since; #deliver; #tell; #source = null; #failures = 0; #timer = 0; #watchdog = 0; #over = false;
  #channel; #leads = false; #state = "connecting"; #viewers = null; #release = () => {};

  /** `since()` is the revision shown; `deliver({name, data, id})` an event; `tell(state)`: live, reconnecting, revoked. */
  constructor(base, { since, deliver, tell }) {
    this.#base = base;
    this.#since = since;
    this.#deliver = deliver;
    this.#tell = tell;
    this.#channel = new BroadcastChannel(`glasshouse ${base}`);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
  }

  start() {
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pageshow", this.#look);
    addEventListener("online", this.#look);
    if (!navigator.locks) return this.#lead(); // not over plain HTTP: each tab for itself
    this.#channel.postMessage({ ask: true });
    navigator.locks.request(`glasshouse ${this.#base}`, () => this.#lead());
  }

  stop() {
    this.#over = true;
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pageshow", this.#look);
    removeEventListener("online", this.#look);
    this.#close();
    this.#channel.close();
    this.#release();
  }

  /** What this page has missed, asked for once: a list of events. */
  async missed() {
    const answer = await fetch(`${this.#base}/changes?since=${encodeURIComponent(this.#since())}`, { cache: "no-store" });
    if (answer.status === 404) return this.#end("revoked"), [];
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return (await answer.json()).events;
  }

  #lead() {
    if (this.#over) return;
    this.#leads = true;
    this.#open();
    return new Promise((release) => (this.#release = release));
  }

  #open() {
    this.#close();
    const source = new EventSource(`${this.#base}/events?since=${encodeURIComponent(this.#since())}`);
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      this.#set("live");
      this.#expectMore();
    };
    source.onerror = () => this.#retry();
    for (const name of ["patch", "snapshot", "reload", "viewers", "revoked", "bye"]) {
      source.addEventListener(name, ({ data, lastEventId }) => this.#pass({ name, data: JSON.parse(data), id: lastEventId }));
    }
  }

  #pass(event) {
    this.#expectMore();
    this.#take(event);
    this.#channel.postMessage({ event });
  }

  #take(event) {
    if (event.name === "viewers") this.#viewers = event;
    if (event.name === "revoked") return this.#end("revoked");
    if (event.name === "bye") return this.#leads && this.#retry(event.data.retry);
    this.#deliver(event);
  }

  #heard({ ask, event, state }) {
    if (this.#over) return;
    if (ask && this.#leads) {
      this.#channel.postMessage({ state: this.#state });
      if (this.#viewers) this.#channel.postMessage({ event: this.#viewers });
    }
    if (this.#leads) return;
    if (state) this.#set(state);
    if (event) this.#take(event);
  }

  #retry(wait) {
    this.#close();
    this.#set("reconnecting");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++);
    this.#timer = setTimeout(() => this.#check(), wait ?? longest * (0.5 + Math.random() / 2));
  }

  /** EventSource does not say why it failed: ask, so that a revoked link is told from a lost network. */
  async #check() {
    try {
      for (const event of await this.missed()) this.#deliver(event);
      if (!this.#over) this.#open();
    } catch {
      if (!this.#over) this.#retry();
    }
  }

  #look = () => {
    if (document.hidden || this.#over) return;
    if (this.#leads) this.#check();
    else this.missed().then((events) => events.forEach((event) => this.#deliver(event)), () => {});
  };

  #expectMore() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#retry(0), SILENCE_MS);
  }

  #set(state) {
    if (this.#over) return;
    this.#state = state;
    this.#tell(state);
    if (this.#leads) this.#channel.postMessage({ state });
  }

  #end(state) {
    if (this.#over) return;
    this.#set(state);
    this.stop();
  }

  #close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#source = null;
  }
}
