// Says what is wrong with code that does not parse, as V8 would: acorn knows the place, V8 knows the words.

const AsyncFunction = (async () => {}).constructor;

const PARAPHRASED = [
  [/'import' and 'export' may appear only/, (source, pos) => /^export/.test(source.slice(pos)) ? "Unexpected token 'export'" : "Cannot use import statement outside a module"],
  [/'return' outside of function/, () => "Illegal return statement"],
  [/Cannot use 'import\.meta' outside a module/, () => "Cannot use 'import.meta' outside a module"],
  [/Unterminated template/, () => "Unterminated template literal"],
];

const endsEarly = (source, problem) => problem.pos >= source.trimEnd().length;

/** V8's words for the problem, or acorn's where V8, which sees a function's body, finds none. */
function words(source, problem) {
  for (const [pattern, say] of PARAPHRASED) if (pattern.test(problem.message)) return say(source, problem.pos);
  const body = source.replace(/^#!.*/, "");
  try {
    if (/\bawait\b/.test(body)) new AsyncFunction(body);
    else new Function(body);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    // The wrapper's own brace, or V8's check of it, ends code that ends too early.
    if (/^Unexpected token '[})]'$/.test(error.message) && endsEarly(source, problem)) return "Unexpected end of input";
    return error.message;
  }
  return problem.message.replace(/ \(\d+:\d+\)$/, "");
}

/** What the carets mark: a number, a string or a regular expression from its beginning, else the token. */
function marked(source, pos, message) {
  if (/regular expression/.test(message)) return [source.lastIndexOf("/", pos), /^\/(?:\\.|[^\\/\n])*\/?[a-z]*/];
  if (/^Identifier directly after number/.test(message)) return [pos - /[\w.]*$/.exec(source.slice(0, pos))[0].length, /^[\w.]/];
  if (/^Unterminated string/.test(message)) return [pos, /^.*/];
  return [pos, /^(?:[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*|'[^'\n]*'|"[^"\n]*"|=>|\.\.\.|[-+*/%&|^!=<>?]+|.)/u];
}

/** { message, line, column, length }: the place counts from 1. */
function explain(source, problem) {
  const place = endsEarly(source, problem) ? source.trimEnd().length : problem.pos ?? 0;
  const [at, token] = marked(source, place, problem.message);
  const before = source.slice(0, at), line = before.split("\n").length;
  return {
    message: words(source, problem), line, column: at - before.lastIndexOf("\n"), length: (token.exec(source.slice(at)) ?? [" "])[0].length,
  };
}

const ascii = (value) => JSON.stringify(value).replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The way into the tool isolate: its `this` is [source, constants, stirred] in JSON → { script } or { problem }, as JSON. */
function prepare() {
  "use strict";
  try {
    return ascii(prepared(...JSON.parse(this)));
  } catch {
    return ascii({ problem: { message: "code is nested too deeply to parse.", line: 1, column: 1, length: 0 } });
  }
}

function prepared(source, constants, stirred) {
  try {
    return { script: transform(source, constants, stirred) };
  } catch (problem) {
    if (problem instanceof RangeError) throw problem;
    return { problem: explain(source, problem) };
  }
}
