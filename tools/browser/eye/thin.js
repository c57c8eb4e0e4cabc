// Text and JSON of many megabytes: all of it is kept to be read, only its beginning stays to be laid out, which would take
// Chromium minutes. A fragment of the closures of the eye and of the teller.

const PLAIN_SHOWN = 300_000; // characters
const PLAIN = /^(text\/(?!html|xml)|application\/(.+\+)?json|application\/(x-)?(ndjson|javascript|yaml))/;

/** What Chromium puts a text into, or null. */
const plainBox = () => (document.body?.firstElementChild?.localName === "pre" ? document.body.firstElementChild : null);

/** What was taken away of the text of this document: the teller has begun with it, and shares it with the eye in their world. */
const thinned = self === top && Object.hasOwn(globalThis, "thinned") ? globalThis.thinned : [];

/** Take away what is too much to be laid out, as it comes. */
function thin() {
  let shown = 0;
  for (const node of [...(plainBox()?.childNodes ?? [])]) {
    if (node.nodeType !== 3) continue;
    if (shown < PLAIN_SHOWN) shown += node.length;
    else {
      thinned.push(node.data);
      node.remove();
    }
  }
}

/** Begin while the document comes; pages of HTML are left alone. */
function watchPlain() {
  if (!PLAIN.test(document.contentType) || document.readyState !== "loading") return;
  const thinning = new MutationObserver(thin);
  thinning.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => { thin(); thinning.disconnect(); }, { once: true });
}
