// In every document before the page's own scripts: keeps for the eye what the page asks a person for, how many errors it
// made, and its closed shadow roots. The page cannot take it away; calls go on to Chromium's own functions, which refuse.
// It waits to be asked: told through the console, a page that writes there without end would hold up all sessions. Only that
// the page is there it tells by itself (telling.py).
((key) => {
  "use strict"; // what a strict function is called with cannot be had from a stack

  const tell = window[key]; // known to debuggers only, who have put it there
  delete window[key];
  const { stringify } = JSON;
  const { apply, construct: make, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { freeze } = Object;
  const { iterator } = Symbol;
  const { ErrorEvent, Event, InputEvent: Answer, StaticRange: Mark, WeakRef: Ref } = window;
  const { addEventListener, dispatchEvent } = EventTarget.prototype;
  const line = performance; // where the eye asks: document.open() takes the listeners of a window away, not of this
  const { preventDefault } = Event.prototype;
  const targetOf = getOwnPropertyDescriptor(Event.prototype, "currentTarget").get;
  const time = Performance.prototype.now;
  const MESSAGES = 4000; // a second: more than any page has use for
  const { getTargetRanges } = InputEvent.prototype;
  const { deref } = Ref.prototype;
  const { includes, toLowerCase, toWellFormed } = String.prototype;
  const titleOf = getOwnPropertyDescriptor(Document.prototype, "title").get;
  const modeOf = getOwnPropertyDescriptor(ShadowRoot.prototype, "mode").get;
  const containerOf = getOwnPropertyDescriptor(AbstractRange.prototype, "startContainer").get;
  const dataOf = getOwnPropertyDescriptor(InputEvent.prototype, "data").get;
  const roots = { __proto__: null }; // closed ones, by their order: an array could be watched by the page
  let count = 0;
  let declared = false; // a closed root may have come by HTML
  let asked = { __proto__: null }; // kinds of requests
  let errors = 0;

  const say = (kind) => {
    try { // of a frame it is told with the page around it, if that is of its origin
      if (parent !== window && !apply(dispatchEvent, parent.performance, [new Answer(key + "say", { data: kind, cancelable: true })])) return;
    } catch {
      // of another origin: it is told when the frame itself is read
    }
    asked[kind] = true;
  };

  /** Have `act(native, self, given)` stand in for a method or getter; from outside it looks as native as before. */
  const stand = (owner, name, act) => {
    const had = owner && getOwnPropertyDescriptor(owner, name);
    const key = had?.get ? "get" : "value";
    if (typeof had?.[key] !== "function") return;
    const traps = freeze({ __proto__: null, apply: act }); // without a prototype: a page might add traps to that
    defineProperty(owner, name, { ...had, [key]: new Proxy(had[key], traps) });
  };

  const asks = (kind, owner, ...names) => {
    for (const name of names) stand(owner, name, (native, self, given) => (say(kind), apply(native, self, given)));
  };

  apply(addEventListener, window, ["error", (event) => void (event instanceof ErrorEvent && errors++), true]);
  apply(addEventListener, window, ["unhandledrejection", () => void errors++, true]);

  // Nobody reads the console, and what is written there holds up the driver of all sessions: it ends here.
  for (const name of ["debug", "info", "log", "warn", "error", "dir", "dirxml", "table", "trace", "group", "groupCollapsed", "groupEnd", "clear",
    "count", "countReset", "assert", "time", "timeEnd", "timeLog", "profile", "profileEnd", "timeStamp"]) stand(console, name, () => void (name === "error" && errors++));
  stand(console, "context", () => console);
  asks("location", window.Geolocation?.prototype, "getCurrentPosition", "watchPosition");
  asks("notifications", window.Notification, "requestPermission");
  asks("push", window.PushManager?.prototype, "subscribe");
  asks("media", window.MediaDevices?.prototype, "getUserMedia");
  asks("media", Navigator.prototype, "getUserMedia", "webkitGetUserMedia");
  asks("screen", window.MediaDevices?.prototype, "getDisplayMedia");
  asks("clipboard", window.Clipboard?.prototype, "read", "readText");
  asks("midi", Navigator.prototype, "requestMIDIAccess");
  asks("bluetooth", window.Bluetooth?.prototype, "requestDevice");
  asks("usb", window.USB?.prototype, "requestDevice");
  asks("hid", window.HID?.prototype, "requestDevice");
  asks("serial", window.Serial?.prototype, "requestPort");
  asks("idle", window.IdleDetector, "requestPermission");
  asks("screens", window, "getScreenDetails");
  asks("passkey", window.CredentialsContainer?.prototype, "create");
  asks("payment", window.PaymentRequest?.prototype, "show");
  asks("files", window, "showOpenFilePicker", "showSaveFilePicker", "showDirectoryPicker");

  // Sign-in pages offer passkeys without being asked for one ("conditional"): only the others open a dialog.
  const plainly = (given, name) => (typeof given === "object" && given ? getOwnPropertyDescriptor(given, name)?.value : undefined);
  stand(window.CredentialsContainer?.prototype, "get", (native, self, given) => {
    if (plainly(given[0], "publicKey") && plainly(given[0], "mediation") !== "conditional") say("passkey");
    return apply(native, self, given);
  });

  // Addresses for other programs never reach Chromium: its question whether to open one would take all clicks for ever.
  const place = getOwnPropertyDescriptor(window.NavigateEvent?.prototype ?? {}, "destination")?.get;
  const addressOf = getOwnPropertyDescriptor(window.NavigationDestination?.prototype ?? {}, "url")?.get;
  const web = /^(?:https?|about|blob|data|javascript|filesystem|chrome-error):/;
  const { test } = RegExp.prototype;
  const { exec } = RegExp.prototype;
  defineProperty(web, "exec", { value: exec }); // a page may change that of all others
  if (addressOf) apply(addEventListener, navigation, ["navigate", (event) => {
    if (apply(test, web, [apply(addressOf, apply(place, event, []), [])])) return;
    say("program");
    apply(preventDefault, event, []);
  }]);

  // Printing never reaches Chromium: where it has a window, its dialog would stand in everybody's way.
  let printing = false;
  const printed = () => {
    say("print");
    if (printing) return; // a page may print in its handler for that
    printing = true;
    try {
      for (const name of ["beforeprint", "afterprint"]) apply(dispatchEvent, window, [new Event(name)]);
    } finally {
      printing = false;
    }
  };
  stand(window, "print", printed);
  stand(Document.prototype, "execCommand", (native, self, given) => {
    if (typeof given[0] !== "string" || apply(toLowerCase, given[0], []) !== "print") return apply(native, self, given);
    printed();
    return true;
  });

  // Messages without end would hold up the driver of all sessions: Chromium tells it of each one.
  const messages = { __proto__: null, since: 0, count: 0 };
  const bounded = (name) => {
    const native = window[name];
    if (typeof native !== "function") return;
    const { close } = native.prototype;
    const heard = (event) => {
      const now = apply(time, line, []);
      if (now - messages.since > 1000) [messages.since, messages.count] = [now, 0];
      if (++messages.count < MESSAGES) return;
      say("messages");
      apply(close, apply(targetOf, event, []), []);
    };
    const construct = (target, given, asked) => {
      const made = make(target, given, asked);
      apply(addEventListener, made, ["message", heard, true]);
      return made;
    };
    const stands = new Proxy(native, freeze({ __proto__: null, construct }));
    defineProperty(window, name, { ...getOwnPropertyDescriptor(window, name), value: stands });
    defineProperty(native.prototype, "constructor", { ...getOwnPropertyDescriptor(native.prototype, "constructor"), value: stands });
  };
  bounded("WebSocket");
  bounded("EventSource");

  // What a worker floods with reaches nothing here: the driver counts it, and has the page's workers ended.
  const workers = { __proto__: null };
  let employed = 0;
  const { terminate } = window.Worker?.prototype ?? {};
  if (terminate) {
    const native = window.Worker;
    const construct = (target, given, asked) => {
      const made = make(target, given, asked);
      workers[employed++] = new Ref(made);
      return made;
    };
    const stands = new Proxy(native, freeze({ __proto__: null, construct }));
    defineProperty(window, "Worker", { ...getOwnPropertyDescriptor(window, "Worker"), value: stands });
    defineProperty(native.prototype, "constructor", { ...getOwnPropertyDescriptor(native.prototype, "constructor"), value: stands });
  }

  stand(Element.prototype, "attachShadow", (native, self, given) => {
    const root = apply(native, self, given);
    if (apply(modeOf, root, []) === "closed") {
      roots[count++] = new Ref(root);
    }
    return root;
  });

  // Closed roots in HTML are made by the parser: the eye is told that there may be some.
  const parses = (owner, name) => stand(owner, name, (native, self, given) => {
    if (typeof given[0] === "string" && apply(includes, given[0], ["shadowroot"])) declared = true;
    return apply(native, self, given);
  });
  parses(Element.prototype, "setHTMLUnsafe");
  parses(ShadowRoot.prototype, "setHTMLUnsafe");
  parses(Document.prototype, "write");
  parses(Document.prototype, "writeln");

  // The eye, in its own world or here, asks by events whose name only it knows, and gets nodes by such an event: the
  // ranges of an event are all that leads from one world to another.
  const listed = (next) => ({ __proto__: null, [iterator]: () => ({ __proto__: null, next }) });
  const answer = (nodes, length) => {
    let i = 0;
    const next = () => {
      while (i < length) {
        const node = nodes(i++);
        if (node) return { __proto__: null, done: false, value: new Mark({ startContainer: node, startOffset: 0, endContainer: node, endOffset: 0 }) };
      }
      return { __proto__: null, done: true };
    };
    if (length) apply(dispatchEvent, line, [new Answer(key, { targetRanges: listed(next) })]);
  };
  const hear = (what, act) => apply(addEventListener, line, [key + what, (event) => {
    if (act(apply(getTargetRanges, event, []), apply(dataOf, event, []))) apply(preventDefault, event, []);
  }]);

  hear("say", (_, kind) => (say(kind), true));
  const told = () => {
    let kinds = "";
    for (const kind in asked) kinds += kind + " ";
    const all = kinds || errors ? kinds + errors : "";
    [asked, errors] = [{ __proto__: null }, 0];
    return all;
  };
  hear("told", () => {
    const data = told();
    if (data) apply(dispatchEvent, line, [new Answer(key, { data })]);
  });
  if (tell && top === window) apply(addEventListener, window, ["DOMContentLoaded", () => {
    tell(stringify({ __proto__: null, title: apply(toWellFormed, apply(titleOf, document, []), []), told: told() }));
  }, { __proto__: null, capture: true, once: true }]);
  hear("dismiss", () => {
    for (let i = 0; i < employed; i++) {
      const worker = apply(deref, workers[i], []);
      if (worker) apply(terminate, worker, []);
    }
    const some = employed > 0;
    employed = 0;
    return some;
  });
  hear("roots", () => answer((i) => apply(deref, roots[i], []), count));
  hear("declared", () => declared);
  hear("undeclare", () => void (declared = false));
  hear("lend", (ranges, name) => {
    const lent = { __proto__: null };
    for (let i = 0; i < ranges.length; i++) lent[i] = apply(containerOf, ranges[i], []);
    if (ranges.length) defineProperty(window, name, { __proto__: null, value: lent, configurable: true });
    else delete window[name];
  });
  hear("lent", (_, name) => {
    const lent = getOwnPropertyDescriptor(window, name)?.value;
    if (!lent) return false;
    delete window[name];
    answer((i) => lent[i], lent.length);
    return true;
  });
})
