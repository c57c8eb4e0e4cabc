// What a person can see. A fragment of the eye's closure.

const SKIPPED = new Set("script style noscript template head meta link title base param source track datalist option optgroup desc defs metadata clipPath symbol pattern mask marker linearGradient radialGradient filter".split(" "));
const TRANSPARENT = /^rgba\(\d+, \d+, \d+, 0\)$/;

const start = { pointer: false, muted: false, background: "rgb(255, 255, 255)", faded: false, placed: false, label: false, kept: false, drawing: false, items: false };

/** What html and body do to everything in them. */
function ground() {
  if (!document.documentElement) return null; // emptied by document.open()
  const dark = /dark/.test(getComputedStyle(document.documentElement).colorScheme);
  let seen = { ...start, background: dark ? null : start.background };
  for (const el of [document.documentElement, document.body]) {
    if (el && seen) seen = look(el, getComputedStyle(el), seen);
    if (el && seen) seen = { ...start, muted: seen.muted, background: seen.background, faded: seen.faded };
  }
  return seen;
}

/** How an element's own style changes what is seen in it; null when nothing in it is rendered. */
const look = (el, style, inherited, display = style.display) => (display === "none" || style.contentVisibility === "hidden" ? null : new Seen(el, style, inherited, display));

/** What is seen in an element. Each style is a call into Chromium: those that not every element needs wait until they are asked for. */
class Seen {
  constructor(el, style, inherited, display) {
    this.el = el;
    this.style = style;
    this.inherited = inherited;
    this.faded = inherited.faded || (style.opacity !== "1" && parseFloat(style.opacity) < 0.03) || invisibleBox(el, style, display);
    this.label = inherited.label;
    this.drawing = inherited.drawing;
    this.items = this.pointed = false;
    this.mute = this.ground = undefined; // not known yet
  }

  get pointer() {
    return this.pointed || this.style.cursor === "pointer";
  }

  get kept() {
    return this.style.whiteSpaceCollapse !== "collapse";
  }

  get placed() {
    return this.inherited.placed || this.style.position !== "static";
  }

  /** The colour behind the text, null for a picture. */
  get background() {
    if (this.ground === undefined) {
      const own = this.style.backgroundColor;
      this.ground = this.style.backgroundImage !== "none" ? null : TRANSPARENT.test(own) ? this.inherited.background : own;
    }
    return this.ground;
  }

  get muted() {
    return (this.mute ??= this.faded || this.style.visibility !== "visible" || parseFloat(this.style.fontSize) < 2
      || parseFloat(this.style.textIndent) < -200 || (paleText(this.style, this.background) && !somethingBehind(this.el, this.background, this.placed)));
  }
}

/** Text in the colour of its background, or in none. */
function paleText(style, background) {
  const ink = style.webkitTextFillColor;
  return (TRANSPARENT.test(ink) || (background !== null && ink === background)) && style.backgroundClip !== "text";
}

/** Whether text in the colour of its inherited background can be read all the same: over a picture, another box. */
function somethingBehind(el, background, placed) {
  const box = boxOf(el);
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const behind = document.elementsFromPoint(x, y);
  if (!behind.length) return placed; // out of view: only what lies in the normal flow is sure to lie on its own background
  return behind.some((other) => {
    if (other === el) return false;
    if (/^(img|video|canvas|svg|iframe|picture|object)$/.test(tag(other))) return true;
    const style = getComputedStyle(other);
    return style.backgroundImage !== "none" || (!TRANSPARENT.test(style.backgroundColor) && style.backgroundColor !== background);
  });
}

/** Boxes made so that nobody sees them: clipped to nothing, a pixel small, scaled to nothing, placed off the page. */
function invisibleBox(el, style, display = style.display) {
  if (display === "contents" || display === "inline") return false;
  if (style.transform.startsWith("matrix(0, 0, 0, 0")) return true;
  const clipping = style.overflow !== "visible";
  const placed = /^(absolute|fixed)$/.test(style.position);
  if (!clipping && !placed && style.clipPath === "none") return false;
  const box = boxOf(el);
  if (clipping && (box.width <= 1 || box.height <= 1)) return true;
  if (style.clipPath.startsWith("inset(50%") || style.clipPath.startsWith("inset(100%") || style.clipPath === "circle(0px)") return true;
  if (!placed) return false;
  if (/^rect\(0px,? 0px,? 0px,? 0px\)|^rect\(1px,? 1px,? 1px,? 1px\)/.test(style.clip)) return true;
  return box.width + box.height > 0 && (box.right + scrollX <= 0 || box.bottom + scrollY <= 0);
}

/** Whether an element has a box that a person can point at. */
function pointable(el) {
  if (![...boxesOf(el)].some((box) => box.width >= 2 && box.height >= 2)) return false;
  if (tag(el) === "area") return true;
  for (let at = el; at; at = above(at)) {
    const style = getComputedStyle(at);
    if (style.display === "none" || style.opacity === "0") return false;
    if (at === el && style.visibility !== "visible") return false;
    if (at === el && style.pointerEvents === "none") return false;
    if (invisibleBox(at, style)) return false;
  }
  return true;
}

/** The element under a point of this frame, through shadow roots. */
function hitAt(x, y) {
  let hit = document.elementFromPoint(x, y);
  for (let root = hit && rootOf(hit); root; root = rootOf(hit)) {
    const inner = root.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
}

/** The boxes of an element; of one without any (display: contents), those of what is in it; of an area, that of its shape. */
function boxesOf(el) {
  if (tag(el) === "area") return areaBox(el);
  const boxes = el.getClientRects();
  if (boxes.length || getComputedStyle(el).display !== "contents") return boxes;
  const range = document.createRange();
  range.selectNodeContents(el);
  return range.getClientRects();
}

/** The middle of an area of an image map, as a small box on its picture. */
function areaBox(el) {
  const map = el.closest("map");
  const picture = map && [...el.getRootNode().querySelectorAll("img[usemap]")].find((one) => one.useMap === "#" + map.name);
  if (!picture) return [];
  const around = picture.getBoundingClientRect();
  const at = (attr(el, "coords") ?? "").split(",").map(Number);
  const circle = attr(el, "shape") === "circle" || at.length < 4;
  const xs = at.filter((_, i) => i % 2 === 0), ys = at.filter((_, i) => i % 2 === 1);
  const middle = (all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const [x, y] = attr(el, "shape") === "default" || !at.length ? [around.width / 2, around.height / 2] : circle ? [at[0], at[1]] : [middle(xs), middle(ys)];
  return [new DOMRect(around.x + x - 2, around.y + y - 2, 4, 4)];
}

const outOfView = (box) => box.right <= 0 || box.bottom <= 0 || box.left >= innerWidth || box.top >= innerHeight;

/** A point of the element inside the viewport: the middle of its largest visible line box, or null. */
function pointOf(el) {
  let best = null;
  for (const box of boxesOf(el)) {
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    const area = (right - left) * (bottom - top);
    if (right > left && bottom > top && (!best || area > best.area)) best = { area, x: (left + right) / 2, y: (top + bottom) / 2 };
  }
  return best;
}

/** What lies over an element at its point, or null; null as well when it is not in view now. */
function coveredBy(el, at = pointOf(el)) {
  if (!at) return null;
  const hit = hitAt(at.x, at.y);
  if (!hit || within(hit, el) || within(el, hit) || tag(el) === "area") return null;
  for (const label of el.labels || []) if (within(hit, label)) return null;
  const link = get(hit, "closest").call(hit, "label");
  return link && link.control === el ? null : hit;
}
