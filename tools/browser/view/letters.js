/**
 * Where letters come in that no key tells of: a phone's keyboard, an input method that composes them, a paste. A field
 * nobody sees, always holding one sign, so that deleting it is heard as well.
 */
import { make } from "./dom.js";

const SIGN = "\u200b"; // a space without width

export class Letters {
  #field; #on;

  /** `on.text(text)`, `on.press(keys)`. */
  constructor(on) {
    this.#on = on;
    this.#field = make("textarea", {
      class: "b-letters", "aria-label": "Type into the page", autocomplete: "off", autocapitalize: "off", spellcheck: "false", hidden: true,
    });
    this.#field.addEventListener("input", (event) => event.isComposing || this.#take());
    this.#field.addEventListener("compositionend", () => this.#take());
    this.#field.addEventListener("paste", this.#paste);
    this.#clear();
  }

  get node() {
    return this.#field;
  }

  set open(open) {
    this.#field.hidden = !open;
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  #take() {
    const value = this.#field.value;
    this.#clear();
    if (!value.includes(SIGN) && value === "") return this.#on.press("Backspace");
    const lines = value.replaceAll(SIGN, "").split("\n");
    lines.forEach((line, i) => {
      if (i > 0) this.#on.press("Enter");
      if (line) this.#on.text(line);
    });
  }

  #paste = (event) => {
    event.preventDefault();
    this.#on.text(event.clipboardData.getData("text/plain"));
  };

  #clear() {
    this.#field.value = SIGN;
    this.#field.setSelectionRange(1, 1);
  }
}
