/**
 * Markdown from the agent as nodes. Hostile by assumption: HTML in it is shown as the text it is, pictures become links
 * (loading one would tell its server that somebody looks), and DOMPurify has the last word on what marked makes of the rest.
 */
import { highlight } from "./code.js";
import { Marked } from "./vendor/marked.js";
import createPurify from "./vendor/purify.js";

const purify = createPurify(window);
const RULES = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_TAGS: ["a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
  ALLOWED_ATTR: ["href", "align", "start"],
  ADD_URI_SAFE_ATTR: ["align", "start"], // words and numbers, not addresses: the pattern below is not for them
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
};

const markdown = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => (/^<br\s*\/?>$/i.test(text) ? "<br>" : escape(text)), // tables have no other line break
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || "image")}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** Show the text in the element. Blocks that have not changed since the last call stay as they are, selection and all. */
export function showMarkdown(root, text) {
  const tokens = markdown.lexer(text);
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
  box.dir = "auto";
  if (block.type === "code") box.append(scrollable("pre", highlight(block.text, block.lang?.split(/\s/)[0])));
  else box.append(purify.sanitize(markdown.parser(Object.assign([block], { links })), RULES));
  box.querySelectorAll("a[href]").forEach(openElsewhere);
  box.querySelectorAll("table").forEach((table) => {
    const place = document.createComment("");
    table.replaceWith(place);
    place.replaceWith(scrollable("div", table));
  });
  return box;
}

function openElsewhere(anchor) {
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  anchor.title = anchor.href;
}

/** What may be too wide scrolls in its own box, by keyboard too. */
function scrollable(tag, content) {
  const box = document.createElement(tag);
  box.className = "wide";
  box.tabIndex = 0;
  box.append(content);
  return box;
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
