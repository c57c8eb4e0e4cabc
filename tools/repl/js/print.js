// Values as Node's REPL prints them, within limits, whatever the value does.

const VALUE_LIMIT = 20000; // characters of one printed value
const REPLY_LIMIT = 60000; // characters of all console lines of a call

const util = makeInspect(inspectHost);
const { inspect, format } = util;

const cut = (text, limit) => {
  if (text.length <= limit) return text;
  const rest = text.length - limit;
  return `${slice(text, 0, limit)}… ${rest} more character${rest === 1 ? "" : "s"}`;
};

const guarded = (work, value, options) => {
  try {
    const text = frozen(work, value, options);
    return typeof text === "string" ? text : `[${typeof value}]`;
  } catch (problem) {
    return `[${typeof value} that cannot be printed: ${why(problem)}]`;
  }
};

const why = (problem) => {
  try {
    return typeof problem === "string" ? problem : isError(problem) ? headline(problem) : "its printing threw";
  } catch {
    return "its printing threw";
  }
};

const options = (changes) => ({ __proto__: null, showProxy: true, ...changes });
const RESULT_OPTIONS = freeze(options());

/** A value as the REPL prints it. */
const shown = (value) => {
  if (typeof value === "undefined") return "undefined";
  if (typeof value === "number") return sameValue(value, -0) ? "-0" : `${value}`;
  return cut(guarded(inspect, value, RESULT_OPTIONS), VALUE_LIMIT);
};

const ONE_LINE = freeze(options({ depth: 0, breakLength: Infinity, compact: true, customInspect: false, maxArrayLength: 6, maxStringLength: 200 }));
const SPACES = /\s*\n\s*/g;

/** Like text.replaceAll(pattern, to) for a global pattern that matches no empty text. */
const replaceAll = (pattern, text, to) => {
  let out = "", from = 0, found;
  pattern.lastIndex = 0;
  while ((found = match(pattern, text)) !== null) {
    out += slice(text, from, found.index) + to;
    from = found.index + found[0].length;
  }
  return out + slice(text, from);
};

/** A value on one line of at most 120 characters, made without running anything of the agent's. */
const preview = (value) => {
  if (!harmless(value, 1)) return bare(value);
  previewing++;
  const text = isError(value) ? headline(value) : guarded(inspect, value, ONE_LINE);
  previewing--;
  return shortened(replaceAll(SPACES, slice(text, 0, 1000), " "), 120);
};
const shortened = (text, limit) => (text.length <= limit ? text : `${slice(text, 0, limit - 1)}…`);

const UNPRINTABLE = "[object that";
const ERROR_LINE = /^\[?(?:[A-Z][a-z0-9_]*)*Error/;

/** A thrown value as Node's REPL reports it, where it `came` from. `omit` matches a frame that says nothing new. */
const uncaught = (value, omit, came = "") => {
  let text = isError(value) ? withoutFrame(value, omit) : shown(value);
  if (isError(value) && text[0] === "[" && text[text.length - 1] === "]" && !startsWith(text, UNPRINTABLE)) text = slice(text, 1, -1);
  const end = find(text, "\n"), isErrorLine = match(ERROR_LINE, text) !== null;
  const fits = isErrorLine ? (end < 0 ? text.length : end + 1) <= 80 : end < 0 && !startsWith(text, "DOMException");
  return `Uncaught${came}${fits ? " " : ":\n"}${text}`;
};

/** Print an error without such a frame, which it loses for good, as in Node: `_error` prints the same. */
const withoutFrame = (error, omit) => {
  const found = omit === null ? undefined : describe(error, "stack"), stack = stackOf(error);
  if (found === undefined || !found.configurable || match(omit, stack) === null || weakHas(nodesErrors, error)) return shown(error);
  defineProperty(error, "stack", { __proto__: null, value: replaceAll(omit, stack, ""), configurable: true, writable: true, enumerable: false });
  return shown(error);
};
