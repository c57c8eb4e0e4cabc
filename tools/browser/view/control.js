/**
 * The operator's hand on the live page: pointer, wheel and keys over the stage become `browser_control` acts in the
 * page's own pixels, one after the other. Shift-Escape, the button, or leaving the panel gives it back.
 */
import { Letters } from "./letters.js";
import { Touch } from "./touch.js";

const WHEEL_EVERY_MS = 120;
const MOVE_EVERY_MS = 150; // hovering is felt, but need not be exact
const KEYS = { " ": "Space" };
const ALONE = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Dead", "Process", "Unidentified"]);

export class Control {
  #stage; #button; #hands; #on = false; #queue = Promise.resolve(); #waiting = 0; #wheel = null; #moved = 0; #typed = ""; #typing = 0; #letters; #touch;

  constructor(stage, button, hands) {
    this.#stage = stage;
    this.#button = button;
    this.#hands = hands;
    button.addEventListener("click", () => (this.#on ? this.#release() : this.#take()));
    stage.addEventListener("pointerdown", this.#onPointer);
    stage.addEventListener("pointermove", this.#onMove);
    stage.addEventListener("dblclick", (event) => event.preventDefault());
    stage.addEventListener("contextmenu", (event) => this.#on && event.preventDefault());
    stage.addEventListener("wheel", this.#onWheel, { passive: false });
    stage.addEventListener("keydown", this.#onKey);
    this.#letters = new Letters({ text: (text) => this.#on && this.#collect(text), press: (keys) => this.#on && this.#press(keys) });
    this.#touch = new Touch(stage, { tap: (event) => this.#click(event), drag: (event, dx, dy) => this.#turn(event, -dx, -dy) });
    stage.append(this.#letters.node);
  }

  get on() {
    return this.#on;
  }

  /** What the bar offers beside the stage: back, forward, reload, goto, tab. */
  use(input) {
    if (!this.#on) return;
    this.#flush();
    this.#send(input);
  }

  allow(may) {
    this.#button.hidden = !may;
    if (!may && this.#on) this.#release();
  }

  async #take() {
    const answer = await this.#send({ action: "take" });
    if (answer.is_error) return;
    this.#on = true;
    this.#show();
    this.#letters.focus();
  }

  #release() {
    this.#flush();
    this.#on = false;
    this.#show();
    this.#send({ action: "release" });
  }

  #show() {
    this.#button.setAttribute("aria-pressed", String(this.#on));
    const label = this.#on ? "Give back" : "Take control";
    this.#button.querySelector("span").textContent = label;
    this.#button.setAttribute("aria-label", label);
    this.#hands.changed(this.#on);
    this.#stage.classList.toggle("held", this.#on);
    this.#stage.toggleAttribute("data-takes-keys", this.#on);
    this.#letters.open = this.#on;
    this.#hands.tell(this.#on ? "You have control: the agent's browser calls wait until you give it back." : "Control given back.");
  }

  /** Acts go out in order; a refusal is told, not thrown. */
  #send(input) {
    this.#waiting += 1;
    this.#queue = this.#queue.then(async () => {
      const answer = await this.#hands.act("browser_control", input).catch((error) => ({ is_error: true, content: [{ type: "text", text: error.message }] }));
      this.#waiting -= 1;
      if (answer.is_error) this.#hands.tell(answer.content.find((block) => block.type === "text")?.text ?? "That did not work.");
      return answer;
    });
    return this.#queue;
  }

  #at(event) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    const page = this.#hands.viewport();
    return { x: Math.round(((event.clientX - left) / width) * page.width), y: Math.round(((event.clientY - top) / height) * page.height) };
  }

  #onPointer = (event) => {
    if (!this.#on) return;
    event.preventDefault();
    if (event.pointerType === "touch") return this.#touch.down(event);
    this.#click(event);
  };

  #click(event) {
    this.#letters.focus(); // a phone shows its keyboard for what is focused by a tap
    this.#flush();
    const button = ["left", "middle", "right"][event.button] ?? "left";
    this.#send({ action: "click", ...this.#at(event), button, count: Math.max(1, Math.min(event.detail || 1, 3)) });
  }

  #onMove = (event) => {
    if (!this.#on || event.pointerType === "touch" || this.#waiting > 0 || event.timeStamp - this.#moved < MOVE_EVERY_MS) return;
    this.#moved = event.timeStamp;
    this.#send({ action: "move", ...this.#at(event) });
  };

  /** A wheel speaks fifty times a second; the page hears the sum a few times. */
  #onWheel = (event) => {
    if (!this.#on) return;
    event.preventDefault();
    const scale = event.deltaMode === 1 ? 16 : 1;
    this.#turn(event, event.deltaX * scale, event.deltaY * scale);
  };

  #turn(event, dx, dy) {
    if (!this.#on) return;
    if (!this.#wheel) {
      this.#wheel = { ...this.#at(event), dx: 0, dy: 0 };
      setTimeout(() => this.#roll(), WHEEL_EVERY_MS);
    }
    this.#wheel.dx += dx;
    this.#wheel.dy += dy;
  }

  #roll() {
    if (!this.#wheel) return;
    const { x, y, dx, dy } = this.#wheel;
    this.#wheel = null;
    this.#send({ action: "scroll", x, y, dx: Math.round(dx), dy: Math.round(dy) });
  }

  #onKey = (event) => {
    if (!this.#on || ALONE.has(event.key) || event.isComposing) return;
    if (event.key === "Escape" && event.shiftKey) return this.#release();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v") return; // comes as paste
    event.preventDefault();
    event.stopPropagation();
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) return this.#collect(event.key);
    this.#press(chord(event));
  };

  #press(keys) {
    this.#flush();
    this.#send({ action: "press", keys });
  }

  /** Letters typed in one breath go out together. */
  #collect(text) {
    this.#typed += text;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#flush(), 60);
  }

  /** What was collected goes out before anything that comes after it. */
  #flush() {
    this.#roll();
    clearTimeout(this.#typing);
    if (this.#typed) this.#send({ action: "type", text: this.#typed });
    this.#typed = "";
  }
}

function chord(event) {
  const held = [event.ctrlKey && "Control", event.altKey && "Alt", event.metaKey && "Meta", event.shiftKey && "Shift"];
  return [...held.filter(Boolean), KEYS[event.key] ?? event.key].join("+");
}
