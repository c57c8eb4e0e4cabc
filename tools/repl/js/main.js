// The only way in: a function whose `this` is [operation, …] and that gives the answer, both in ASCII JSON. The worker
// takes it once, before any code of the agent runs; it has no name and is nobody's property.

const answer = (question) => {
  try {
    const args = setPrototypeOf(parseJSON(question), null);
    return encode(operations[args[0]](args[1], args[2], args[3], args[4]));
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
  /** Calls that make no promise jobs, all in one task, each with its report: [[n, at, replay, script]]. */
  batch(calls, mentioned) {
    const reports = list();
    for (let i = 0; i < calls.length; i++) {
      begin(calls[i][0], calls[i][1], calls[i][2]);
      run(calls[i][3]);
      const waits = call.state === "running" || call.state === "unparsed" || needsAnotherJob() || nextTimeout() !== null;
      if (waits && mentioned !== false) push(reports, { __proto__: null, finished: false, unparsed: call.state === "unparsed" });
      else push(reports, operations.finish(mentioned));
    }
    return reports;
  },
  /** The report; with the names it changed unless `mentioned` is false, as in a replay. */
  finish(mentioned) {
    const names = mentioned === false ? noteAgain(call.made, call.n) : operations.names(mentioned);
    const tree = mentioned !== false && call.state === "done" ? treeOf(call.value) : null;
    return { __proto__: null, ...report(), names, tree, finished: true };
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

return { __proto__: null, takeWayIn, constants, refuseImport, begun, ready, watch };
