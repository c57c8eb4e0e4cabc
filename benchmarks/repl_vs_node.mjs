// The oracle: reads [[step, ...], ...] from standard input, gives each sequence to a REPL of Node's own in a process of its
// own, as `node -i` would, and writes, for each, { steps: [{ text, value, thrown, more }], names: [{ name, kinds, value }] }.
import { fork } from "node:child_process";
import inspector from "node:inspector";
import repl from "node:repl";
import { PassThrough, Writable } from "node:stream";
import util from "node:util";

const PROMPT = "\u0001", STEP_MS = 2000;
const inspect = (value) => util.inspect(value, { showProxy: true });
const { defineProperty, ownKeys } = Reflect, { isNativeError } = util.types, sourceOf = Function.prototype.call.bind(Function.prototype.toString);
const indirectEval = eval, errorText = Function.prototype.call.bind(Error.prototype.toString);

function headline(thrown) {
  try {
    if (thrown instanceof DOMException) return `DOMException [${thrown.name}]: ${thrown.message}`;
    return isNativeError(thrown) ? errorText(thrown) : inspect(thrown);
  } catch {
    return "?";
  }
}

/** What is declared by let, const and class, which no object shows. */
function lexicalNames() {
  const session = new inspector.Session();
  let names = [];
  session.connect();
  session.post("Runtime.globalLexicalScopeNames", {}, (_, result) => (names = result.names));
  session.disconnect();
  return names;
}

function kindsOf(name, lexical) {
  if (!lexical) return ["var", "function", "class"]; // all the same property of the global object
  try {
    indirectEval(`${name} = ${name}`);
  } catch (problem) {
    return [/constant/.test(problem.message) ? "const" : "unusable"];
  }
  const value = indirectEval(name);
  return typeof value === "function" && /^class\b/.test(sourceOf(value)) ? ["class", "let"] : ["let"];
}

/** Global names and their values. */
function globals() {
  const found = new Map();
  for (const key of ownKeys(globalThis).filter((key) => typeof key === "string")) {
    found.set(key, Reflect.getOwnPropertyDescriptor(globalThis, key).value);
  }
  return found;
}

/** What was declared, and what was assigned or replaced. */
function namesSince(baseline, steps) {
  const lexical = lexicalNames(), found = [];
  const written = (name) => steps.some((step) => new RegExp(`\\b(?:var|function|class)\\s+${name}\\b|(?<![.\\w])${name}\\s*=[^=]`).test(step));
  const replaced = (name, value) => !Object.is(baseline.get(name), value) && written(name); // getters load their own
  const own = [...globals()].filter(([name, value]) => !baseline.has(name) || replaced(name, value)).map(([name]) => name);
  for (const name of new Set([...lexical, ...own])) {
    let value, kinds = ["?"];
    try {
      value = inspect(indirectEval(name));
      kinds = kindsOf(name, lexical.includes(name));
    } catch (problem) {
      value = `Uncaught ${headline(problem)}`;
      if (lexical.includes(name)) kinds = ["unusable"];
    }
    if (kinds[0] !== "unusable") found.push({ name, kinds, value }); // by a failed initialiser: it is "not defined" for ever
  }
  return found;
}

/** In a process of its own. */
async function sequence(steps, answer) {
  let text = "", resume = () => {}, outcome = {};
  const asks = () => text.endsWith(PROMPT) || /(?:^|\n)\.\.\.(?:\.\.)* $/.test(text);
  const take = (chunk) => {
    text += chunk;
    if (asks()) setTimeout(() => asks() && resume(), 5);
    return true;
  };
  defineProperty(process.stdout, "write", { value: take });
  defineProperty(process.stderr, "write", { value: take });
  const output = new Writable({ write: (chunk, _, done) => done(take(chunk) ? null : null) });
  const prompted = () => new Promise((resolve) => (resume = resolve));
  const first = prompted();
  const server = repl.start({ input: new PassThrough(), output, prompt: PROMPT, terminal: false, useColors: false, useGlobal: true });
  await first;
  const baseline = globals(), native = server.eval;
  server.eval = (code, context, file, done) => native.call(server, code, context, file, (problem, value) => {
    if (problem) outcome.thrown ??= problem instanceof repl.Recoverable ? undefined : headline(problem);
    else outcome.value = inspect(value);
    done(problem, value);
  });
  server._domain.prependListener("error", (problem) => {
    if (outcome.value === undefined) outcome.thrown ??= headline(problem);
  });
  for (const step of steps) {
    text = "";
    outcome = {};
    const next = prompted();
    server.emit("line", step);
    await Promise.race([next, new Promise((resolve) => setTimeout(resolve, STEP_MS))]);
    const more = !text.includes(PROMPT); // jobs may write after it
    if (more) {
      server.clearBufferedCommand();
      server.displayPrompt();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const told = text.replaceAll(PROMPT, "").replace(/\n$/, "");
    answer({ step: { text: told, value: outcome.value ?? null, thrown: outcome.thrown ?? null, more } });
  }
  answer({ names: namesSince(baseline, steps) });
}

/** A step that ends Node itself counts as one without an answer; the next ones get a fresh Node. */
const inOwnProcess = (steps, before = []) => new Promise((resolve) => {
  const child = fork(process.argv[1], ["--one"], { silent: true }), answers = [...before];
  child.on("message", ({ step, names }) => {
    if (step) answers.push(step);
    if (!names) return;
    resolve({ steps: answers, names });
    child.removeAllListeners().kill();
  });
  child.on("exit", () => {
    const gone = [...answers, { text: "", value: null, thrown: null, more: true }];
    resolve(inOwnProcess(steps.slice(gone.length - before.length), gone));
  });
  child.send(steps);
});

if (process.argv[2] === "--one") {
  const { send } = process;
  process.once("message", (steps) => sequence(steps, (part) => send.call(process, part)));
} else {
  let json = "";
  for await (const chunk of process.stdin) json += chunk;
  const all = [];
  for (const steps of JSON.parse(json)) all.push(await inOwnProcess(steps));
  process.stdout.write(JSON.stringify(all), () => process.exit(0));
}
