// Text and JSON of many megabytes: its beginning stays to be laid out, which would take Chromium minutes for all of it; the
// rest lies hidden beside it, to be read (eye/plain.js). In every document of a tab; such a text has no scripts of its own.
(() => {
  "use strict";

  const SHOWN = 300_000; // characters
  const PLAIN = /^(text\/(?!html|xml)|application\/(.+\+)?json|application\/(x-)?(ndjson|javascript|yaml))/;
  if (self !== top || !PLAIN.test(document.contentType) || document.readyState !== "loading") return;

  const rest = document.createElement("pre");
  rest.hidden = true;

  /** Hide what is too much, as it comes. */
  const thin = () => {
    const text = document.body?.firstElementChild; // what Chromium puts it into
    if (text?.localName !== "pre") return;
    let shown = 0;
    for (const node of [...text.childNodes]) {
      if (node.nodeType !== 3) continue;
      if (shown < SHOWN) shown += node.length;
      else rest.append(node);
    }
    if (rest.firstChild && !rest.parentNode) document.body.append(rest);
  };
  const thinning = new MutationObserver(thin);
  thinning.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => { thin(); thinning.disconnect(); }, { once: true });
})()
