// Text and JSON of many megabytes: all of it is kept to be read, only its beginning stays to be laid out, which would take
// Chromium minutes. A fragment of the eye's closure.

const PLAIN_SHOWN = 300_000; // characters
const PLAIN = /^(text\/(?!html|xml)|application\/(.+\+)?json|application\/(x-)?(ndjson|javascript|yaml))/;

/** What Chromium puts a text into, or null. */
const plainBox = () => (document.body?.firstElementChild?.localName === "pre" ? document.body.firstElementChild : null);

/** Take away what is too much to be laid out, as it comes. */
function thin() {
  let shown = 0;
  for (const node of [...(plainBox()?.childNodes ?? [])]) {
    if (node.nodeType !== 3) continue;
    if (shown < PLAIN_SHOWN) shown += node.length;
    else {
      eye.plain.push(node.data);
      node.remove();
    }
  }
}

/** Begin with the document; pages of HTML are left alone. */
function watchPlain() {
  if (!PLAIN.test(document.contentType)) return;
  const thinning = new MutationObserver(thin);
  thinning.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => { thin(); thinning.disconnect(); }, { once: true });
}

const plainText = () => (plainBox()?.textContent ?? "") + eye.plain.join("");

/** Lines of a text that is not all laid out. */
function readPlain({ limit, query }) {
  const text = plainText(), wanted = query?.toLowerCase(), all = [];
  let size = 0, from = 0;
  for (; from < text.length && size <= limit; ) {
    const end = text.indexOf("\n", from), line = text.slice(from, end < 0 ? text.length : end);
    from += line.length + 1;
    for (const piece of line.trim() ? pieces(whole(line.trimEnd())) : []) {
      all.push(piece);
      if (!query) size += piece.length + 1;
    }
  }
  return { lines: query ? withNeighbours(all, all.map((line) => line.toLowerCase().includes(wanted)), limit) : all, more: from < text.length, shown: Math.max(1, Math.min(99, Math.round(from / text.length * 100))) };
}

function withNeighbours(lines, hits, limit) {
  const out = [];
  let size = 0, last = -1;
  lines.forEach((line, i) => {
    if (size > limit || !(hits[i] || hits[i - 1] || hits[i + 1])) return;
    if (last >= 0 && last < i - 1) out.push("…");
    out.push(line);
    last = i;
    size += line.length + 1;
  });
  return out;
}
