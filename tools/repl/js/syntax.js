// Says what is wrong with code that does not parse, as V8 would: acorn knows the place, V8 knows the words.

const AsyncFunction = (async () => {}).constructor;

const PARAPHRASED = [
  [/'import' and 'export' may appear only/, (source, pos) => /^export/.test(source.slice(pos)) ? "Unexpected token 'export'" : "Cannot use import statement outside a module"],
  [/'return' outside of function/, () => "Illegal return statement"],
  [/Cannot use 'import\.meta' outside a module/, () => "Cannot use 'import.meta' outside a module"],
  [/Unterminated template/, () => "Unterminated template literal"],
];

/** V8's words for the problem, or acorn's where V8, which sees a function's body, finds none. */
function words(source, problem) {
  for (const [pattern, say] of PARAPHRASED) if (pattern.test(problem.message)) return say(source, problem.pos);
  const body = source.replace(/^#!.*/, "");
  try {
    if (/\bawait\b/.test(body)) new AsyncFunction(body);
    else new Function(body);
  } catch (error) {
    // The wrapper's own brace ends code that ends too early.
    if (error.message === "Unexpected token '}'" && problem.pos >= source.trimEnd().length) return "Unexpected end of input";
    return error.message;
  }
  return problem.message.replace(/ \(\d+:\d+\)$/, "");
}

/** { message, line, column, length }: the place counts from 1. */
function explain(source, problem) {
  const { line, column } = problem.loc ?? { line: 1, column: 0 };
  const at = problem.pos ?? 0;
  const token = /^(?:[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*|.)/u.exec(source.slice(at));
  return { message: words(source, problem), line, column: column + 1, length: token ? token[0].length : 1 };
}

/** Operation of the tool isolate: { script } or { problem }. */
function prepare(source, constants) {
  try {
    return JSON.stringify({ script: transform(source, constants) }).replace(/[^\x00-\x7f]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  } catch (problem) {
    if (problem instanceof RangeError) return JSON.stringify({ problem: { message: "code is nested too deeply to parse.", line: 1, column: 1, length: 0 } });
    return JSON.stringify({ problem: explain(source, problem) }).replace(/[^\x00-\x7f]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  }
}
