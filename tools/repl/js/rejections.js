// Promises that a statement gives away, and that are rejected: told with the call in which that happens, as Node does.
// V8 tells only its embedder who handles a promise, so others are not known: one kept in a variable may be looked after.

let rejected = list(); // { promise, reason }, in the order in which they came

/** `$repl$watch(value)` gives the value. */
const watch = (value) => {
  if (plainPromise(value)) then(value, undefined, (reason) => push(rejected, { __proto__: null, promise: value, reason }));
  return value;
};

/** Write what has been rejected since, but not what the call itself threw. */
const tellRejections = () => {
  const told = rejected;
  rejected = list();
  for (let i = 0; i < told.length; i++) {
    if (call.state === "threw" && sameValue(call.value, told[i].reason)) continue;
    if (full()) lines.left++;
    else write("error", uncaught(told[i].reason, null, " (in promise)"));
  }
};
