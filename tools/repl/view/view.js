/** The panel's parts: the notebook that follows its end, the symbols with their search, the prompt. */
import { entryNode, runningNode } from "./entry.js";
import { make, say } from "./dom.js";
import { Prompt } from "./prompt.js";

const AT_ONCE = 60; // entries drawn at first; earlier ones on request

export class ReplView {
  #root; #parts = {}; #first = null; #drawn = 0; #entries = []; #symbols = null; #prompt; #following = true;

  constructor(root) {
    this.#root = root;
    const parts = this.#parts;
    parts.empty = make("div", { class: "empty" }, make("h2", { text: "Nothing has run yet" }), make("p", { text: "Code that the agent runs appears here with its output." }));
    parts.earlier = make("button", { class: "quiet small", type: "button", text: "Show earlier entries", hidden: true, onclick: () => this.#showEarlier() });
    parts.list = make("div", { class: "r-list" });
    parts.running = make("div", { class: "r-running" });
    parts.book = make("div", { class: "r-book", tabindex: 0, role: "log", "aria-label": "Entries" }, parts.empty, parts.earlier, parts.list, parts.running);
    parts.count = make("summary");
    parts.search = make("input", { type: "search", placeholder: "Find a symbol", "aria-label": "Find a symbol", oninput: () => this.#find() });
    parts.symbols = make("ul", { class: "r-symbols" });
    parts.aside = make("details", { class: "r-aside", open: true }, parts.count, parts.search, parts.symbols);
    parts.prompt = make("form", { class: "r-prompt" });
    root.append(make("div", { class: "r-view" }, parts.book, parts.aside, parts.prompt));
    parts.book.addEventListener("scroll", () => (this.#following = parts.book.scrollHeight - parts.book.scrollTop - parts.book.clientHeight < 40), { passive: true });
    new ResizeObserver(() => this.#keepPlace()).observe(parts.list);
    this.#prompt = new Prompt(parts.prompt);
    if (root.clientWidth < 560) parts.aside.open = false;
  }

  draw(state, host) {
    this.#parts.empty.hidden = state.entries.length > 0 || Object.keys(state.running).length > 0;
    this.#drawEntries(state.entries, host.replaying);
    this.#parts.running.replaceChildren(...Object.values(state.running).map(runningNode));
    if (state.symbols !== this.#symbols) this.#drawSymbols(state.symbols);
    this.#prompt.draw(host);
    this.#keepPlace();
  }

  /** The list only grows while we go on; in a replay it is cut back to the moment. */
  #drawEntries(entries, replaying) {
    const { list, earlier } = this.#parts;
    const same = this.#first === entries[0]?.key && entries.length >= this.#from && this.#entries[this.#from]?.key === entries[this.#from]?.key;
    if (!same || this.#drawn === 0) this.#startAt(entries);
    while (list.childElementCount > entries.length - this.#from) list.lastElementChild.remove();
    const fresh = entries.slice(this.#from + list.childElementCount);
    list.append(...fresh.map(entryNode));
    this.#drawn = list.childElementCount;
    this.#entries = entries;
    earlier.hidden = this.#from === 0;
    if (replaying) this.#following = true;
  }

  #from = 0;

  #startAt(entries) {
    this.#parts.list.replaceChildren();
    this.#first = entries[0]?.key ?? null;
    this.#from = Math.max(0, entries.length - AT_ONCE);
  }

  #showEarlier() {
    const { list, book } = this.#parts;
    const start = Math.max(0, this.#from - AT_ONCE);
    const { scrollHeight, scrollTop } = book;
    list.prepend(...this.#entries.slice(start, this.#from).map(entryNode));
    this.#from = start;
    this.#parts.earlier.hidden = start === 0;
    book.scrollTop = scrollTop + book.scrollHeight - scrollHeight;
  }

  #keepPlace() {
    if (this.#following) this.#parts.book.scrollTop = this.#parts.book.scrollHeight;
  }

  #drawSymbols(symbols) {
    this.#symbols = symbols;
    const all = Object.values(symbols);
    say(this.#parts.count, all.length === 1 ? "1 symbol" : `${all.length || "No"} symbols`);
    this.#parts.search.hidden = all.length === 0;
    this.#find();
  }

  #find() {
    const wanted = this.#parts.search.value.trim().toLowerCase();
    const found = Object.values(this.#symbols ?? {}).filter(({ name, preview }) => `${name} ${preview ?? ""}`.toLowerCase().includes(wanted));
    this.#parts.symbols.replaceChildren(...found.sort((a, b) => a.name.localeCompare(b.name)).map(symbolNode));
  }
}

function symbolNode({ name, kind, type, size, preview }) {
  const what = [kind, type, size ?? null].filter((part) => part !== null && part !== undefined && part !== "").join(" · ");
  return make("li", { title: `${what}\n${preview ?? ""}` }, make("code", { text: name }), make("small", { text: type ?? kind ?? "" }), make("span", { text: preview ?? "" }));
}
