// What a page asks of whoever draws it: all pages of all sessions are drawn by one process. A fragment of the eye's closure.

const HEAVY_PX = 40_000_000; // of filters, laid over one another: some forty screens
const PAINT_MS = 500;

/** Take filters off a document that has more of them than can be drawn. How many million px there were, or 0. */
function lighten() {
  const until = performance.now() + PAINT_MS, found = [];
  let area = 0, i = 0;
  for (const el of document.querySelectorAll("*")) {
    if (i++ % 64 === 0 && performance.now() > until) break;
    const style = getComputedStyle(el);
    if (style.filter === "none" && style.backdropFilter === "none" && style.mixBlendMode === "normal") continue;
    const box = boxOf(el);
    area += box.width * box.height;
    found.push(el);
  }
  if (area < HEAVY_PX) return 0;
  for (const el of found) {
    const own = get(el, "style");
    for (const [name, none] of [["filter", "none"], ["backdrop-filter", "none"], ["mix-blend-mode", "normal"]]) own?.setProperty(name, none, "important");
  }
  return Math.round(area / 1e6);
}
