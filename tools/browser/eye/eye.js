// The eye of one document. That of a tab's page runs in a world of its own: the page shares the document with it, but
// neither its objects nor its functions. What only the page's world knows it is asked by events whose name no page knows.

const eye = {
  ids: new WeakMap(), // element → its number
  els: new Map(), // number → weak reference to its element
  next: 1, // the number the next element gets; the driver raises it, so that no number is used twice in a session
  frames: [], // frame elements by key
  frameKeys: new WeakMap(),
  secrets: new WeakSet(), // fields that were password fields once
  closed: new WeakMap(), // host → its closed shadow root
  listening: null, // elements with listeners for clicks, as far as a debugger's script could tell
  hitting: 0, // ms that this deed has spent to ask what lies over elements
  writes: true, // whether CSS may write texts into the document; a walk finds out for itself
  enough: null, // ends the wait for a document to be parsed
  whole: null, before: null, mutations: 0, added: false, observer: null, reached: null, hit: null, unexpect: null, labels: null,
};

/** Closed shadow roots that scripts have made, as the sentry keeps them. */
function closedRoots() {
  const { found } = ask("roots");
  for (const root of found) eye.closed.set(root.host, root);
  return found;
}

/** Take the closed roots that the debugger left under a name of the page's window. True when there were some. */
function adopt(name) {
  const { found, yes } = ask("lent", [], name);
  for (const root of found) eye.closed.set(root.host, root);
  return yes;
}

/** How many elements and texts with a "<" there are, with those in shadow roots and frames; null when they are too many or not all can be seen, -1 if `early` and still parsing. */
function count({ early, most }) {
  if (document.getElementsByTagName("*").length > most) return null;
  if (early && document.readyState === "loading") return -1;
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
    const texts = document.createTreeWalker(root.documentElement ?? root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_CDATA_SECTION);
    while (texts.nextNode()) if (texts.currentNode.data.includes("<")) sum++;
  };
  add(document);
  ask("undeclare");
  return Number.isNaN(sum) ? null : sum;
}

/** Find out which elements listen for clicks. */
function listen() {
  const { found, yes } = ask("clicks", closedRoots());
  eye.listening = yes ? new WeakSet(found) : null;
}

/** Whether keys typed into a field may mean something to the page beside their text. */
function minds(el) {
  if (!eye.listening) listen(); // not read yet
  return !eye.listening || ask("keys", [el]).yes;
}

/** Elements under a name of the page's window, for the driver to take; without keys the name goes away. */
function lend({ deed, keys, name }) {
  ask("lend", keys ? keys.map(deeds[deed]).map((el) => el ?? document) : [], name);
}

/** End the workers of this document. Whether there were some. */
const dismiss = () => ask("dismiss").yes;

const deeds = {
  adopt, count, read, framed, placed, arrive, candidates, reach, prepare, edit, edited, choose, watch, settle, changes, holds, change, finish, scroll, keep, lend,
  label: label_,
  frame: (key) => eye.frames[key]?.deref() ?? null,
  box: (n) => { const el = eye.els.get(n)?.deref(); return el?.isConnected ? (inView(el), facts(el, n)) : null; },
  element: (n) => eye.els.get(n)?.deref() ?? null,
  known: (n) => Boolean(eye.els.get(n)?.deref()?.isConnected),
  place, redrawn, focused, hovered, dismiss, lighten,
  enough: () => eye.enough?.(),
};

return {
  do: async (name, input) => {
    eye.writes = true;
    eye.hitting = 0;
    closedRoots();
    const found = await deeds[name](input);
    const plain = typeof found === "object" && found !== null && Object.getPrototypeOf(found) === Object.prototype;
    return plain ? { ...found, told: ask("told").said } : found;
  },
};
