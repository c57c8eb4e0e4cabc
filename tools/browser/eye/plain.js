// Reading a text that is not all laid out (thin.js). A fragment of the eye's closure.

/** What is hidden of a text: no script of its own can have made that. */
const restBox = () => (/html|xml/.test(document.contentType) ? null : document.body?.querySelector(":scope > pre[hidden]") ?? null);

/** Lines of a text that is not all laid out. */
function readPlain({ limit, query }) {
  const text = document.body.firstElementChild.textContent + restBox().textContent, wanted = query?.toLowerCase(), all = [];
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
