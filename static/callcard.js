/** A tool call as one line that opens to its whole input, result and pictures; with Allow and Deny where it waits. */
import { highlight } from "./code.js";
import { el, say } from "./element.js";
import { icon } from "./icons.js";
import { kitIcon } from "./kits.js";
import { oneLine, pretty } from "./inputs.js";
import { duration } from "./time.js";
import { words } from "./words.js";

const STATES = {
  asked: "waiting", running: "running", asking: "needs permission", done: "done", failed: "failed", denied: "denied", obsolete: "not answered",
};
const SHOWN_AT_FIRST = 6_000; // characters of a result; the rest on request

export function callCard(first, hands) {
  const name = el("span", { class: "name" });
  const args = el("span", { class: "args" });
  const outcome = el("span", { class: "outcome" });
  const mark = el("span", { class: "mark" });
  const summary = el("summary", {}, mark, name, args, outcome);
  const body = el("div", { class: "call-body" });
  const details = el("details", {}, summary, body);
  const ask = el("div", { class: "ask", hidden: true });
  const node = el("article", { class: "item call" }, details, ask);
  let item = first;
  details.addEventListener("toggle", () => details.open && body.replaceChildren(...bodyOf(item, hands)));

  const update = (now) => {
    item = now;
    node.dataset.state = now.state;
    node.classList.toggle("told", Boolean(now.told));
    say(name, now.name ?? "call");
    say(args, now.told ?? oneLine(now.input));
    say(outcome, outcomeOf(now));
    const drawing = now.kit ? kitIcon(now.kit) : now.origin === "mcp" ? "plug" : "tool";
    if (mark.dataset.icon !== drawing) mark.replaceChildren(icon(drawing, 15));
    mark.dataset.icon = drawing;
    if (details.open) body.replaceChildren(...bodyOf(now, hands));
    question(ask, now, hands);
  };
  return { node, update };
}

function outcomeOf(item) {
  const state = item.state === "done" ? "" : STATES[item.state];
  const time = ["done", "failed"].includes(item.state) ? duration(item.ms) : "";
  return [item.agent, state, time].filter(Boolean).join(" · ");
}

function bodyOf(item, hands) {
  const parts = [section("Input", inputBlock(item.input))];
  if (item.reason) parts.push(el("p", { class: "reason", text: item.reason }));
  if (item.elsewhere) parts.push(el("p", { class: "reason", text: words.elsewhere }));
  if (item.server) parts.push(el("p", { class: "reason", text: `MCP server: ${item.server}` }));
  if (item.content) parts.push(section(item.state === "failed" ? "Error" : "Result", item.content.map((block) => resultBlock(block, hands))));
  if (item.kit && hands.look) {
    parts.push(el("button", { class: "quiet small", type: "button", text: "Show this moment", onclick: () => hands.look(item) }));
  }
  return parts;
}

const section = (title, ...nodes) => el("section", {}, el("h4", { text: title }), ...nodes);

function inputBlock(input) {
  const pre = el("pre", { tabindex: 0 });
  const { text, language } = pretty(input);
  pre.append(highlight(text, language));
  return pre;
}

function resultBlock(block, hands) {
  if (block.type === "text") return textBlock(block.text ?? "");
  if (block.type === "image") return imageBlock(block, hands);
  return inputBlock(block);
}

function textBlock(text) {
  const pre = el("pre", { tabindex: 0, text: text.slice(0, SHOWN_AT_FIRST) });
  if (text.length <= SHOWN_AT_FIRST) return pre;
  const label = `Show all ${text.length.toLocaleString("en")} characters`;
  const more = el("button", { class: "quiet small", type: "button", text: label });
  more.addEventListener("click", () => {
    pre.textContent = text;
    more.remove();
  });
  return el("div", {}, pre, more);
}

const PICTURES = /^image\/(png|jpeg|gif|webp)$/;

function imageBlock(block, hands) {
  const source = block.source ?? {};
  const inline = source.type === "base64" && PICTURES.test(source.media_type);
  const url = block.file ? hands.fileUrl(block.file) : inline ? `data:${source.media_type};base64,${source.data}` : null;
  if (!url) return el("p", { class: "reason", text: "An image that is kept elsewhere." });
  const image = el("img", { src: url, alt: "Image of the result", loading: "lazy" });
  return block.file ? el("a", { href: url, target: "_blank", rel: "noopener", class: "picture" }, image) : image;
}

function question(box, item, hands) {
  box.hidden = item.state !== "asking" || !hands.confirm;
  if (box.hidden || box.firstChild) return;
  const why = el("input", { type: "text", placeholder: "Reason (optional)", "aria-label": "Reason for denying" });
  const answer = async (result) => {
    const buttons = box.querySelectorAll("button");
    buttons.forEach((button) => (button.disabled = true));
    const ok = await hands.confirm(item.key, result, why.value);
    if (!ok) buttons.forEach((button) => (button.disabled = false));
  };
  box.append(
    el("span", { text: `Allow ${item.name}?` }), why,
    el("button", { class: "small", type: "button", text: "Deny", onclick: () => answer("deny") }),
    el("button", { class: "primary small", type: "button", text: "Allow", onclick: () => answer("allow") }),
  );
}
