/** The operator's own line: runs in the agent's context, Enter runs, Shift-Enter breaks, arrows bring back what was run. */
import { make, say } from "./dom.js";

export class Prompt {
  #form; #box; #problem; #host = null; #run = []; #at = 0;

  constructor(form) {
    this.#form = form;
    this.#box = make("textarea", { rows: 1, placeholder: "Run JavaScript here", "aria-label": "Code to run", spellcheck: "false", autocapitalize: "off" });
    this.#problem = make("p", { class: "r-problem", role: "alert", hidden: true });
    form.append(make("span", { class: "r-sign", "aria-hidden": "true", text: "›" }), this.#box, make("button", { class: "small", type: "submit", text: "Run" }), this.#problem);
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#go()));
    this.#box.addEventListener("keydown", this.#onKey);
    this.#box.addEventListener("input", () => this.#grow());
  }

  draw(host) {
    this.#host = host;
    this.#form.hidden = host.readOnly;
  }

  #onKey = (event) => {
    if (event.isComposing) return;
    const one = !this.#box.value.includes("\n");
    if (event.key === "Enter" && !event.shiftKey) this.#go();
    else if (event.key === "ArrowUp" && one && this.#at > 0) this.#recall(-1);
    else if (event.key === "ArrowDown" && one && this.#at < this.#run.length) this.#recall(1);
    else return;
    event.preventDefault();
  };

  #recall(step) {
    this.#at += step;
    this.#box.value = this.#run[this.#at] ?? "";
    this.#grow();
  }

  async #go() {
    const code = this.#box.value;
    if (!code.trim() || this.#box.readOnly) return;
    this.#box.readOnly = true;
    const { is_error: failed, content } = await this.#host.act("js_repl", { code });
    this.#box.readOnly = false;
    this.#run.push(code);
    this.#at = this.#run.length;
    this.#box.value = "";
    this.#grow();
    const text = content.find((block) => block.type === "text")?.text ?? "";
    this.#tell(failed && !text.startsWith("Uncaught") ? text : ""); // what the code threw is in its entry
    this.#box.focus();
  }

  #tell(text) {
    say(this.#problem, text);
    this.#problem.hidden = !text;
  }

  #grow() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${Math.min(this.#box.scrollHeight, 160)}px`;
  }
}
