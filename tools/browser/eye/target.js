// From what the agent wrote to an element that can be acted on, or to a sentence why not. A fragment of the eye's closure.

/** Whether the document forbids scripts (a sandbox): no timer ever rings in it, for the eye neither, and little moves. */
const still = matchMedia("(scripting: none)").matches;
const later = still ? (act) => queueMicrotask(act) : setTimeout.bind(window);
const pause = (ms) => new Promise((done) => later(done, ms));
/** Wait until the page has nothing to do at once. */
const idle = !still && window.scheduler?.postTask ? scheduler.postTask.bind(scheduler, () => {}, { priority: "background" }) : () => pause(0);
const frameTick = () => new Promise((done) => { requestAnimationFrame(done); later(done, 34); }); // no frames in a hidden tab

/** All matches of a selector, in shadow roots too; null when it is no selector. */
function deepAll(selector, root = document) {
  let found;
  try {
    found = [...root.querySelectorAll(selector)];
  } catch {
    return null;
  }
  for (const el of root.querySelectorAll("*")) {
    const inner = rootOf(el);
    if (inner) found.push(...deepAll(selector, inner));
  }
  return found;
}

/** The element of a number or a selector (the first that can be seen), or null. */
function find(target) {
  if (typeof target === "number") {
    const el = eye.els.get(target)?.deref();
    return el?.isConnected ? el : null;
  }
  const all = deepAll(target);
  return all?.find(pointable) ?? all?.[0] ?? null;
}

const LINE = /^(?<role>[a-z]+) "(?<name>(?:[^"\\]|\\.)+)"(?: .*)?$/; // as elements are written in readings

/** What is meant by a role and a name. */
function byLine(names, { role, name }) {
  const known = name.replace(/\\(.)/g, "$1");
  const begun = known.endsWith("…");
  return byName(names.filter(({ el }) => acting(el) === role), begun ? known.slice(0, -1) : known, (one, wanted) => (begun ? one.startsWith(wanted) : one === wanted));
}

/** Elements meant by a selector or by their text: at most 6 with their numbers, and how many there are. */
function candidates({ text, next }) {
  eye.next = Math.max(eye.next, next);
  const names = once(namesOf);
  const line = LINE.exec(text);
  const named = line ? byLine(names(), line.groups) : /^[\w-]+$/.test(text) ? byName(names(), text) : []; // "Go" and "p" are names of elements in HTML, too
  const css = named.length ? [] : deepAll(text) ?? [];
  let found = named.length ? named : css.filter(pointable);
  let how = named.length ? "text" : "selector";
  if (!found.length) found = css.slice(0, 1);
  if (!found.length) [found, how] = [byText(names(), text), "text"];
  return {
    how, count: found.length,
    some: found.slice(0, 6).map((el) => ({ n: numberOf(el), text: brief(el) })),
    next: eye.next,
  };
}

const NAMES_MS = 2000; // for the names of what can be acted on: on a page that takes longer, those of its beginning
const MANY = 300; // hits: to hold each one against all others would take longer than to find them

function once(make) {
  let made = null;
  return () => (made ??= make());
}

/** What can be acted on, in the order of the page, by name. */
function namesOf() {
  const walk = finished(new Walk({ limit: 3_000_000, ms: NAMES_MS }), pageRoot());
  return walk.found.map(({ el }) => ({ el, name: nameOf(el, acting(el)).toLowerCase() }));
}

/** The innermost of those whose name is the wanted one. */
function byName(names, text, test = (name, wanted) => name === wanted) {
  const wanted = squeeze(text).toLowerCase();
  if (!wanted) return [];
  const hits = names.filter(({ name }) => test(name, wanted)).map(({ el }) => el);
  const others = (i) => (hits.length > MANY ? hits.slice(i + 1, i + 2) : hits);
  return hits.filter((el, i) => !others(i).some((other) => other !== el && within(other, el)));
}

function byText(names, text) {
  const exact = byName(names, text);
  if (exact.length) return exact;
  const partly = byName(names, text, (name, wanted) => name.includes(wanted));
  return partly.length ? partly : textHolders(squeeze(text).toLowerCase());
}

/** Innermost visible elements whose text is, or else contains, the wanted one. */
function textHolders(wanted) {
  if (!wanted) return [];
  const exact = [], partly = [];
  const until = performance.now() + NAMES_MS;
  const look = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (performance.now() > until) return;
      const inner = rootOf(el);
      if (inner) look(inner);
      if (SKIPPED.has(tag(el))) continue;
      const own = [...get(el, "childNodes")].some((node) => node.nodeType === 3 && node.data.trim());
      const text = own ? squeeze(get(el, "textContent")).toLowerCase() : "";
      if (text && text.length < 500 && text.includes(wanted) && pointable(el)) (text === wanted ? exact : partly).push(el);
    }
  };
  look(document);
  return exact.length ? exact : partly;
}

/** Where a link leads that a page of the web cannot be opened from: another program, a file, Chromium itself. */
function elsewhere(el) {
  const link = el.closest("a[href],area[href]");
  return link?.protocol && !/^(https?|javascript|blob|about):$/.test(link.protocol) && !link.hasAttribute("download") ? cut(link.href, 100) : null;
}

const facts = (el, n) => {
  const role = acting(el);
  const box = el.getBoundingClientRect();
  return { n, role, name: nameOf(el, role), box: [box.x, box.y, box.width, box.height].map(Math.round), text: brief(el), elsewhere: elsewhere(el), download: Boolean(el.closest("a[href][download]")) };
};

/** Where to click for an element: itself, or the label that stands for it. */
function clickable(el) {
  if (pointable(el)) return el;
  const label = [...(el.labels || [])].find(pointable);
  if (label) return label;
  if (el.localName === "option" && el.parentElement) return el.parentElement;
  const inner = [...el.children].find(pointable); // display: contents, or a link around a floated picture
  return inner ?? null;
}

function whyNot(el, { forKeys }) {
  if (!el.isConnected) return "is no longer on the page";
  if (disabled(el)) return "is disabled";
  if (el.closest("[inert]")) return "is inert: something else, such as a dialog, has to be dealt with first";
  const spot = clickable(el);
  if (!spot) return forKeys && el.getClientRects().length ? null : "is not visible now";
  return null;
}

/** An element by its number or by what `candidates` finds, made ready; with `edit`, made ready to be typed into. */
async function reach({ n, text, next, edit: editing, ...given }) {
  const found = text === undefined ? { count: 1, how: "number", some: [{ n }] } : candidates({ text, next });
  const sure = found.count === 1 || (found.count && found.how === "selector");
  const facts = sure ? await prepare({ n: found.some[0].n, ...given }) : null;
  if (facts && editing && !facts.gone && !facts.problem) facts.field = edit({ n: found.some[0].n, ...editing });
  return { ...found, facts, next: eye.next };
}

/** Let go of a pointer that the page has locked: all clicks would go to what holds it. */
const pointerFreed = () => new Promise((done) => {
  document.addEventListener("pointerlockchange", done, { once: true });
  later(done, 300);
  document.exitPointerLock();
});

/** Bring the element into view, wait until it can be acted on (at most `patience` ms), and say where to point. */
async function prepare({ n, patience, forKeys = false, at = null }) {
  const el = eye.els.get(n)?.deref();
  if (!el || !el.isConnected) return { gone: true };
  const until = performance.now() + patience;
  if (document.pointerLockElement) await pointerFreed();
  for (;;) {
    const problem = whyNot(el, { forKeys }) ?? (forKeys ? null : await aim(el, at));
    if (typeof problem === "object" && problem !== null) {
      watch();
      expectClick(el);
      return { ...facts(el, n), ...problem, place: place() };
    }
    if (problem === null) {
      inView(el);
      watch();
      return { ...facts(el, n), point: null, place: place() };
    }
    if (performance.now() > until) return { problem, ...facts(el, n) };
    await pause(50);
  }
}

function inView(el) {
  const box = el.getBoundingClientRect();
  if (box.top < 0 || box.left < 0 || box.bottom > innerHeight || box.right > innerWidth) {
    el.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  }
}

/** Wait until Chromium knows where frames are after scrolling: it sends clicks on by the picture that was drawn last. */
async function redrawn() {
  await frameTick();
  await frameTick();
}

/** A point that a click would reach, as { point }, or why there is none. Waits for a box that moves. */
async function aim(el, at) {
  const spot = clickable(el);
  let moved = false;
  const center = () => {
    spot.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    moved = true;
  };
  if (!pointOf(spot)) center();
  const still = await steady(spot);
  let point = pointOf(spot);
  if (at) {
    const box = spot.getBoundingClientRect();
    point = { x: box.left + at[0], y: box.top + at[1] };
  }
  if (!at && point && strays(spot, point)) { // cut off by a box around it that scrolls
    center();
    point = pointOf(spot);
    if (point && strays(spot, point)) point = corners(spot).find((other) => !strays(spot, other)) ?? point;
  }
  if (!point) return "is outside the part of the page that can be scrolled into view";
  let over = coveredBy(spot, point);
  if (over && !at) {
    for (const other of corners(spot)) if (!coveredBy(spot, other)) [point, over] = [other, null];
    if (over) center();
  }
  if (over) return `is covered by ${brief(over)}: deal with that first`;
  if (moved && window.length) await redrawn();
  return still ? { point: [point.x, point.y] } : "does not stop moving";
}

/** Wait until an element is under the mouse that was moved there: many change as the mouse comes, and lose the click. */
async function hovered({ n, at: [x, y] }) {
  const el = eye.els.get(n)?.deref();
  const spot = el?.isConnected ? clickable(el) ?? el : null; // it may have no size for a moment
  const at = { x, y };
  for (let i = 0; spot && i < 12 && (coveredBy(spot, at) || strays(spot, at)); i++) await pause(30);
}

/** Whether a point of an element shows no more of it than a box around it. */
function strays(el, at) {
  const hit = hitAt(at.x, at.y);
  return Boolean(hit) && hit !== el && within(el, hit);
}

/** Other points of an element that lies partly under something. */
function corners(el) {
  const box = el.getBoundingClientRect();
  return [[0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]]
    .map(([x, y]) => ({ x: box.left + box.width * x, y: box.top + box.height * y }))
    .filter(({ x, y }) => x > 0 && y > 0 && x < innerWidth && y < innerHeight);
}

async function steady(el) {
  let before = el.getBoundingClientRect();
  if (!document.getAnimations().length && !eye.moving) return true;
  for (let i = 0; i < 30; i++) {
    await frameTick();
    const box = el.getBoundingClientRect();
    if (Math.abs(box.x - before.x) + Math.abs(box.y - before.y) < 1) return true;
    before = box;
  }
  return false;
}

/** The element, or the host of the closed root it is in: no more is to be seen of it in an event. */
function outward(el) {
  for (let root = el.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode()) {
    if (root.mode === "closed") el = root.host;
  }
  return el;
}

/** Notice whether a person's click reaches the element: pages may move it away between press and release. */
function expectClick(el) {
  eye.reached = null;
  const note = (event) => {
    if (!event.isTrusted) return;
    const path = event.composedPath();
    eye.reached = path.includes(outward(el)) || [...(el.labels || [])].some((label) => path.includes(label)) || within(path[0], el);
    eye.hit = eye.reached ? null : path[0];
  };
  eye.unexpect?.();
  for (const type of ["click", "auxclick", "contextmenu"]) window.addEventListener(type, note, { capture: true });
  eye.unexpect = () => {
    for (const type of ["click", "auxclick", "contextmenu"]) window.removeEventListener(type, note, { capture: true });
  };
}

/** What became of the expected click: true, or the element that got it instead, or null when there was none. */
function clicked() {
  eye.unexpect?.();
  return { reached: eye.reached, hit: eye.hit ? brief(eye.hit) : null };
}
