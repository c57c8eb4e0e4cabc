// One pass over DOM and open shadow roots: lines of text with numbered elements. A fragment of the eye's closure.

const HEADING = { h1: "# ", h2: "## ", h3: "### ", h4: "#### ", h5: "##### ", h6: "###### " };
const DEPTH = 1000; // HTML itself nests at most 512 deep in Chromium
const MARK = /\u0001(\d+)\u0002/g; // an element's place in a line until it gets its number
const FRAME = /\u0003(\d+)\u0004/;

const REST_MS = 1000; // to search what is left of a page by its plain text
const REST_LINES = 20;

function visitAll(walk, node, inherited, depth) {
  const given = slotted(node);
  let i = 0;
  for (let child = given ? given[0] : firstIn(node); child && !walk.full; child = given ? given[++i] : get(child, "nextSibling")) {
    const is = kind(child);
    if (is === 3) {
      if (inherited.muted || inherited.label) continue;
      if (inherited.kept) keptText(walk, whole(child.data));
      else walk.text(whole(child.data), false);
    } else if (is === 1) visit(walk, child, inherited, depth);
  }
}

/** Text whose lines and spaces are shown as they are: code, poems, plain text. */
function keptText(walk, text) {
  text.replace(/[\u0001-\u0004]/g, " ").split(/\r\n?|\n/).forEach((line, i) => {
    if (i) walk.end("", true);
    if (line) walk.text(line, true);
    if (line.trim()) walk.kept = true;
  });
}

const INLINE = new Set(["inline", "inline-block", "inline-flex", "contents"]);

function visit(walk, el, inherited, depth) {
  const name = tag(el);
  if (SKIPPED.has(name) || depth > DEPTH || !walk.step()) return;
  if (rootOf(el)) eye.writes = true; // what its own style sheets say is not looked through
  const style = getComputedStyle(el);
  const display = style.display;
  if (walk.near !== null && outOfReach(walk, el, display)) return;
  const seen = look(el, style, inherited, display);
  if (!seen) return;
  walk.last = el;
  if (seen.label && attr(el, "role") === "group") seen.label = false;
  seen.items = inherited.items && name === "tbody";
  if (name === "br") return walk.end();
  if (name === "details" && !el.open) return closedDetails(walk, el, seen, depth);
  if (name === "iframe" || name === "frame" || name === "embed" || (name === "object" && el.contentWindow)) return frame(walk, el, seen);
  const inline = INLINE.has(display);
  const cell = display === "table-cell";
  if (!inline && !cell) walk.end(opening(el, name, display));
  else if (cell && /[^\s|-]/.test(walk.line)) walk.line = walk.line.trimEnd() + " | ";
  if (name === "label" && el.control) label(walk, el, seen);
  const role = interactive(el, style, inherited);
  if (role === "clickable" && listOf(el, name)) itemsOf(walk, el, seen, depth);
  else if (role && !(role === "clickable" && name === "svg" && !svgName(el) && drawn_(el))) control(walk, el, role, seen, depth);
  else if (name === "svg" && drawn_(el)) drawing(walk, el, seen, depth);
  else if (name === "img" || name === "svg") picture(walk, el, name, seen);
  else if (GAUGES.has(name) || GAUGES.has(attr(el, "role"))) gauge(walk, el, seen);
  else contents(walk, el, seen, depth);
  if (!inline && !cell) walk.end();
}

function contents(walk, el, seen, depth) {
  const shown = eye.writes && !seen.muted && !seen.label;
  const before = shown && written_(el, "::before");
  if (before) walk.text(before, false);
  visitAll(walk, el, seen, depth + 1);
  const after = shown && written_(el, "::after");
  if (after) walk.text(after, false);
}

/** A list that listens means its items: those are what people click and drag. */
const listOf = (el, name) => /^(ul|ol|tbody|table)$/.test(name) && eye.listening?.has(el) && !attr(el, "aria-label")
  && Boolean(el.querySelector(name === "ul" || name === "ol" ? ":scope > li" : "tr"));

function itemsOf(walk, el, seen, depth) {
  seen.items = true;
  visitAll(walk, el, seen, depth + 1);
}

const GAUGES = new Set(["progress", "meter", "progressbar"]);

/** How full a bar is. */
function gauge(walk, el, seen) {
  if (seen.muted) return;
  const value = attr(el, "aria-valuetext") ?? attr(el, "aria-valuenow") ?? (el.hasAttribute("value") ? String(el.value) : "");
  const most = attr(el, "aria-valuemax") ?? (el.max === undefined ? "" : String(el.max));
  const name = nameOf(el, "gauge");
  walk.text(` (${tag(el) === "meter" || attr(el, "role") === "meter" ? "meter" : "progress"}${name ? " " + quoted(name) : ""}${value ? ` ${value}${most ? " of " + most : ""}` : ""}) `, true);
}

/** Whether a drawing has in it what people read or act on. */
const drawn_ = (el) => Boolean(el.querySelector("text,a,[role],[tabindex],[onclick],foreignObject"))
  || eye.listening?.has(el) || [...el.querySelectorAll("*")].slice(0, 200).some((one) => eye.listening?.has(one));

function drawing(walk, el, seen, depth) {
  seen.drawing = Boolean(eye.listening?.has(el) || [...el.querySelectorAll("*")].slice(0, 200).some((one) => eye.listening?.has(one)));
  visitAll(walk, el, seen, depth + 1);
}

function closedDetails(walk, el, seen, depth) {
  walk.end();
  const summary = [...el.children].find((child) => child.localName === "summary");
  if (summary) visit(walk, summary, seen, depth + 1);
  walk.end();
}

function opening(el, name, display) {
  if (HEADING[name]) return HEADING[name];
  if (display === "list-item") return "- ";
  const role = attr(el, "role");
  if (name === "dialog" || role === "dialog" || role === "alertdialog") {
    const title = nameOf(el, "dialog");
    return `dialog${title ? " " + quoted(title) : ""}: `;
  }
  return role === "heading" ? "# " : "";
}

/** A box so far out of view that a look around need not enter it. */
function outOfReach(walk, el, display) {
  const box = boxOf(el);
  if (!box.width || !box.height || (box.bottom >= -walk.near && box.top <= innerHeight + walk.near)) return false;
  return display !== "contents" && display !== "inline";
}

function picture(walk, el, name, seen) {
  const alt = seen.muted ? "" : squeeze(name === "svg" ? svgName(el) : attr(el, "alt"));
  if (alt) walk.text(` (image ${quoted(cut(alt, NAME_MAX))}) `, true);
  else if (name === "svg" && !seen.muted) figure(walk, el);
  if (name === "img" && el.useMap && !seen.muted) areas(walk, el);
}

/** A drawing without a name that is larger than an icon: its plain shapes, if they are few. */
function figure(walk, el) {
  const box = el.getBoundingClientRect();
  if (box.width < 48 || box.height < 48) return;
  const shown = [...el.querySelectorAll("circle,rect,ellipse,polygon,line,polyline")].slice(0, 13).filter((one) => one.getBoundingClientRect().width);
  if (shown.length && shown.length < 13) walk.text(` (drawing: ${shown.map((one) => `${tag(one)} ${look_(one)}`).join("; ")}) `, true);
}

/** The links of an image map; they are drawn nowhere else. */
function areas(walk, el) {
  const map = [...el.getRootNode().querySelectorAll("map")].find((one) => "#" + one.name === el.useMap);
  for (const area of map ? map.querySelectorAll("area[href]") : []) walk.element(area, describe(area, "link", nameOf(area, "link")));
}

function frame(walk, el, seen) {
  const box = el.getBoundingClientRect();
  if (seen.faded || box.width < 3 || box.height < 3) return;
  walk.end();
  walk.frames.push(frameKey(el));
  walk.lines.push(`\u0003${frameKey(el)}\u0004`);
}

/** The frames of this document that are shown, by their keys. */
const framed = () => ({ frames: [...document.querySelectorAll("iframe,frame")].filter((el) => { const box = el.getBoundingClientRect(); return box.width >= 3 && box.height >= 3; }).map(frameKey) });

/** Of each of these frame elements the place of its frame among those of this window, and how many there are. */
function placed(keys) {
  const inside = Array.from({ length: window.length }, (_, i) => window[i]);
  return { count: inside.length, at: keys.map((key) => inside.indexOf(eye.frames[key]?.deref()?.contentWindow)) };
}

/** A label is said once, with its control; a control that cannot be seen stands where its label is. */
function label(walk, el, seen) {
  const target = el.control;
  const style = getComputedStyle(target);
  const drawn = style.display !== "none" && style.visibility === "visible" && !within(target, el);
  const box = target.getBoundingClientRect();
  if (style.display === "none" || style.visibility !== "visible" || !(box.width || box.height)) {
    const role = interactive(target, style, start);
    if (role && !seen.muted) {
      walk.element(target, describe(target, role, nameOf(target, role)));
      seen.label = true;
    }
  } else if ((drawn || within(target, el)) && !squeeze(attr(target, "aria-label")) && !attr(target, "aria-labelledby")) {
    seen.label = true;
  }
}

/** Whether a picture stands for the text, as with icons whose text is moved out of the way. */
function pictured(el, seen) {
  if (seen.background === null || el.querySelector("img,svg")) return true;
  for (const inner of [el, ...[...el.querySelectorAll("*")].slice(0, 8)]) {
    for (const part of [null, "::before", "::after"]) if (getComputedStyle(inner, part).backgroundImage !== "none") return true;
  }
  return false;
}

/** Whether something in a box whose own text cannot be seen can be read all the same: in another size, or colour. */
const worded = (el, seen) => [...get(el, "children")].slice(0, 20).some((child) => {
  const inner = look(child, getComputedStyle(child), seen);
  return inner && (inner.muted ? !inner.faded && worded(child, inner) : Boolean(squeeze(get(child, "textContent"))));
});

function control(walk, el, role, seen, depth) {
  const nameless = seen.muted && (seen.faded || !(pictured(el, seen) || worded(el, seen)));
  const hidden = nameless && !["checkbox", "radio", "file", "switch"].includes(role) && !FIELDS.has(role);
  const unseen = seen.muted && !seen.faded && getComputedStyle(el).visibility !== "visible";
  if (unseen) return visitAll(walk, el, seen, depth + 1);
  const box = el.getBoundingClientRect();
  if (!box.width && !box.height && !el.childElementCount && (!getComputedStyle(el).display.startsWith("contents") || !content(el))) return;
  if (role === "clickable" && !el.childElementCount && !(box.width && box.height) && !content(el)) return; // keeps the focus in a dialog
  if (hidden) {
    if (role !== "clickable" && box.width && box.height) walk.element(el, `${role} (not visible now)`);
    return;
  }
  const text = once(() => content(el, NAME_MAX + 1));
  const inner = NAMED_BY_CONTENT.has(role) && holdsMore(el, role, text);
  const named = !inner || role === "treeitem" || squeeze(attr(el, "aria-label"));
  const name = named ? nameOf(el, role, role === "treeitem" ? undefined : text) : cut(content(el, 40), 40);
  if (isField(role) && walk.line.includes("\u0001") && !walk.line.includes(" | ")) walk.end();
  walk.element(el, describe(el, role, name, box));
  if (inner || (role === "combobox" || role === "listbox") && tag(el) !== "select" && tag(el) !== "input") {
    seen.pointed = true;
    seen.label ||= role === "treeitem" && name.length < NAME_MAX;
    visitAll(walk, el, seen, depth + 1);
  }
}

const isField = (role) => FIELDS.has(role) || ["checkbox", "radio", "switch", "file", "date", "time", "datetime", "color"].includes(role);

const ACTED = `${NATIVE},${[...ROLES].map((role) => `[role=${role}]`)},[tabindex]:not([tabindex^="-"]),[onclick],iframe`;

/** Whether a clickable thing is a container: it holds controls of its own, or more text than a name can carry. */
function holdsMore(el, role, text) {
  if (rootOf(el) || (el.firstElementChild && el.querySelector(ACTED))) return true;
  if (role === "button") return false;
  if (role === "clickable" && el.childElementCount) {
    for (const inner of el.querySelectorAll("*")) if (eye.listening?.has(inner)) return true;
    if (el.querySelector("p,h1,h2,h3,h4,li,tr,div>div")) return text().length > 60;
  }
  return text().length > NAME_MAX;
}

/** Give an element its number, or tell the one it has. Numbers count up for the life of the session. */
function numberOf(el) {
  let n = eye.ids.get(el);
  if (n === undefined) {
    n = eye.next++;
    eye.ids.set(el, n);
    eye.els.set(n, new WeakRef(el));
  }
  return n;
}

function frameKey(el) {
  let key = eye.frameKeys.get(el);
  if (key === undefined) {
    key = eye.frames.push(new WeakRef(el)) - 1;
    eye.frameKeys.set(el, key);
  }
  return key;
}

/** A line with its elements numbered; `*` for those that got their number after `since`. */
function written(walk, line, since) {
  return line.replace(MARK, (_, k) => {
    const { el, text } = walk.found[k];
    const n = numberOf(el);
    return `${since !== null && n >= since ? "*" : ""}[${n}] ${text}`;
  });
}

/** A line as it is compared: known elements by their number, others by their text alone. */
function compared(walk, line) {
  return line.replace(MARK, (_, k) => {
    const { el, text } = walk.found[k];
    const n = eye.ids.get(el);
    return n === undefined ? text : `[${n}] ${text}`;
  });
}

function finished(walk, root) {
  eye.writes = writes();
  const seen = ground();
  if (!seen) return walk;
  if (root !== pageRoot() && root.localName !== "html") visit(walk, root, seen, 0);
  else visitAll(walk, root, seen, 0);
  walk.end();
  return walk;
}

const pageRoot = () => document.body || document.documentElement;

/** Lines of this frame. `limit`: characters; `query`: only lines with it and their neighbours; `scope`: a number or selector. */
function read({ next, limit, query, scope, since }) {
  eye.next = Math.max(eye.next, next);
  if (scope === null && restBox()) return { ...readPlain({ limit, query }), late: false, next: eye.next, frames: [], declared: false, rest: false, ...place() };
  listen();
  const root = scope === null ? pageRoot() : find(scope);
  if (!root && scope !== null) return { missing: true };
  eye.whole = scope === null ? null : root; // a field that is asked for is told whole
  const walk = finished(new Walk({ limit: query ? 3_000_000 : limit }), root);
  eye.whole = null;
  let lines = walk.lines;
  if (query) lines = matching(walk, query);
  const rest = query && walk.late ? searched(walk.last, query) : null;
  if (rest?.lines.length) lines = [...lines, ...(lines.length ? [null] : []), ...rest.lines];
  const written_ = lines.map((line) => (line === null ? "…" : FRAME.test(line) ? line : written(walk, line, since)));
  return { lines: written_, more: walk.full, late: walk.late, shown: walk.full ? portion(walk.last) : 100, next: eye.next, frames: walk.frames, declared: ask("declared").yes, rest: rest?.whole ?? false, ...place() };
}

function matching(walk, query) {
  const wanted = query.toLowerCase();
  const hits = walk.lines.map((line) => FRAME.test(line) || compared(walk, line).toLowerCase().includes(wanted));
  const out = [];
  let gap = false;
  walk.lines.forEach((line, i) => {
    if (hits[i] || (hits[i - 1] && !FRAME.test(walk.lines[i - 1])) || (hits[i + 1] && !FRAME.test(walk.lines[i + 1]))) {
      if (gap && out.length) out.push(null);
      gap = false;
      out.push(line);
    } else gap = true;
  });
  return out;
}

/** What is left of a page that is too large to be walked: lines of text that can be seen and have the wanted one in them. */
function searched(after, query) {
  const wanted = squeeze(query).toLowerCase();
  const found = new Set();
  const texts = document.createTreeWalker(pageRoot(), NodeFilter.SHOW_TEXT);
  const until = performance.now() + REST_MS;
  texts.currentNode = after ?? pageRoot();
  for (let i = 0; texts.nextNode() && found.size < REST_LINES; i++) {
    if (i % 256 === 0 && performance.now() > until) return { lines: said_(found), whole: false };
    const text = texts.currentNode, el = text.parentElement;
    if (!text.data.toLowerCase().includes(wanted) || !el || SKIPPED.has(tag(el))) continue;
    if (el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) found.add(el.closest("p,li,tr,dd,dt,h1,h2,h3,h4,h5,h6,a,button,td,div") ?? el);
  }
  return { lines: said_(found), whole: true };
}

const said_ = (found) => [...found].map((el) => cut(content(el, LINE_MAX), LINE_MAX)).filter(Boolean);

/** How far down the page an element is, in percent. */
function portion(el) {
  const height = document.scrollingElement?.scrollHeight || 1;
  const bottom = (el ? boxOf(el).bottom : 0) + scrollY;
  return Math.max(1, Math.min(99, Math.round((bottom / height) * 100)));
}

function place() {
  const box = document.scrollingElement || document.documentElement;
  return { url: location.href, title: squeeze(document.title), x: Math.round(scrollX), y: Math.round(scrollY), height: innerHeight, full: box?.scrollHeight ?? 0, elements: document.getElementsByTagName("*").length, kind: document.contentType };
}
