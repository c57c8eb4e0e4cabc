/**
 * The conversation on the screen: one card per item, drawn from the end. Earlier items come in as the reader goes up, so
 * a long session opens as fast as a short one. It follows the end only while the reader is at the end.
 */
import { cardFor } from "./cards.js";
import { el, say } from "./element.js";
import { icon } from "./icons.js";

const AT_FIRST = 40; // items drawn when the session opens: more than a screen holds
const AT_ONCE = 80; // items added at the top each time
const AT_MOST = 400; // items kept while the end is followed; those above come in again when the reader goes up
const NEAR_END_PX = 48;
const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

export class Transcript {
  #root; #list; #doing; #pill; #count; #talk; #hands; #cards = new Map(); #from = 0; #drawn = 0; #following = true; #lastTop = 0; #unseen = 0; #until = Infinity;

  /** `hands`: {fileUrl(id), confirm(id, result, message), look(item)} for the cards' own controls. */
  constructor(root, talk, hands) {
    this.#root = root;
    this.#talk = talk;
    this.#hands = hands;
    this.#list = el("div", { class: "items", role: "log", "aria-busy": "true", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Conversation" });
    this.#count = el("span", { text: "New below" });
    this.#pill = el("button", { class: "pill", type: "button", hidden: true, onclick: () => this.toEnd() }, icon("down"), this.#count);
    this.#doing = el("p", { class: "doing", "aria-hidden": "true" }, el("i"), el("i"), el("i")); // its place is always kept: nothing moves when it shows
    root.append(this.#list, this.#doing);
    root.after(this.#pill);
    root.addEventListener("scroll", this.#onScroll, { passive: true });
    root.addEventListener("wheel", (event) => event.deltaY < 0 && this.#leaveEnd(), { passive: true });
    root.addEventListener("keydown", (event) => UPWARDS.has(event.key) && this.#leaveEnd());
    new ResizeObserver(() => this.#keepPlace()).observe(this.#list);
    new ResizeObserver(() => this.#keepPlace()).observe(root);
  }

  get following() {
    return this.#following;
  }

  /** The log's past is here: what comes from now on is read out to who cannot see it. */
  begin() {
    this.#list.removeAttribute("aria-busy");
  }

  /** Whether the agent thinks: it works, but neither writes nor waits for a call. */
  think(on) {
    this.#doing.classList.toggle("on", on && this.#until === Infinity);
  }

  /** Draw what has changed since the last time. */
  draw() {
    const { items, changed } = this.#talk;
    for (const item of changed) this.#redraw(item);
    if (this.#following) this.#makeRoom(items.length);
    const added = this.#appendNew();
    changed.clear();
    if (this.#following) this.#scrollToEnd();
    else if (added > 0) this.#announce(added);
  }

  toEnd() {
    this.#following = true;
    this.#scrollToEnd();
    this.#announce(0);
  }

  /** Replay: what lies after the number is not there yet, and the last item before it is brought into view. */
  standAt(n) {
    const { items } = this.#talk;
    const last = items.findLastIndex((item) => item.n !== null && item.n <= n);
    while (this.#from > 0 && last < this.#from + 4) this.#prepend();
    this.#until = n;
    this.#cards.forEach(({ node }, item) => node.classList.toggle("later", item.n > n));
    this.#following = false;
    this.#cards.get(items[last])?.node.scrollIntoView({ block: "end" });
    this.#lastTop = this.#root.scrollTop;
  }

  standAtEnd() {
    this.#until = Infinity;
    this.#cards.forEach(({ node }) => node.classList.remove("later"));
    this.toEnd();
  }

  #redraw(item) {
    const card = this.#cards.get(item);
    if (!card) return;
    if (!item.gone) return card.update(item);
    card.node.remove();
    this.#cards.delete(item);
    this.#drawn -= 1;
  }

  /** However much comes at once, or in a long session one by one: what is far above the end is not drawn. */
  #makeRoom(length) {
    const total = length - this.#from;
    if (total <= (this.#drawn === 0 ? AT_FIRST : AT_MOST)) return;
    const start = length - AT_FIRST;
    for (const item of this.#talk.items.slice(this.#from, Math.min(start, this.#from + this.#drawn))) {
      this.#cards.get(item).node.remove();
      this.#cards.delete(item);
    }
    this.#drawn = Math.max(0, this.#from + this.#drawn - start);
    this.#from = start;
  }

  #appendNew() {
    const fresh = this.#talk.items.slice(this.#from + this.#drawn);
    this.#list.append(...fresh.map((item) => this.#make(item)));
    this.#drawn += fresh.length;
    return fresh.length;
  }

  #make(item) {
    const card = cardFor(item, this.#hands);
    card.node.classList.toggle("later", (item.n ?? this.#until) > this.#until);
    this.#cards.set(item, card);
    return card.node;
  }

  /** Earlier items come in above; what the reader looks at stays where it is. */
  #prepend() {
    const start = Math.max(0, this.#from - AT_ONCE);
    const earlier = this.#talk.items.slice(start, this.#from);
    const { scrollHeight, scrollTop } = this.#root;
    this.#list.prepend(...earlier.map((item) => this.#make(item)));
    this.#from = start;
    this.#drawn += earlier.length;
    this.#root.scrollTop = scrollTop + this.#root.scrollHeight - scrollHeight;
    this.#lastTop = this.#root.scrollTop;
  }

  #onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = this.#root;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) this.#reachedEnd();
    else if (scrollTop < this.#lastTop - 1) this.#following = false; // only the reader goes up
    this.#lastTop = scrollTop;
    if (this.#from > 0 && scrollTop < clientHeight * 2) this.#prepend();
  };

  /** Said before the scroll itself arrives: what is drawn in between must not take the reader back. */
  #leaveEnd() {
    if (this.#root.scrollHeight > this.#root.clientHeight) this.#following = false;
  }

  #reachedEnd() {
    this.#following = true;
    this.#announce(0);
  }

  #keepPlace() {
    if (this.#following) this.#scrollToEnd();
  }

  #scrollToEnd() {
    this.#root.scrollTop = this.#root.scrollHeight;
    this.#lastTop = this.#root.scrollTop;
  }

  #announce(added) {
    this.#unseen = added === 0 ? 0 : this.#unseen + added;
    this.#pill.hidden = this.#unseen === 0;
    say(this.#count, this.#unseen > 1 ? `${this.#unseen} new below` : "New below");
  }
}
