// Promises that are rejected while nobody looks after them: told with the call in which that happens, as Node does. V8
// tells only its embedder who handles a promise, so two kinds are known: what a statement gives away, and what it keeps in a
// variable, an array, an object or a call's argument. Of these a getter tells: whoever awaits one reads `constructor` first.

let rejected = list(); // { kept, reason }, in the order in which they came
const hooks = new NativeMap(); // promise that is kept → { touched, settled, getter }, while it is pending
const MOST_HOOKS = 1000; // of later ones nothing is told
const seen = new NativeWeakMap(); // promise that was ever kept → true: it is told once

/** `$repl$watch(value)` gives the value. */
const watch = (value) => {
  if (plainPromise(value)) then(value, undefined, (reason) => push(rejected, { __proto__: null, kept: null, reason }));
  return keepAll(value);
};

/** `$repl$keep(value)`: the same with what a variable, an array, an object or a function gets. */
const keep = (value) => {
  keepPromise(value);
  return keepAll(value);
};

const MOST_KEPT = 100; // of one array

/** What `list.map(async …)` gives. */
const keepAll = (value) => {
  if (!isObject(value) || isProxy(value) || !isArray(value)) return value;
  for (let i = 0; i < value.length && i < MOST_KEPT; i++) keepPromise(dataOf(describe(value, i)));
  return value;
};

const keepPromise = (value) => {
  if (!plainPromise(value) || !isExtensible(value) || weakHas(seen, value) || sizeOfMap(hooks) >= MOST_HOOKS) return;
  const kept = { __proto__: null, touched: false, settled: false, getter: null };
  weakSet(seen, value, true);
  then(value, () => (kept.settled = true), (reason) => {
    kept.settled = true;
    push(rejected, { __proto__: null, kept, reason });
  });
  mapSet(hooks, value, kept);
  hook(value, kept);
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
  restoreConstructor(promise, kept);
};
const restoreConstructor = (promise, kept) => isHooked(promise, kept) && deleteProperty(promise, "constructor");
const isHooked = (promise, kept) => kept !== undefined && getterOf(describe(promise, "constructor")) === kept.getter;

/** When a call ends what is kept is as it was; what is pending is hooked again when the next one begins. */
const unhookAll = () => {
  if (sizeOfMap(hooks) !== 0) mapEach(hooks, (kept, promise) => (kept.settled ? unhook : restoreConstructor)(promise, kept));
};
const hookAgain = () => {
  if (sizeOfMap(hooks) === 0) return;
  mapEach(hooks, (kept, promise) => {
    if (plainPromise(promise) && isExtensible(promise)) hook(promise, kept);
    else mapDelete(hooks, promise);
  });
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
