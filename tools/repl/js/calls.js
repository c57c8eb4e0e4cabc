// One call: begin, run, fire timers, settle, report. Each step is one task of V8's, so promise jobs run in between.
// A replay takes the same steps in the same order with the recorded clock, and is checked by the same report.

let call = null;
const NOTHING = freeze(list());

/** Begin call `n` at time `at` (ms); `replay` are its recorded clock runs, or null when it is live. */
const begin = (n, at, replay) => {
  call = { __proto__: null, n, declared: NOTHING, needed: NOTHING, state: "running", value: undefined, printed: null, oneLine: false, begun: false };
  present = at;
  startLines();
  startClock(replay === null ? null : setPrototypeOf(replay, null), at);
  startRandom(n);
  hookAgain();
};

/** Run a script as the parser gives it, or one that was not parsed: { plain, js, oneLine }. */
const run = (script) => {
  const plain = hasOwn(script, "plain");
  call.oneLine = script.oneLine;
  if (plain) mapSet(shiftsOfCall, call.n, BEGUN_SHIFTS);
  else readPrepared(script);
  prepareNames(call.declared, call.needed, hasOwn(script, "early") ? script.early : NOTHING);
  try {
    const value = indirectEval(`${plain ? BEGUN : ""}${script.js}\n//# sourceURL=REPL${call.n}`);
    if (!plain && script.awaits) follow(value);
    else finish("done", value);
  } catch (thrown) {
    if (plain && !call.begun) call.state = "unparsed";
    else finish("threw", thrown);
  }
};

const readPrepared = (script) => {
  call.declared = script.declared;
  call.needed = script.needed;
  if (script.shifts.length) mapSet(shiftsOfCall, call.n, script.shifts);
  if (script.lines) mapSet(linesOfCall, call.n, script.lines);
};

// Marks that the code has begun: an error before that is one of syntax, and the parser explains it.
const BEGUN = "$repl$begun();";
const BEGUN_SHIFTS = freeze(setPrototypeOf([1, 0, BEGUN.length], null));

/** The first thing that code does which was not parsed before. */
const begun = () => {
  call.begun = true;
};

/** The frame of a one-line call itself, which says nothing new. */
const topFrame = () => (call.oneLine ? new RegExpOf(`\n    at REPL${call.n}:1:[0-9]+(?=\n|$)`, "g") : null);

/** An awaiting snippet is an async function of ours: its promise cannot be subclassed, and `constructor` is made safe. */
const follow = (promise) => {
  const mine = call;
  defineProperty(promise, "constructor", { __proto__: null, value: undefined });
  then(promise, (box) => mine === call && finish("done", box.v), (thrown) => mine === call && finish("threw", thrown));
};

const finish = (state, value) => {
  if (call.state !== "running") return;
  call.state = state;
  call.value = value;
  settleNames(call.declared, call.needed, call.n, state !== "done");
  if (state === "done") keepResult(value);
  else if (state === "threw") keepError(value);
  lookIntoPromises(value, 0);
};

// `_` and `_error`, as in Node: set by every call until the agent assigns its own.
const last = { __proto__: null, value: undefined, error: undefined, valueTaken: false, errorTaken: false };
const keepResult = (value) => {
  if (!last.valueTaken) last.value = value;
};
const keepError = (value) => {
  if (!last.errorTaken) last.error = value;
};
const lastName = (name, field, taken, what) =>
  defineProperty(global, name, {
    __proto__: null, configurable: true, enumerable: false,
    get: () => last[field],
    set(value) {
      last[field] = value;
      if (!last[taken]) write("log", `Expression assignment to ${name} now disabled.`);
      last[taken] = true;
      define(global, name, value);
    },
  });
lastName("_", "value", "valueTaken", "Expression");
lastName("_error", "error", "errorTaken", "Error");

const PromisePrototype = NativePromise.prototype;
const speciesKey = Symbol.species, species = describe(NativePromise, speciesKey).get;
const plainPromise = (value) =>
  isPromise(value) && getPrototypeOf(value) === PromisePrototype && describe(value, "constructor") === undefined &&
  dataOf(describe(PromisePrototype, "constructor")) === NativePromise && getterOf(describe(NativePromise, speciesKey)) === species;

/** A promise of a subclass, which can be asked like any other: with `constructor` hidden, none of the agent's code runs. */
const askable = (value) =>
  isPromise(value) && isExtensible(value) && (describe(value, "constructor") === undefined || isHooked(value, mapGet(hooks, value)));
const ask = (promise, fulfilled, rejected) => {
  const hidden = !plainPromise(promise), kept = mapGet(hooks, promise);
  if (hidden) defineProperty(promise, "constructor", { __proto__: null, value: undefined, writable: false, configurable: true });
  then(promise, fulfilled, rejected);
  if (hidden) deleteProperty(promise, "constructor");
  if (hidden && kept !== undefined) hook(promise, kept);
};

const stateOf = (promise, state, value) => {
  const details = list();
  push(details, state);
  push(details, value);
  weakSet(promiseStates, promise, setPrototypeOf(details, ArrayPrototype));
};
const ArrayPrototype = Array.prototype;

/** Ask the promises within the printed depth how they stand; one job later `promiseStates` knows. */
const lookIntoPromises = (value, depth) => {
  if (!isObject(value) || isProxy(value)) return;
  if (plainPromise(value) || askable(value)) {
    call.printed = list();
    if (weakHas(promiseStates, value) && weakGet(promiseStates, value)[0] !== PENDING) return;
    stateOf(value, PENDING, undefined);
    ask(value, (result) => stateOf(value, FULFILLED, result), (reason) => stateOf(value, REJECTED, reason));
    return;
  }
  if (depth > 2 || typeof value === "function") return;
  const keys = isTypedArray(value) ? [] : enumerableKeys(value);
  for (let i = 0; i < keys.length && i < 100; i++) {
    const found = describe(value, keys[i]);
    if (isData(found)) lookIntoPromises(found.value, depth + 1);
  }
};

/** True if the printed value holds a promise: then a job has to pass before it can be printed. */
const needsAnotherJob = () => call.printed !== null;

const errorReport = (thrown) => {
  const place = isError(thrown) ? placeOf(stackOf(thrown)) : null;
  const text = uncaught(thrown, topFrame());
  const own = isError(thrown);
  return {
    __proto__: null, text, kind: own ? errorName(thrown) : "thrown",
    call: place?.call ?? null, line: place?.line ?? null, column: place?.column ?? null,
    message: own ? cut(headline(thrown), 500) : "",
  };
};

const errorName = (thrown) => {
  const text = headline(thrown), colon = find(text, ":");
  return cut(colon < 0 ? text : slice(text, 0, colon), 60);
};

const NEVER = freeze({
  __proto__: null, text: "Error: the awaited promise can never settle: no timers or other work are left.",
  kind: "never", call: null, line: null, column: null, message: "",
});

/** A call that is over, in lines of JSON: when the next timer is due, what a replay has to repeat, then, of a live call
 * (with `names`), what it made and read, and the rest, or whether a replay read the clock as often. */
const report = (names, tree) => {
  unhookAll();
  if (rejected.length) tellRejections();
  const result = call.state === "done" ? shown(call.value) : null;
  const error = call.state === "threw" ? errorReport(call.value) : call.state === "never" ? NEVER : null;
  const next = nextDue(), due = next === null ? null : next[1];
  const same = `${encode(due)}\n{"console":${encode(lines.out)},"result":${encode(result)},"error":${encode(error)}}`;
  if (names === null) return `${same}\n${!clockDiverged()}`;
  const changed = `{"set":${encode(names.set)},"removed":${encode(names.removed)}}`;
  const rest = `{"left":${lines.left},"pending":${sizeOfMap(waiting)},"names":${changed},"tree":${encode(tree)}}`;
  return `${same}\n${encode(names.made)}\n${encode(clock.runs)}\n${rest}`;
};
