/** A panel's fold with a memory: the newest state at once, an older one from the nearest kept state and a few events. */

const KEEP_EVERY = 200;

export class Fold {
  #panel; #events; #kept = []; #folded = 0; #state;

  /** `events` is the page's own growing list; the fold reads it and never changes it. */
  constructor(panel, events) {
    this.#panel = panel;
    this.#events = events;
    this.#state = panel.start();
    this.#kept.push(this.#state);
  }

  /** Fold what has arrived since the last call; true if the state is another one now. */
  advance() {
    const before = this.#state;
    while (this.#folded < this.#events.length) {
      this.#state = this.#step(this.#state, this.#events[this.#folded++]);
      if (this.#folded % KEEP_EVERY === 0) this.#kept.push(this.#state);
    }
    return this.#state !== before;
  }

  /** The state after the first `count` events; without a count, the newest. */
  at(count = this.#events.length) {
    this.advance();
    if (count >= this.#folded) return this.#state;
    const nearest = Math.floor(count / KEEP_EVERY);
    let state = this.#kept[nearest];
    for (let i = nearest * KEEP_EVERY; i < count; i++) state = this.#step(state, this.#events[i]);
    return state;
  }

  /** One event a panel cannot read must not blind it to the ones after. */
  #step(state, event) {
    try {
      return this.#panel.fold(state, event);
    } catch (error) {
      console.error("A panel could not fold the event", event, error);
      return state;
    }
  }
}
