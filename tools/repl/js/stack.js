// Stack traces that show the agent's own code and nothing of ours, at the lines and columns the agent wrote. The
// transform inserts text, so each call keeps its shifts: [line, column, shift, line, column, shift, …].

const shiftsOfCall = new NativeMap();
const linesOfCall = new NativeMap(); // of wrapped code, which has a line more than the agent wrote
const SCRIPT = /^REPL([1-9][0-9]*)$/;
const OURS = /^glasshouse:/;

const site = (() => {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => sites[0];
  const first = new Error().stack;
  Error.prepareStackTrace = before;
  const proto = getPrototypeOf(first);
  return {
    __proto__: null,
    text: uncurry(proto.toString), script: uncurry(proto.getScriptNameOrSourceURL), line: uncurry(proto.getLineNumber),
    column: uncurry(proto.getColumnNumber), name: uncurry(proto.getFunctionName), isEval: uncurry(proto.isEval),
  };
})();

/** The column the agent wrote for one of the transformed text. Lines and columns count from 1. */
const writtenColumn = (call, line, column) => {
  const shifts = mapGet(shiftsOfCall, call);
  if (shifts === undefined) return column;
  let written = column;
  for (let i = 0; i < shifts.length; i += 3) {
    if (shifts[i] === line && shifts[i + 1] < column) written = max(shifts[i + 1] + 1 - (i > 2 && shifts[i - 3] === line ? shifts[i - 1] : 0), column - shifts[i + 2]);
  }
  return max(1, written);
};

/** A frame as `at f (REPL7:2:9)`, or null for a frame of our machinery. */
const frameText = (frame) => {
  const script = site.script(frame);
  const text = site.text(frame);
  if (typeof script !== "string") return find(text, "<anonymous>") >= 0 || find(text, "native") >= 0 ? text : null;
  if (match(OURS, script) !== null) return null;
  const own = match(SCRIPT, script);
  if (own === null) return text;
  const call = toNumber(own[1]), line = site.line(frame), column = site.column(frame);
  if (line > (mapGet(linesOfCall, call) ?? Infinity)) return null;
  const place = `${script}:${line}:${writtenColumn(call, line, column)}`;
  if (site.isEval(frame) && (site.name(frame) === "eval" || site.name(frame) === null)) return place;
  const raw = `${script}:${line}:${column}`;
  const at = find(text, raw);
  return at < 0 ? place : slice(text, 0, at) + place + slice(text, at + raw.length);
};

const headline = (error) => {
  try {
    return errorText(error);
  } catch {
    return "<error>";
  }
};

define(NativeError, "prepareStackTrace", (error, frames) => {
  let text = headline(error), natives = "";
  for (let i = 0; i < frames.length; i++) {
    const line = frameText(frames[i]);
    if (line === null) continue;
    // Built-in frames count only between the agent's own: below its last one they belong to the machinery.
    if (find(line, "REPL") < 0) natives += `\n    at ${line}`;
    else {
      text += `${natives}\n    at ${line}`;
      natives = "";
    }
  }
  return text;
});

// V8 makes `stack` an accessor of each error; one pair of functions serves them all.
const nativeStack = describe(new NativeError(), "stack");

/** An error's stack if it is still V8's, or the string that has replaced it; else "". */
const stackOf = (error) => {
  const found = describe(error, "stack");
  if (found === undefined) return "";
  try {
    const read = getterOf(found), text = read !== undefined && read === nativeStack.get ? apply(read, error, []) : dataOf(found);
    return typeof text === "string" ? text : "";
  } catch {
    return ""; // the agent's own Error.prepareStackTrace threw
  }
};

const PLACE = /\bREPL([1-9][0-9]*):([1-9][0-9]*):([1-9][0-9]*)/;

/** The first place in the agent's code that a stack names: { call, line, column }, or null. */
const placeOf = (stack) => {
  const found = match(PLACE, stack);
  return found === null ? null : { __proto__: null, call: toNumber(found[1]), line: toNumber(found[2]), column: toNumber(found[3]) };
};
