/**
 * The box to write in: Enter sends, Shift-Enter breaks the line, the draft survives a reload. While calls are open the
 * API takes no message, so the text is held here, in sight, and sent when the last call is answered.
 */
import { send } from "./api.js";
import { say } from "./element.js";
import { icon } from "./icons.js";

export class Composer {
  #form; #box; #button; #stop; #hint; #base; #key; #held = null; #sending = false; #state = { open: 0, status: "new", online: true };

  constructor(form, { base, sessionId }) {
    this.#form = form;
    this.#base = base;
    this.#key = `glasshouse.draft.${sessionId}`;
    [this.#box, this.#button, this.#stop, this.#hint] = ["textarea", ".send", ".stop", ".hint"].map((part) => form.querySelector(part));
    this.#box.value = localStorage.getItem(this.#key) ?? "";
    this.#box.addEventListener("input", () => ((this.#problem = null), this.#keepDraft(), this.#explain()));
    this.#box.addEventListener("keydown", this.#onKey);
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.#stop.addEventListener("click", () => this.interrupt());
    this.#keepDraft();
    this.#explain();
  }

  focus() {
    this.#box.focus();
  }

  /** What decides whether a message may go now: open calls, the session's status, the connection. */
  update(state) {
    this.#state = state;
    this.#stop.hidden = !["running", "waiting"].includes(state.status);
    this.#form.classList.toggle("ended", state.status === "ended");
    this.#box.disabled = state.status === "ended";
    if (this.#held !== null && this.#mayGo) this.#release();
    this.#explain();
  }

  async interrupt() {
    this.#stop.disabled = true;
    await this.#try(() => send(`${this.#base}/interrupt`));
    this.#stop.disabled = false;
  }

  get #mayGo() {
    return this.#state.open === 0 && this.#state.online && this.#state.status !== "waiting" && !this.#sending;
  }

  #onKey = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  };

  #submit() {
    if (this.#held !== null) return this.#takeBack();
    const text = this.#box.value.trim();
    if (!text || this.#sending || this.#state.status === "ended") return;
    this.#held = text;
    this.#box.readOnly = true;
    if (this.#mayGo) this.#release();
    this.#explain();
  }

  #takeBack() {
    this.#held = null;
    this.#box.readOnly = false;
    this.#explain();
    this.#box.focus();
  }

  async #release() {
    const text = this.#held;
    this.#sending = true;
    const sent = await this.#try(() => send(`${this.#base}/messages`, { text }));
    this.#sending = false;
    this.#held = null;
    this.#box.readOnly = false;
    if (sent) this.#box.value = "";
    this.#keepDraft();
    this.#explain();
  }

  #problem = null;

  async #try(question) {
    try {
      await question();
      this.#problem = null;
      return true;
    } catch (error) {
      this.#problem = error.message;
      this.#explain();
      return false;
    }
  }

  #keepDraft() {
    if (this.#box.value) localStorage.setItem(this.#key, this.#box.value);
    else localStorage.removeItem(this.#key);
    this.#box.style.height = "auto";
    this.#box.style.height = `${Math.min(this.#box.scrollHeight, 220)}px`;
  }

  #drawButton(held) {
    const label = held ? "Take the message back" : "Send";
    if (this.#button.getAttribute("aria-label") === label) return;
    this.#button.setAttribute("aria-label", label);
    this.#button.title = label;
    this.#button.replaceChildren(icon(held ? "cross" : "send"));
  }

  #explain() {
    const problem = this.#problem;
    const { open, status, online } = this.#state;
    const held = this.#held !== null && !this.#sending;
    const calls = open === 1 ? "1 call" : `${open} calls`;
    this.#form.classList.toggle("held", held);
    this.#form.classList.toggle("problem", Boolean(problem));
    this.#button.disabled = !held && (this.#box.value.trim() === "" || status === "ended");
    this.#drawButton(held);
    const why = !online ? "Held until the server is back." : open ? `Held until ${calls} are answered.` : "Held until the agent can read it.";
    const waits = open ? `${calls} open: a message will be held until then.` : "";
    const idle = status === "ended" ? "This session has ended." : waits || "Enter sends, Shift-Enter breaks the line";
    say(this.#hint, problem ?? (this.#sending ? "Sending…" : held ? why.replace("1 call are", "1 call is") : idle));
  }
}
