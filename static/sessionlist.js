/** Rows of sessions: made once, then changed in place, so that nothing jumps under the pointer or the focus. */
import { STATUS } from "./badge.js";
import { el, say } from "./element.js";
import { relative, timeElement } from "./time.js";

export class SessionList {
  #root; #rows = new Map(); #kits = new Map();

  constructor(root) {
    this.#root = root;
  }

  /** How the kits are called, by name. */
  nameKits(kits) {
    for (const { name, title } of kits) this.#kits.set(name, title);
  }

  matches(session, wanted, show) {
    const status = statusOf(session);
    if (show === "active" && !["running", "waiting"].includes(status)) return false;
    if (show === "attention" && !["asking", "error"].includes(status)) return false;
    const text = [session.title, session.id, session.agent?.name, ...(session.kits ?? []).flatMap((kit) => [kit, this.#kits.get(kit)])].join(" ").toLowerCase();
    return wanted.split(/\s+/).every((word) => text.includes(word));
  }

  draw(sessions) {
    const rows = sessions.map((session) => this.#row(session));
    const kept = new Set(rows);
    for (const [id, { node }] of this.#rows) {
      if (kept.has(node)) continue;
      node.remove();
      this.#rows.delete(id);
    }
    rows.forEach((node, i) => {
      if (this.#root.children[i] !== node) this.#root.insertBefore(node, this.#root.children[i] ?? null);
    });
  }

  /** The focus goes one row up or down. */
  move(step) {
    const links = [...this.#root.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at === -1 ? 0 : at + step))]?.focus();
  }

  #row(session) {
    if (!this.#rows.has(session.id)) this.#rows.set(session.id, makeRow(session, this.#kits));
    const row = this.#rows.get(session.id);
    row.update(session);
    return row.node;
  }
}

/** The API says idle while calls wait: the reason tells them apart. */
function statusOf({ status, stop_reason: reason, running, waiting_for: calls = [] }) {
  const stop = reason?.type ?? reason;
  if (status === "terminated" || status === "deleted" || status === "archived") return "ended";
  if (status === "rescheduling" || status === "rescheduled") return "running";
  if (status === "idle" && stop === "requires_action") return running && !calls.some(needsYou) ? "waiting" : "asking";
  if (status === "idle" && stop === "retries_exhausted") return "error";
  return status in STATUS ? status : "idle";
}

const needsYou = ({ needs }) => needs === "permission";
const WORDS = { asking: "Waiting", waiting: "Working" };
const WAITS = { asking: "For an answer to a call", waiting: "Tools at work", error: "The API gave up" };

/** What stands below the status: the calls by name, those that need the operator first. */
function waitsFor(status, calls = []) {
  const yours = calls.filter(needsYou);
  const names = (yours.length > 0 ? yours : calls).map(({ name }) => name);
  if (names.length === 0) return WAITS[status] ?? "";
  const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
  if (yours.length > 0) return `Allow ${names[0]}${more}?`;
  return status === "waiting" ? `${names[0]}${more}` : `For an answer to ${names[0]}${more}`;
}

function makeRow(session, titles) {
  const title = el("span", { class: "title" });
  const agent = el("span", { class: "agent" });
  const kits = el("span", { class: "kits" });
  const dot = el("span", { class: "status" }, el("i"), el("span"));
  const waits = el("span", { class: "waits" });
  const when = timeElement(session.updated_at ?? session.created_at);
  const href = `/s/${encodeURIComponent(session.id)}`;
  const node = el("li", {}, el("a", { href }, el("span", { class: "what" }, title, agent), el("span", { class: "how" }, dot, waits), kits, when));
  const update = (now) => {
    const status = statusOf(now);
    say(title, now.title || "Untitled session");
    say(agent, [now.agent?.name, now.id].filter(Boolean).join(" · "));
    say(kits, (now.kits ?? []).map((kit) => titles.get(kit) ?? kit).join(" · "));
    dot.dataset.tone = STATUS[status].tone;
    say(dot.lastChild, WORDS[status] ?? STATUS[status].word);
    say(waits, waitsFor(status, now.waiting_for));
    waits.title = waits.textContent;
    const at = now.updated_at ?? now.created_at;
    if (at && when.dateTime !== new Date(at).toISOString()) when.dateTime = new Date(at).toISOString();
    say(when, relative(when.dateTime));
  };
  return { node, update };
}
