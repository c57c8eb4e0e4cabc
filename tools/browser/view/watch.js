/**
 * The live view, as wide as it is seen: open while the stage has a place on the screen, and opened again when that takes
 * frames of another size. One that is hidden costs nothing.
 */
const STEP_PX = 160; // a stage that is dragged a little wider needs no other frames
const DENSEST = 2; // pixels of the screen for one of the layout: more cannot be told apart in a picture that moves
const STEADY_MS = 300; // a size that stays so long is meant

export class Watch {
  #stage; #onFrame; #host = null; #stop = null; #width = 0; #timer = 0;

  constructor(stage, onFrame) {
    this.#stage = stage;
    this.#onFrame = onFrame;
    new ResizeObserver(() => this.#soon()).observe(stage);
    visualViewport?.addEventListener("resize", () => this.#soon()); // two fingers look closer
  }

  start(host) {
    if (this.#host) return;
    this.#host = host;
    this.#turn();
  }

  stop() {
    this.#host = null;
    this.#turn();
  }

  #soon() {
    clearTimeout(this.#timer);
    if (this.#width) this.#timer = setTimeout(() => this.#turn(), STEADY_MS);
    else this.#turn(); // it comes into sight: nobody waits for that
  }

  #turn() {
    clearTimeout(this.#timer);
    const width = this.#host ? seen(this.#stage) : 0;
    if (width === this.#width) return;
    this.#width = width;
    this.#stop?.();
    this.#stop = width ? this.#host.live("browser", this.#onFrame, { width }) : null;
  }
}

/** The stage's width in pixels of the screen, rounded up; 0 when it has no place there. */
function seen(stage) {
  const pixels = stage.clientWidth * (visualViewport?.scale ?? 1) * Math.min(devicePixelRatio, DENSEST);
  return Math.ceil(pixels / STEP_PX) * STEP_PX;
}
