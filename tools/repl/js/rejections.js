// Promises that are rejected while nobody looks after them: told with the call in which that happens, as Node does. V8
// tells only its embedder who handles a promise, so two kinds are known: what a statement gives away, and what it keeps in
// a variable, of which a getter tells: whoever awaits a promise or calls its methods reads its `constructor` first.

let rejected = list(); // { kept, reason }, in the order in which they came
const hooks = new NativeMap(); // promise that is kept → { touched, getter }, until the call ends
const seen = new NativeWeakMap(); // promise that was ever kept → true: it is told once

/** `$repl$watch(value)` gives the value. */
const watch = (value) => {
  if (plainPromise(value)) then(value, undefined, (reason) => push(rejected, { __proto__: null, kept: null, reason }));
  return value;
};

/** `$repl$keep(value)`: the same with what a variable gets. */
const keep = (value) => {
  if (!plainPromise(value) || !isExtensible(value) || weakHas(seen, value)) return value;
  const kept = { __proto__: null, touched: false, getter: null };
  weakSet(seen, value, true);
  then(value, undefined, (reason) => push(rejected, { __proto__: null, kept, reason }));
  mapSet(hooks, value, kept);
  hook(value, kept);
  return value;
};

const hook = (promise, kept) => {
  const release = () => {
    kept.touched = true;
    unhook(promise, kept);
  };
  kept.getter = () => {
    release();
    return getPrototypeOf(promise).constructor; // not the promise's own: it may have been frozen
  };
  const set = (value) => {
    release();
    if (isExtensible(promise)) promise.constructor = value;
  };
  defineProperty(promise, "constructor", { __proto__: null, get: kept.getter, set, configurable: true, enumerable: false });
};

const unhook = (promise, kept) => {
  mapDelete(hooks, promise);
  if (isHooked(promise, kept)) deleteProperty(promise, "constructor");
};
const isHooked = (promise, kept) => kept !== undefined && getterOf(describe(promise, "constructor")) === kept.getter;

/** What is kept and was not looked after when the call ends is as it was. */
const unhookAll = () => {
  if (sizeOfMap(hooks) !== 0) mapEach(hooks, (kept, promise) => unhook(promise, kept));
};

/** Write what has been rejected since, but not what the call itself threw. */
const tellRejections = () => {
  const told = rejected;
  rejected = list();
  for (let i = 0; i < told.length; i++) {
    if (told[i].kept !== null && told[i].kept.touched) continue;
    if (call.state === "threw" && sameValue(call.value, told[i].reason)) continue;
    if (full()) lines.left++;
    else write("error", uncaught(told[i].reason, null, " (in promise)"));
  }
};
