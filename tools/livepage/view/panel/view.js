/**
 * The panel's parts. The page is in a frame of its own (the shell), which is told by messages what to show: the live page,
 * or a revision as it was, for a replay or for who looks at the history.
 */
import { comparison } from "./compare.js";
import { commentBox } from "./comment.js";
import { el, icon, say, tool } from "./element.js";
import { historyDrawer } from "./history.js";
import { shareDialog } from "./share.js";

const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting…", revoked: "Ended", past: "As it was" };

export class PageView {
  #root; #host; #shown; #parts = {}; #looked = null; #asked = null; #pointing = false;
  #facts = { state: "connecting", revision: null, viewers: null, past: null };

  constructor(root, state, host) {
    this.#root = root;
    this.#shown = state;
    this.#host = host;
    this.#build(host.base);
    addEventListener("message", this.#hear);
    document.addEventListener("click", this.#closeMenus);
  }

  draw(state, host) {
    this.#shown = state;
    this.#host = host;
    this.#draw();
  }

  stop() {
    removeEventListener("message", this.#hear);
    document.removeEventListener("click", this.#closeMenus);
    this.#root.replaceChildren();
  }

  #build(base) {
    const parts = this.#parts;
    const own = { base, act: (name, input) => this.#host.act(name, input) };
    parts.status = el("p", { class: "lp-state", role: "status" }, el("i"), el("span"));
    parts.count = el("p", { class: "lp-facts" });
    parts.frame = el("iframe", { class: "lp-frame", title: "The live page", src: `${base}/page` });
    parts.gone = el("div", { class: "empty lp-gone", role: "status", hidden: true }, el("h2", { text: "This page is not kept" }), el("p"));
    parts.stage = el("div", { class: "lp-stage" }, el("div", { class: "lp-device" }, parts.frame, parts.gone));
    parts.back = tool("back", "Back to now", () => this.#look(null), { hidden: true });
    parts.phone = tool("phone", "Phone", () => press(parts.phone, parts.stage.classList.toggle("lp-phone")), { "aria-pressed": "false" });
    parts.point = tool("point", "Comment", () => this.#point(!this.#pointing), { "aria-pressed": "false" });
    parts.history = tool("history", "History", () => this.#showHistory(parts.drawer.root.hidden), { "aria-pressed": "false" });
    parts.share = tool("share", "Share", () => parts.shares.open());
    parts.save = saveMenu(base);
    parts.compare = comparison(own);
    parts.shares = shareDialog(own);
    parts.comment = commentBox(own, { closed: () => this.#point(false) });
    const close = el("button", { type: "button", class: "lp-tool", "aria-label": "Close the history", onclick: () => this.#showHistory(false) }, icon("close"));
    parts.drawer = historyDrawer(own, { look: (revision) => this.#look(revision), compare: parts.compare.show, close });
    this.#root.replaceChildren(el("div", { class: "lp" },
      el("div", { class: "lp-bar" }, parts.status, parts.count, parts.back, parts.phone, parts.point, parts.history, parts.share, parts.save),
      el("div", { class: "lp-body" }, parts.stage, parts.drawer.root), parts.comment.root, parts.compare.root, parts.shares.root));
  }

  #draw() {
    const { status, count, back, point, history, share, save, drawer } = this.#parts;
    const replaying = Boolean(this.#host.replaying);
    const mayAct = this.#host.sessionId !== null && !replaying;
    if (!mayAct) this.#rest();
    const then = replaying ? this.#shown.revision : this.#looked;
    this.#showThen(then);
    const state = then === null ? this.#facts.state : "past";
    status.dataset.state = state;
    say(status.lastChild, WORDS[state]);
    const watching = this.#facts.viewers === null || then !== null ? "" : ` · ${this.#facts.viewers} watching`;
    say(count, `Revision ${then ?? this.#facts.revision ?? this.#shown.revision}${watching}`);
    back.hidden = replaying || this.#looked === null;
    point.hidden = share.hidden = !mayAct || then !== null;
    history.hidden = !mayAct;
    save.hidden = then !== null;
    drawer.draw(this.#shown, this.#looked);
  }

  /** Nothing can be done now: what the operator had open is put away. */
  #rest() {
    const { drawer, history, comment } = this.#parts;
    this.#looked = null;
    drawer.root.hidden = true;
    press(history, false);
    if (!comment.root.hidden) comment.close();
    if (this.#pointing) this.#point(false);
  }

  /** Ask the shell for a revision (null: now), once; and say so if it is not kept. */
  #showThen(then) {
    const { gone } = this.#parts;
    const wanted = then === null ? null : `${this.#shown.epoch}:${then}`;
    if (wanted !== this.#asked) this.#ask({ past: wanted });
    this.#asked = wanted;
    const { revision, why } = this.#facts.past ?? {};
    gone.hidden = wanted === null || revision !== wanted || !why;
    say(gone.lastChild, why ?? "");
  }

  #look(revision) {
    this.#looked = revision;
    this.#draw();
  }

  #showHistory(open) {
    this.#parts.drawer.root.hidden = !open;
    press(this.#parts.history, open);
    this.#look(null);
  }

  #point(on) {
    this.#pointing = on;
    press(this.#parts.point, on);
    this.#ask({ point: on });
    if (on) this.#parts.frame.focus();
  }

  #ask(message) {
    this.#parts.frame.contentWindow?.postMessage(message, location.origin);
  }

  #hear = ({ source, origin, data }) => {
    if (source !== this.#parts.frame.contentWindow || origin !== location.origin || !data?.livepage) return;
    const { picked, listens, ...news } = data.livepage;
    Object.assign(this.#facts, news);
    if (listens && this.#asked !== null) this.#ask({ past: this.#asked });
    if (picked) this.#parts.comment.open(picked, this.#facts.revision);
    else if (picked === null) press(this.#parts.point, (this.#pointing = false));
    this.#draw();
  };

  #closeMenus = ({ target }) => {
    const { save } = this.#parts;
    if (!save.contains(target) || target.closest("a")) save.removeAttribute("open");
  };
}

const saveMenu = (base) => el("details", { class: "lp-save" },
  el("summary", { class: "lp-tool", title: "Download", "aria-label": "Download" }, icon("save"), el("span", { text: "Download" })),
  el("menu", {},
    el("li", {}, el("a", { href: `${base}/page/export?scripts=1`, download: true }, "As it is", el("small", { text: "one .html file" }))),
    el("li", {}, el("a", { href: `${base}/page/export?scripts=0`, download: true }, "Without scripts", el("small", { text: "runs nothing" })))));

const press = (button, on) => button.setAttribute("aria-pressed", String(on));
