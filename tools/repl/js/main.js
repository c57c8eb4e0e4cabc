// The only way in: a function whose `this` is [operation, …] and that gives the answer, both in ASCII JSON. The worker
// takes it once, before any code of the agent runs; it has no name and is nobody's property.

const answer = (question) => {
  try {
    const args = setPrototypeOf(parseJSON(question), null);
    const given = operations[args[0]](args[1], args[2], args[3], args[4]);
    return typeof given === "string" ? given : encode(given);
  } catch (problem) {
    return encode({ __proto__: null, broken: why(problem) });
  }
};

const state = () => ({
  __proto__: null, state: call.state, next: nextDue(), timeout: nextTimeout(), pending: sizeOfMap(waiting), more: needsAnotherJob(),
});

const operations = {
  __proto__: null,
  open(seed, origin) {
    sessionSeed = seed;
    timeOrigin = origin;
    return { __proto__: null, open: true };
  },
  begin(n, at, replay) {
    begin(n, at, replay);
    return state();
  },
  run(script) {
    run(script);
    return state();
  },
  /** Begin and run in one task. */
  start(n, at, replay, script) {
    begin(n, at, replay);
    run(script);
    return state();
  },
  /** A call that may be over when it returns, all in one task: its lines, unless something has to be waited for. */
  live(n, at, script, mentioned) {
    begin(n, at, null);
    run(script);
    if (call.state === "unparsed") return "unparsed";
    return call.state === "running" || needsAnotherJob() || nextTimeout() !== null ? "waits" : operations.finish(mentioned);
  },
  /** Replays calls that make no promise jobs, all in one task: their lines. */
  batch(calls) {
    let out = "";
    for (let i = 0; i < calls.length; i++) {
      begin(calls[i][0], calls[i][1], calls[i][2]);
      run(calls[i][3]);
      out += `${i ? "\n" : ""}${operations.finish(null, calls[i][4])}`;
    }
    return out;
  },
  /** The lines of a live call, whose code has the identifiers `mentioned`, or (null) of a replay that `made` names. */
  finish(mentioned, made) {
    if (mentioned === null) {
      noteAgain(made, call.n);
      return report(null, null);
    }
    const names = operations.names(mentioned);
    return report(names, call.state === "done" ? treeOf(call.value) : null);
  },
  abandon() {
    finish("never", undefined);
    return state();
  },
  fire(id) {
    const known = fire(id);
    return { __proto__: null, ...state(), known };
  },
  state,
  names(mentioned) {
    const set = new NativeSet();
    for (let i = 0; i < mentioned.length; i++) setAdd(set, mentioned[i]);
    return changedNames(call.n, set);
  },
  list: (query, limit) => listNames(query, limit),
  seen() {
    markSeen();
    return null;
  },
};

{
  const keys = ownKeys(global);
  for (let i = 0; i < keys.length; i++) if (typeof keys[i] === "string") noteBaseline(keys[i]);
}

const refuseImport = () =>
  NativePromise.reject(new NativeTypeError("Cannot import: there are no modules here, only built-in JavaScript"));

let wayIn = function () {
  return answer(this);
};
const takeWayIn = () => {
  const taken = wayIn;
  wayIn = undefined;
  return taken;
};

return { __proto__: null, takeWayIn, constants, refuseImport, begun, ready, watch, keep, own };
