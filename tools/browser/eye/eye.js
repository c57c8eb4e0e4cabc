// The eye of one document: kept alive by the handle that the driver holds, so the page can neither see nor forge it.

const eye = {
  ids: new WeakMap(), // element → its number
  els: new Map(), // number → weak reference to its element
  next: 1, // the number the next element gets; the driver raises it, so that no number is used twice in a session
  frames: [], // frame elements by key
  frameKeys: new WeakMap(),
  secrets: new WeakSet(), // fields that were password fields once
  listening: null, // elements with listeners for clicks, as the driver's debugger session found them
  before: null, mutations: 0, added: false, observer: null, reached: null, hit: null, unexpect: null, labels: null,
};

/** Take the listeners that the debugger left under a random name, and the name away. */
function takeListeners(key) {
  if (!(key in window)) return;
  eye.listening = window[key];
  delete window[key];
}

const deeds = {
  read, arrive, candidates, prepare, edit, edited, choose, watch, settle, changes, scroll, keep, label: label_,
  frame: (key) => eye.frames[key]?.deref() ?? null,
  box: (n) => { const el = eye.els.get(n)?.deref(); return el?.isConnected ? (inView(el), facts(el, n)) : null; },
  element: (n) => eye.els.get(n)?.deref() ?? null,
  known: (n) => Boolean(eye.els.get(n)?.deref()?.isConnected),
  place, focused,
};

return {
  do: (name, input, listeners) => {
    if (listeners) takeListeners(listeners);
    return deeds[name](input);
  },
};
