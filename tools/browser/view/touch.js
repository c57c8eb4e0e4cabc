/** A finger on the stage: a tap is a click, a drag scrolls what lies under it. */
const STILL_PX = 8; // a finger that moved less has tapped

export class Touch {
  #on; #finger = null;

  /** `on.tap(event)`, `on.drag(event, dx, dy)` in pixels of the screen since the last one. */
  constructor(stage, on) {
    this.#on = on;
    stage.addEventListener("pointerup", this.#up);
    stage.addEventListener("pointercancel", () => (this.#finger = null));
    stage.addEventListener("pointermove", this.#move);
  }

  down({ pointerId, clientX, clientY }) {
    this.#finger = { pointerId, x: clientX, y: clientY, moved: false };
  }

  #move = (event) => {
    const finger = this.#finger;
    if (finger?.pointerId !== event.pointerId) return;
    const dx = event.clientX - finger.x;
    const dy = event.clientY - finger.y;
    if (!finger.moved && Math.hypot(dx, dy) < STILL_PX) return;
    this.#finger = { pointerId: event.pointerId, x: event.clientX, y: event.clientY, moved: true };
    this.#on.drag(event, dx, dy);
  };

  #up = (event) => {
    const finger = this.#finger;
    if (finger?.pointerId !== event.pointerId) return;
    this.#finger = null;
    if (!finger.moved) this.#on.tap(event);
  };
}
