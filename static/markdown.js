/**
 * Markdown from the agent as nodes. Hostile by assumption: marked makes HTML, DOMPurify makes nodes of what is harmless,
 * and nothing that loads, frames, styles, submits or takes a name in the page gets through.
 */
import { highlight } from "./code.js";
import { marked } from "./vendor/marked.js";
import createPurify from "./vendor/purify.js";

const purify = createPurify(window);
const RULES = {
  RETURN_DOM_FRAGMENT: true,
  USE_PROFILES: { html: true },
  FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "option", "dialog", "audio", "video", "source",
    "picture", "map", "area", "details", "summary", "marquee", "label", "fieldset"],
  FORBID_ATTR: ["style", "class", "id", "name", "for", "background", "srcset", "poster", "tabindex", "role", "dir"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
};
const OPTIONS = { gfm: true, breaks: false };

/** Show the text in the element. Blocks that have not changed since the last call stay as they are, selection and all. */
export function showMarkdown(root, text) {
  const tokens = marked.lexer(text, OPTIONS);
  const blocks = tokens.filter((token) => token.type !== "space" && token.type !== "def");
  const shown = root.shownBlocks ?? [];
  let same = 0;
  while (same < shown.length && same < blocks.length && shown[same] === blocks[same].raw) same++;
  while (root.children.length > same) root.lastElementChild.remove();
  for (const block of blocks.slice(same)) root.append(render(block, tokens.links));
  root.shownBlocks = blocks.map((block) => block.raw);
}

function render(block, links) {
  const box = document.createElement("div");
  box.className = "block";
  if (block.type === "code") {
    box.append(codeBlock(block));
    return box;
  }
  const tokens = Object.assign([block], { links });
  box.append(purify.sanitize(marked.parser(tokens, OPTIONS), RULES));
  box.querySelectorAll("a[href]").forEach(openElsewhere);
  box.querySelectorAll("img").forEach(asLink);
  box.querySelectorAll("table").forEach(scrollable);
  return box;
}

function codeBlock({ text, lang }) {
  const pre = document.createElement("pre");
  pre.tabIndex = 0; // wide code scrolls, by keyboard too
  pre.append(highlight(text, lang?.split(/\s/)[0]));
  return pre;
}

function openElsewhere(anchor) {
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  anchor.title = anchor.href;
}

/** A picture would tell its server that somebody looks, and the page's policy refuses it anyway. */
function asLink(image) {
  const anchor = document.createElement("a");
  anchor.textContent = image.alt || "image";
  if (image.getAttribute("src")) anchor.href = image.getAttribute("src");
  openElsewhere(anchor);
  image.replaceWith(anchor);
}

function scrollable(table) {
  const box = document.createElement("div");
  box.className = "wide";
  box.tabIndex = 0;
  table.replaceWith(box);
  box.append(table);
}
