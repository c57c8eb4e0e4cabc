// What an action changed, and what the session has to keep. A fragment of the eye's closure.

const TURN_MS = 10; // a turn of the event loop in which frameworks have rendered what a handler asked for
const SHORT_MS = 1; // after typing, which frameworks answer at once
const LOADED_MS = 2; // after loading, where only what scripts have put off is still to come
const SMALL = 1500; // elements: smaller documents are compared whole, larger ones one screen around the view

const EVERY_CHANGE = { childList: true, subtree: true, attributes: true, characterData: true };
const AROUND_MS = 1000; // for one screen around the view: a document that takes longer is compared as far as that

function lookAround(most) {
  const small = document.getElementsByTagName("*").length < SMALL;
  const walk = finished(new Walk({ limit: 60_000, near: small ? null : innerHeight, most, ms: most === undefined ? AROUND_MS : 2 * AROUND_MS }), pageRoot());
  const lines = walk.lines.map((line) => compared(walk, line).replace(/ \(focused\)|, focused|focused, /g, ""));
  return { walk, lines: lines.map((line) => line.replace(COVERED, (_, lead) => (lead === "," ? ")" : ""))), over: lines.flatMap((line) => [...line.matchAll(COVERED)].map((match) => match[2])) };
}

// That something came to lie over what was there is told by that something alone, or once when nothing else has changed.
const COVERED = /(,| \() ?covered by ((?:<[^>]*>|[\w-]+)(?: "(?:[^"\\]|\\.)*")?)\)/g;

/** Remember what is to be seen, and start to notice changes. */
function watch() {
  const { walk, lines, over } = lookAround();
  eye.before = { lines, over, steps: walk.late ? walk.steps : undefined, url: location.href, title: document.title, y: scrollY };
  eye.mutations = 0;
  eye.added = false;
  eye.reached = eye.hit = null;
  if (!eye.observer) watchMutations();
  return place();
}

function watchMutations() {
  eye.observer = new MutationObserver((records) => {
    eye.mutations += records.length;
    eye.added ||= records.some((record) => record.addedNodes.length > 0);
  });
  eye.observer.observe(document, EVERY_CHANGE);
}

/** Wait until nothing has changed for two turns, at most `max` ms. */
async function settle({ max, turn = TURN_MS }) {
  if (!eye.observer) watchMutations();
  const until = performance.now() + max;
  let quiet = 0;
  while (quiet < 2 && performance.now() < until) {
    const before = eye.mutations;
    await pause(turn);
    await idle();
    quiet = eye.mutations === before ? quiet + 1 : 0;
  }
  return { calm: quiet >= 2, added: eye.added };
}

/** All text of this frame that can be seen, in shadow roots too. */
function wholeText(root = document) {
  const parts = [...(root === document ? [pageRoot()] : root.children)].map((el) => (el ? get(el, "innerText") ?? get(el, "textContent") : ""));
  for (const el of root.querySelectorAll("*")) {
    const inner = rootOf(el);
    if (inner) parts.push(wholeText(inner));
  }
  return parts.join(" ") + (root === document ? (restBox()?.textContent ?? "") : "");
}

/** Which of the texts are to be seen in this frame. */
function holds(texts) {
  const page = squeeze(wholeText()).toLowerCase();
  return texts.map((text) => page.includes(squeeze(text).toLowerCase()));
}

/** Wait until something in the document changes, at most `ms`. */
async function change(ms) {
  await new Promise((done) => {
    const watching = new MutationObserver(done);
    watching.observe(document, EVERY_CHANGE);
    later(done, ms);
  });
  await pause(TURN_MS);
}

const COMING_MS = 200; // for something to be parsed of a page that has broken off

/** Wait until the document is there (at most `parse_ms`) and calm, then read it: one round trip for a new page. */
async function arrive(given) {
  if (document.readyState === "loading") {
    await parsed(given.parse_ms);
    const until = performance.now() + COMING_MS; // what came before the connection broke off may not be parsed yet
    await idle();
    while (!document.body?.hasChildNodes() && performance.now() < until) await pause(TURN_MS);
  }
  if (document.contentType !== "text/html") await drawn(); // Chromium itself then makes what is to be seen, after loading
  else if (document.scripts.length) await settle({ max: 300, turn: LOADED_MS });
  eye.observer?.disconnect();
  eye.observer = null;
  return { ...read(given), loading: document.readyState === "loading", stored: stored(given.known) };
}

async function drawn() {
  if (document.readyState !== "complete") {
    await new Promise((done) => { window.addEventListener("load", done, { once: true }); later(done, 300); });
  }
  await settle({ max: 300 });
}

/** Wait until the document is parsed, at most so many ms. */
const parsed = (most) => new Promise((done) => {
  document.addEventListener("DOMContentLoaded", done, { once: true });
  eye.enough = done;
  later(done, most);
});

/** Wait until the page is calm, then say what is different, and what became of the field that was typed into. */
async function finish({ max, typed, known, ...given }) {
  await settle({ max, turn: typed ? SHORT_MS : TURN_MS });
  return { ...changes(given), typed: typed ? edited(typed) : null, stored: stored(known) };
}

/** Lines that came or went since `watch`, in at most `room` characters. */
function changes({ next, room }) {
  eye.next = Math.max(eye.next, next);
  eye.observer?.disconnect();
  eye.observer = null;
  if (eye.added) listen();
  const { walk, lines, over } = lookAround(eye.before?.steps);
  const came = surplus(lines, eye.before?.lines ?? lines);
  const went = surplus(eye.before?.lines ?? lines, lines).map((i) => eye.before.lines[i]);
  const shown = [];
  let size = 0;
  for (const i of came) {
    const line = FRAME.test(walk.lines[i]) ? "(a frame)" : written(walk, walk.lines[i], null);
    if (size + line.length > room || shown.length >= 40) break;
    shown.push(cut(line, 400));
    size += line.length + 1;
  }
  const kept = new Set(shown.flatMap((line) => [...line.matchAll(/\[(\d+)\]/g)].map((match) => match[1])));
  const gone = went.filter((line) => !FRAME.test(line) && ![...line.matchAll(/\[(\d+)\]/g)].some((match) => kept.has(match[1])));
  return { came: shown, left_out: came.length - shown.length, gone: gone.slice(0, 8).map((line) => cut(line, 100)), gone_count: gone.length, next: eye.next, over: over.find((one) => !eye.before?.over.includes(one)) ?? null, ...place(), ...clicked() };
}

/** Positions of the lines of `a` that are not in `b`, counting repetitions. */
function surplus(a, b) {
  const counts = new Map();
  for (const line of b) counts.set(line, (counts.get(line) ?? 0) + 1);
  const out = [];
  a.forEach((line, i) => {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    else out.push(i);
  });
  return out;
}

/** Scroll the page, or the box that scrolls under an element; says where it stands. */
function scroll({ n, dy, dx, to }) {
  const el = n === null ? null : eye.els.get(n)?.deref();
  if (n !== null && !el?.isConnected) return { gone: true };
  let box = el ?? document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const page = document.scrollingElement ?? document.documentElement;
  const scrolls = (one) => one.scrollHeight > one.clientHeight + 1 && /auto|scroll|overlay/.test(getComputedStyle(one).overflowY);
  while (box && box !== page && !scrolls(box)) box = above(box);
  if (!el && page?.scrollHeight > innerHeight + 1) box = page;
  box = box ?? page;
  if (!box) return { top: 0, high: innerHeight, full: innerHeight, place: watch(), inside: null }; // an emptied document
  const at = watch();
  if (to === "element" && el) el.scrollIntoView({ block: "center", behavior: "instant" });
  else {
    const top = to === "top" ? 0 : to === "bottom" ? box.scrollHeight : box.scrollTop + dy;
    box.scrollTo({ top, left: box.scrollLeft + dx, behavior: "instant" });
  }
  const high = box === page ? innerHeight : box.clientHeight;
  return { top: Math.round(box.scrollTop), high, full: box.scrollHeight, place: at, inside: box === page ? null : brief(box) };
}

/** A quick sum of a text, to tell whether storage has changed. */
function sum(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}:${h >>> 0}`;
}

function boxed(name, known) {
  try {
    const entries = Object.entries(window[name]);
    const now = sum(entries.map(([key, value]) => `${key}\u0000${value}`).join("\u0000"));
    return now === known ? { sum: now } : { sum: now, entries };
  } catch {
    return { sum: "" }; // opaque origins have no storage
  }
}

/** What the page has stored, as far as it differs from what is `known`; null for a frame that is not asked. */
function stored(known) {
  if (!known) return null;
  return { origin: location.origin, local: boxed("localStorage", known.local?.[location.origin]), session: boxed("sessionStorage", known.session) };
}

/** Where the page stands and what it has stored. */
const keep = (known) => ({ ...place(), stored: stored(known) });

/** Outlines and numbers over what is in view, for a screenshot with labels; `unlabel` takes them away. */
function label_(on) {
  eye.labels?.remove();
  eye.labels = null;
  if (!on) return 0;
  const host = document.createElement("div");
  host.style.cssText = "all:initial;position:fixed;inset:0;z-index:2147483647;pointer-events:none";
  const root = host.attachShadow({ mode: "closed" });
  let count = 0;
  for (const [n, ref] of eye.els) {
    const el = ref.deref();
    if (!el?.isConnected || !pointable(el)) continue;
    const box = el.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) continue;
    const frame = document.createElement("div");
    frame.style.cssText = `position:absolute;left:${box.left}px;top:${box.top}px;width:${box.width}px;height:${box.height}px;outline:2px solid #d97757`;
    const mark = document.createElement("span");
    mark.textContent = n;
    mark.style.cssText = "position:absolute;left:0;top:0;font:bold 11px/13px sans-serif;color:#fff;background:#b4502e;padding:0 3px";
    frame.append(mark);
    root.append(frame);
    count++;
  }
  document.documentElement?.append(host);
  eye.labels = host;
  return count;
}
