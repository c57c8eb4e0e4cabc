/** What was just done, drawn over the frame in the page's own pixels: the target's outline, the click, the typed text. */
import { draw } from "./dom.js";

const NAME_PX = 7.2; // width of a letter of the caption at 12 px; a little generous

export class Marks {
  #svg; #shown = 0;

  constructor(svg) {
    this.#svg = svg;
  }

  /** `lasting`: in a replay the marks stay; live they fade, because the page goes on. */
  show(n, act, viewport, lasting) {
    this.#svg.setAttribute("viewBox", `0 0 ${viewport.width} ${viewport.height}`);
    this.#svg.classList.toggle("lasting", lasting);
    if (n === this.#shown) return;
    this.#shown = n;
    this.#svg.replaceChildren(...(act ? shapes(act, viewport) : []));
  }
}

function shapes(act, viewport) {
  const parts = [];
  const box = act.moved ? null : act.target?.box;
  if (box) parts.push(outline(box));
  if (act.point) parts.push(...ripple(act.point));
  const words = act.text ? `“${act.text}”` : box ? [act.target.role, act.target.name].filter(Boolean).join(" ") : null;
  const anchor = box ?? (act.point ? [...act.point, 0, 20] : null);
  if (words && anchor) parts.push(caption(words, anchor, viewport));
  return parts;
}

function outline([x, y, width, height]) {
  return draw("rect", { class: "outline", x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 6 });
}

function ripple([cx, cy]) {
  return [draw("circle", { class: "ripple", cx, cy, r: 22 }), draw("circle", { class: "point", cx, cy, r: 6 })];
}

/** Under its target, or above it where there is no room; never outside the frame. */
function caption(words, [x, y, , height], viewport) {
  const text = words.length > 60 ? `${words.slice(0, 59)}…` : words;
  const width = text.length * NAME_PX * 1.25 + 20;
  const left = Math.max(6, Math.min(x - 4, viewport.width - width - 6));
  const below = y + height + 12;
  const top = below + 32 > viewport.height ? Math.max(6, y - 42) : below;
  return draw("g", { class: "caption" },
    draw("rect", { x: left, y: top, width, height: 30, rx: 6 }),
    draw("text", { x: left + 10, y: top + 20, text }));
}
