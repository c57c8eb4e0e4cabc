// In every document of a tab, in the page's own world but before its scripts: tells the eye who listens for what. Only a
// debugger's script has `getEventListeners`; the page never gets it.
((key, listenersOf) => {
  "use strict";

  Reflect.deleteProperty(window, key); // how the sentry tells, where Chromium has put that into a page that was there already
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const getter = (owner, name) => getOwnPropertyDescriptor(owner.prototype, name).get;
  const { addEventListener, dispatchEvent } = EventTarget.prototype;
  const line = performance; // where the eye asks, as in sentry.js
  const { preventDefault } = Event.prototype;
  const { getTargetRanges } = InputEvent.prototype;
  const { InputEvent: Answer, StaticRange: Mark } = window;
  const { iterator } = Symbol;
  const containerOf = getter(AbstractRange, "startContainer");
  const rootOf = getter(Element, "shadowRoot");
  const parentOf = getter(Node, "parentNode");
  const hostOf = getter(ShadowRoot, "host");
  // Of a document the living list: Chromium counts it once, and makes no list of a hundred thousand elements anew each time.
  const lists = [Document.prototype.getElementsByTagName, DocumentFragment.prototype.querySelectorAll];
  const lengths = [getter(HTMLCollection, "length"), getter(NodeList, "length")];

  const CLICKS = ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "dblclick"];
  const KEYS = ["keydown", "keypress", "keyup"];
  const NOTHING = [];
  const MOST = 8000; // elements: to ask each one of more would take longer than to read the page
  const FIRST = 2000; // of larger documents: their beginning is what is read first

  const listens = (target, types) => {
    const had = listenersOf(target);
    for (const some in had) { // mostly there is none
      for (let i = 0; i < types.length; i++) if (getOwnPropertyDescriptor(had, types[i])) return true;
      return false;
    }
    return false;
  };

  /** Nodes as an iterable that a page's changes to arrays do not touch. */
  const listed = (nodes, count) => ({
    __proto__: null,
    [iterator]: () => {
      let i = 0;
      return {
        __proto__: null,
        next: () => (i < count
          ? { __proto__: null, done: false, value: new Mark({ startContainer: nodes[i], startOffset: 0, endContainer: nodes[i++], endOffset: 0 }) }
          : { __proto__: null, done: true }),
      };
    },
  });

  const clicked = (ranges) => {
    const found = { __proto__: null };
    let count = 0;
    const look = (root, kind) => {
      const all = apply(lists[kind], root, ["*"]);
      const length = apply(lengths[kind], all, []);
      const most = length > MOST ? FIRST : length;
      for (let i = 0; i < most; i++) {
        const el = all[i];
        if (listens(el, CLICKS)) found[count++] = el;
        const inner = apply(rootOf, el, NOTHING);
        if (inner) look(inner, 1);
      }
    };
    look(document, 0);
    for (let i = 0; i < ranges.length; i++) look(apply(containerOf, ranges[i], []), 1);
    apply(dispatchEvent, line, [new Answer(key, { targetRanges: listed(found, count) })]);
  };

  const typed = (at) => {
    while (at) {
      if (listens(at, KEYS)) return true;
      at = apply(parentOf, at, []) ?? (at instanceof ShadowRoot ? apply(hostOf, at, []) : null);
    }
    return listens(window, KEYS);
  };

  const hear = (what, act) => apply(addEventListener, line, [key + what, (event) => {
    if (act(apply(getTargetRanges, event, []))) apply(preventDefault, event, []);
  }]);
  hear("clicks", (ranges) => (clicked(ranges), true));
  hear("keys", (ranges) => typed(apply(containerOf, ranges[0], [])));
})
