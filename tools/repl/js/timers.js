// setTimeout and its kin. Nothing fires by itself: the worker fires what is due, one task at a time, and notes the
// order, so that a replay can repeat it without waiting.

const waiting = new NativeMap(); // id → { due, after, every, run, args, self }
let nextTimer = 1;

class Timeout {
  #id;
  constructor(id) {
    this.#id = id;
  }
  static idOf(value) {
    return isObject(value) && #id in value ? value.#id : toNumber(value);
  }
  ref() { return this; }
  unref() { return this; }
  hasRef() { return true; }
  refresh() {
    const timer = mapGet(waiting, this.#id);
    if (timer !== undefined) timer.due = now() + timer.after;
    return this;
  }
  close() {
    mapDelete(waiting, this.#id);
    return this;
  }
  [Symbol.toPrimitive]() { return this.#id; }
  [Symbol.dispose]() { mapDelete(waiting, this.#id); }
}
const idOf = Timeout.idOf;
delete Timeout.idOf;
class Immediate extends Timeout {}

const delay = (ms) => {
  const wanted = toNumber(ms);
  return wanted >= 1 && wanted <= 2147483647 ? floor(wanted) : 1;
};

/** As Node names what it got instead of what it wanted. */
const received = (value) => {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value === "object") return `an instance of ${typeOf(value)}`;
  return typeof value === "function" ? `function ${value.name}` : `type ${typeof value} (${preview(value)})`;
};
const wrongArgument = (name, wanted, value) =>
  nodeError(NativeTypeError, "ERR_INVALID_ARG_TYPE", `The "${name}" argument must be ${wanted}. Received ${received(value)}`);
const notCallable = (value) => wrongArgument("callback", "of type function", value);
const missing = (name) => nodeError(NativeTypeError, "ERR_MISSING_ARGS", `The "${name}" argument must be specified`);

const schedule = (run, after, every, args, Kind) => {
  if (typeof run !== "function") throw notCallable(run);
  const id = nextTimer++, timer = new Kind(id);
  mapSet(waiting, id, { __proto__: null, due: now() + after, after, every, run, args, self: timer });
  return timer;
};

const timerFunctions = {
  setTimeout(callback, ms, ...args) { return schedule(callback, delay(ms), false, args, Timeout); },
  setInterval(callback, ms, ...args) { return schedule(callback, delay(ms), true, args, Timeout); },
  setImmediate(callback, ...args) { return schedule(callback, 0, false, args, Immediate); },
  clearTimeout(timer) { mapDelete(waiting, idOf(timer)); },
  clearInterval(timer) { mapDelete(waiting, idOf(timer)); },
  clearImmediate(timer) { mapDelete(waiting, idOf(timer)); },
  queueMicrotask(callback) {
    if (typeof callback !== "function") throw notCallable(callback);
    then(settled, () => contained(callback, undefined, []));
  },
};
const settled = NativePromise.resolve();
defineProperty(settled, "constructor", { __proto__: null, value: undefined });

/** Run a callback of the agent's; what it throws becomes a console line, as Node reports it. */
const contained = (callback, self, args) => {
  try {
    watch(apply(callback, self, args));
  } catch (thrown) {
    write("error", uncaught(thrown, null));
  }
};

/** The next timer in the order (due, id): its id and when it is due, or null. */
const nextDue = () => {
  let best = null, bestId = 0;
  mapEach(waiting, (timer, id) => {
    if (best === null || timer.due < best.due) {
      best = timer;
      bestId = id;
    }
  });
  if (best === null) return null;
  const next = list();
  push(next, bestId);
  push(next, best.due);
  push(next, best.every);
  return next;
};

/** When the next timer that fires only once is due, or null. */
const nextTimeout = () => {
  let due = null;
  mapEach(waiting, (timer) => {
    if (!timer.every && (due === null || timer.due < due)) due = timer.due;
  });
  return due;
};

/** Fire one timer. False if there is no such timer: then a replay went another way than the call did. */
const fire = (id) => {
  const timer = mapGet(waiting, id);
  if (timer === undefined) return false;
  if (!timer.every) mapDelete(waiting, id);
  contained(timer.run, timer.self, timer.args);
  if (timer.every && mapHas(waiting, id)) timer.due = now() + timer.after;
  return true;
};

{
  const names = ownKeys(timerFunctions);
  for (let i = 0; i < names.length; i++) define(global, names[i], timerFunctions[names[i]]);
}
