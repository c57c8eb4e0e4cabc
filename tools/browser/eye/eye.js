// The eye of one document: kept alive by the handle that the driver holds, so the page can neither see nor forge it.

const eye = {
  ids: new WeakMap(), // element → its number
  els: new Map(), // number → weak reference to its element
  next: 1, // the number the next element gets; the driver raises it, so that no number is used twice in a session
  frames: [], // frame elements by key
  frameKeys: new WeakMap(),
  secrets: new WeakSet(), // fields that were password fields once
  closed: null, // where closed shadow roots are found, in a page that has some
  adopted: new WeakMap(), // host → closed root, of those that HTML declared
  listening: null, // elements with listeners for clicks, as the driver's debugger session found them
  before: null, mutations: 0, added: false, observer: null, reached: null, hit: null, unexpect: null, labels: null,
};

/** Take the listeners that the debugger left under a random name, and the name away: the way into frames. */
function takeListeners(key) {
  if (!(key in window)) return;
  eye.listening = window[key];
  delete window[key];
}

/** Where the sentry (sentry.js) keeps closed shadow roots: whoever knows the token gets it by this getter. */
const kept = (() => {
  try {
    return Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "pictureInPictureElement").get.call(token);
  } catch {
    return { any: false, declared: false, of: () => null }; // a document from before there was a sentry
  }
})();

/** Take the closed roots that the debugger left under a random name, and the name away. */
function adopt(key) {
  for (const root of window[key] ?? []) eye.adopted.set(root.host, root);
  if (!(key in window)) return false;
  delete window[key];
  kept.any = true;
  return true;
}

/** How many elements there are, with those in shadow roots and frames; null when not all can be seen. */
function count() {
  let sum = 0;
  const add = (root) => {
    for (const el of root.querySelectorAll("*")) {
      sum++;
      const inner = rootOf(el);
      if (inner) add(inner);
      if (sum < 0 || !/^(iframe|frame|object|embed)$/.test(el.localName)) continue;
      if (!el.contentDocument) return void (sum = NaN);
      add(el.contentDocument);
    }
  };
  add(document);
  kept.declared = false;
  return Number.isNaN(sum) ? null : sum;
}

const CLICKS = ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "dblclick"];
const KEYS = ["keydown", "keypress", "keyup"];
const LISTENED = 8000; // elements: to ask each one of more would take longer than to read the page

/** Whether something listens on it; only a debugger can tell, and `listenersOf` is what it left here. */
function listens(target, types) {
  const had = listenersOf(target);
  return types.some((type) => had[type]);
}

/** Find out which elements listen for clicks. */
function listen() {
  if (!listenersOf || document.getElementsByTagName("*").length > LISTENED) return;
  const found = new WeakSet();
  const look = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (listens(el, CLICKS)) found.add(el);
      const inner = rootOf(el);
      if (inner) look(inner);
    }
  };
  try {
    look(document);
    eye.listening = found;
  } catch {
    listenersOf = null; // the page has put something of its own in its place
  }
}

/** Whether keys typed into a field may mean something to the page beside their text. */
function minds(el) {
  if (!listenersOf) return true;
  try {
    for (let at = el; at; at = at.parentNode ?? at.host) {
      if (listens(at, KEYS) || at.onkeydown || at.onkeypress || at.onkeyup) return true;
    }
    return listens(window, KEYS) || Boolean(window.onkeydown || window.onkeypress || window.onkeyup);
  } catch {
    return true;
  }
}

/** Elements under a name of the window, for the driver to take; without keys the name goes away. */
function lend({ deed, keys, name }) {
  if (keys) Object.defineProperty(window, name, { value: keys.map(deeds[deed]), configurable: true, enumerable: false });
  else delete window[name];
}

const deeds = {
  adopt, count, read, arrive, candidates, reach, prepare, edit, edited, choose, watch, settle, changes, finish, scroll, keep, lend,
  label: label_,
  frame: (key) => eye.frames[key]?.deref() ?? null,
  box: (n) => { const el = eye.els.get(n)?.deref(); return el?.isConnected ? (inView(el), facts(el, n)) : null; },
  element: (n) => eye.els.get(n)?.deref() ?? null,
  known: (n) => Boolean(eye.els.get(n)?.deref()?.isConnected),
  place, focused,
};

return {
  do: (name, input, listeners) => {
    if (listeners) takeListeners(listeners);
    eye.closed = kept.any ? kept : null;
    return deeds[name](input);
  },
};
