// console, as Node has it. What it writes is kept with the call, in order; nothing is formatted once the call is full.

const lines = { __proto__: null, out: list(), used: 0, left: 0, indent: "" };
const counts = new NativeMap(), timers = new NativeMap();

const startLines = () => {
  lines.out = list();
  lines.used = lines.left = 0;
};

const full = () => lines.used >= REPLY_LIMIT;

const write = (level, text) => {
  if (full()) {
    lines.left++;
    return;
  }
  let kept = cut(text, min(VALUE_LIMIT, REPLY_LIMIT - lines.used));
  if (lines.indent !== "") kept = lines.indent + replaceAll(NEWLINE, kept, `\n${lines.indent}`);
  lines.used += kept.length + 1;
  const entry = list();
  push(entry, level);
  push(entry, kept);
  push(lines.out, entry);
};
const NEWLINE = /\n/g;

const CONSOLE_OPTIONS = freeze(options({ showProxy: false }));
const formatted = (args) => {
  if (args.length === 1 && typeof args[0] === "string") return args[0];
  return guarded((values) => apply(format, undefined, values), args);
};
const say = (level) => (args) => {
  if (full()) lines.left++;
  else write(level, formatted(args));
};
const log = say("log"), warn = say("warn"), error = say("error"), info = say("info"), debug = say("debug");

const label = (value) => (value === undefined ? "default" : `${value}`);

const elapsed = (name) => {
  const started = mapGet(timers, name);
  if (started === undefined) {
    write("warn", `Warning: No such label '${name}' for console.time()`);
    return null;
  }
  const ms = now() - started;
  if (ms >= 60000) return `${floor(ms / 60000)}:${padStart(fixed((ms % 60000) / 1000, 3), 6, "0")} (m:ss.mmm)`;
  return ms >= 1000 ? `${fixed(ms / 1000, 3)}s` : `${ms}ms`;
};

const consoleMethods = {
  log(...args) { log(args); },
  info(...args) { info(args); },
  debug(...args) { debug(args); },
  warn(...args) { warn(args); },
  error(...args) { error(args); },
  dir(value, settings) {
    if (full()) lines.left++;
    else write("log", guarded(inspect, value, { customInspect: false, ...settings }));
  },
  dirxml(...args) { log(args); },
  assert(condition, ...args) {
    if (condition) return;
    args[0] = `Assertion failed${args.length === 0 ? "" : `: ${args[0]}`}`;
    warn(args);
  },
  count(name) {
    const key = label(name), next = (mapGet(counts, key) ?? 0) + 1;
    mapSet(counts, key, next);
    write("log", `${key}: ${next}`);
  },
  countReset(name) {
    if (!mapDelete(counts, label(name))) write("warn", `Warning: Count for '${label(name)}' does not exist`);
  },
  time(name) {
    const key = label(name);
    if (mapHas(timers, key)) write("warn", `Warning: Label '${key}' already exists for console.time()`);
    else mapSet(timers, key, now());
  },
  timeLog(name, ...args) {
    const key = label(name), passed = elapsed(key);
    if (passed !== null) write("log", `${key}: ${passed}${args.length ? ` ${formatted(args)}` : ""}`);
  },
  timeEnd(name) {
    const key = label(name), passed = elapsed(key);
    if (passed === null) return;
    write("log", `${key}: ${passed}`);
    mapDelete(timers, key);
  },
  group(...args) {
    if (args.length) log(args);
    if (lines.indent.length < 200) lines.indent += "  ";
  },
  groupEnd() { lines.indent = slice(lines.indent, 2); },
  table(value, columns) {
    if (typeof value === "object" && value !== null && columns !== undefined && !isArray(columns)) {
      throw wrongArgument("properties", "an instance of Array", columns);
    }
    if (full()) lines.left++;
    else if (typeof value !== "object" || value === null) log([value]);
    else write("log", guarded(tableOf, value, columns));
  },
  trace(...args) {
    const trace = new NativeError(formatted(args));
    define(trace, "name", "Trace");
    NativeError.captureStackTrace?.(trace, consoleMethods.trace);
    write("error", trace.stack);
  },
  clear() {},
  profile() {},
  profileEnd() {},
  timeStamp() {},
};
consoleMethods.groupCollapsed = consoleMethods.group;
{
  const ours = {};
  const names = [ // in Node's order
    "log", "warn", "dir", "time", "timeEnd", "timeLog", "trace", "assert", "clear", "count", "countReset", "group", "groupEnd",
    "table", "debug", "info", "dirxml", "error", "groupCollapsed", "profile", "profileEnd", "timeStamp",
  ];
  for (let i = 0; i < names.length; i++) ours[names[i]] = consoleMethods[names[i]];
  define(ours, Symbol.toStringTag, "console");
  define(global, "console", ours);
}
