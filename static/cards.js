/** One card per item of the conversation: {node, update(item)}. Unknown kinds are kept and shown as they came. */
import { callCard } from "./callcard.js";
import { el, say } from "./element.js";
import { highlight } from "./code.js";
import { icon } from "./icons.js";
import { showMarkdown } from "./markdown.js";
import { clockTime, hourTime, timeElement } from "./time.js";

export function cardFor(item, hands) {
  const card = (MAKERS[item.kind] ?? unknown)(item, hands);
  card.node.dataset.key = item.key;
  card.update(item);
  return card;
}

const MAKERS = { user, agent, thinking, notice, call: callCard };

function user() {
  const text = el("div", { class: "text", dir: "auto" });
  const queued = el("span", { class: "hint", text: "Waiting to be read" });
  const when = el("span", { class: "when" });
  const node = el("article", { class: "item user", "aria-label": "You" }, el("div", { class: "bubble" }, text), el("footer", {}, queued, when));
  const update = (item) => {
    say(text, item.text);
    queued.hidden = !item.queued;
    if (item.at && !when.firstChild) when.append(timeElement(item.at));
  };
  return { node, update };
}

function agent() {
  const who = el("p", { class: "who", hidden: true });
  const text = el("div", { class: "text prose" });
  const node = el("article", { class: "item agent", "aria-label": "Agent" }, who, text);
  const update = (item) => {
    who.hidden = !item.agent;
    say(who, item.agent ?? "");
    node.classList.toggle("streaming", Boolean(item.streaming));
    node.toggleAttribute("aria-busy", Boolean(item.streaming));
    showMarkdown(text, item.text);
    if (item.at && !node.title) node.title = clockTime(item.at);
  };
  return { node, update };
}

function thinking() {
  const node = el("p", { class: "item thinking" });
  return { node, update: (item) => say(node, item.times > 1 ? `Thought ${item.times} times` : "Thought") };
}

const TONES = { quiet: null, thread: "thread", warn: "alert", danger: "alert" };

function notice(item) {
  const text = el("span");
  const detail = el("div", { class: "detail" });
  const mark = TONES[item.tone] ? icon(TONES[item.tone], 14) : null;
  const line = el("p", {}, mark, text, item.at ? timeElement(item.at, hourTime) : null);
  const node = el("div", { class: `item notice ${item.tone}`, role: item.tone === "danger" ? "alert" : "note" }, line, detail);
  const update = (now) => {
    say(text, now.text);
    detail.hidden = !now.detail;
    if (now.detail) showMarkdown(detail, now.detail);
  };
  return { node, update };
}

function unknown(item) {
  const body = el("pre", { tabindex: 0 });
  const details = el("details", { class: "item raw" }, el("summary", {}, icon("info", 14), el("span", { text: item.type })), body);
  details.addEventListener("toggle", () => body.replaceChildren(highlight(JSON.stringify(item.data, null, 2), "json")), { once: true });
  return { node: details, update: () => {} };
}
