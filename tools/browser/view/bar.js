/** The browser's bar: tabs, loading, address, trouble. With the operator's hand on it, it is a browser's to use. */
import { line, make, say } from "./dom.js";

const STEPS = [
  ["back", "Back", "M10 3.5L5.5 8l4.5 4.5"],
  ["forward", "Forward", "M6 3.5L10.5 8 6 12.5"],
  ["reload", "Reload", "M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3"],
];

export class Bar {
  #use; #tabs; #loading; #steps; #address; #form; #goto; #counts; #root;

  /** `use(input)` acts as the operator; `buttons` stand at the bar's end. */
  constructor(use, buttons) {
    this.#use = use;
    this.#tabs = make("ul", { class: "b-tabs", "aria-label": "Open tabs" });
    new ResizeObserver(() => this.#showCurrent()).observe(this.#tabs);
    this.#loading = make("i", { class: "b-loading", hidden: true, title: "Loading" });
    this.#steps = make("div", { class: "b-steps", hidden: true }, STEPS.map(([action, label, path]) =>
      make("button", { class: "quiet icon-only small", type: "button", "aria-label": label, title: label, onclick: () => use({ action }) }, line(path, 14))));
    this.#address = make("p", { class: "b-address" });
    this.#goto = make("input", { type: "text", "aria-label": "Address", inputmode: "url", autocapitalize: "off", spellcheck: "false" });
    this.#form = make("form", { class: "b-go", hidden: true, onsubmit: (event) => this.#go(event) }, this.#goto);
    this.#counts = make("p", { class: "b-counts", hidden: true, role: "img" });
    this.#root = make("div", { class: "b-bar" }, this.#steps, make("div", { class: "b-where" }, this.#address, this.#form, this.#loading), this.#counts, buttons);
  }

  get nodes() {
    return [this.#tabs, this.#root];
  }

  /** `live` is what the newest frame says of itself; it is newer than the log. */
  draw({ page, counts }, live) {
    const url = live?.url ?? page?.url ?? "";
    if (this.#address.textContent !== url && this.#goto !== document.activeElement) this.#goto.value = url;
    say(this.#address, url || "No page");
    this.#address.title = live?.title ?? page?.title ?? "";
    this.#loading.hidden = !live?.loading;
    this.#drawTabs(page?.tabs ?? []);
    this.#drawCounts(counts ?? {});
  }

  hand(on) {
    this.#steps.hidden = this.#form.hidden = !on;
    this.#address.hidden = on;
    this.#tabs.classList.toggle("held", on);
  }

  #go(event) {
    event.preventDefault();
    this.#use({ action: "goto", url: this.#goto.value });
    this.#goto.blur();
  }

  #drawTabs(tabs) {
    const key = JSON.stringify(tabs);
    if (this.#tabs.dataset.key === key) return;
    this.#tabs.dataset.key = key;
    this.#tabs.replaceChildren(...tabs.map(({ id, title, url, active }) => make("li", {}, make("button", {
      type: "button", title: url, "aria-current": active ? "page" : null, text: title || url || "New tab", onclick: () => this.#use({ action: "tab", tab: id }),
    }))));
    this.#showCurrent();
  }

  /** Of many tabs, the active one stands in the middle. */
  #showCurrent() {
    const current = this.#tabs.querySelector("[aria-current]");
    if (current) this.#tabs.scrollLeft = current.offsetLeft - this.#tabs.clientWidth / 2 + current.offsetWidth / 2;
  }

  #drawCounts({ console_errors: errors = 0, failed_requests: failed = 0 }) {
    const words = [errors && `${errors} console error${errors > 1 ? "s" : ""}`, failed && `${failed} failed request${failed > 1 ? "s" : ""}`];
    this.#counts.hidden = errors + failed === 0;
    this.#counts.title = words.filter(Boolean).join(", ");
    this.#counts.setAttribute("aria-label", this.#counts.title);
    say(this.#counts, String(errors + failed));
  }
}
