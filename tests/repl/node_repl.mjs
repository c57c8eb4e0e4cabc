// The oracle: reads [[step, ...], ...] from standard input, feeds each sequence to a fresh REPL of Node's, line by line,
// and writes [[output, ...], ...]. A step is one line of code.
import { PassThrough, Writable } from "node:stream";
import repl from "node:repl";

const PROMPT = "\u0001";

async function sequence(steps) {
  const input = new PassThrough();
  let text = "", resume = () => {};
  const output = new Writable({
    write(chunk, _, done) {
      text += chunk;
      if (text.endsWith(PROMPT)) setTimeout(() => text.endsWith(PROMPT) && resume(), 5);
      done();
    },
  });
  const prompted = () => new Promise((resolve) => (resume = resolve));
  const first = prompted();
  const server = repl.start({ input, output, prompt: PROMPT, terminal: false, useColors: false, useGlobal: false });
  await first;
  const answers = [];
  for (const step of steps) {
    text = "";
    const next = prompted();
    input.write(`${step}\n`);
    await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 400))]);
    answers.push(text.replaceAll(PROMPT, "").replace(/^(?:\.\.\. )+/, "").replace(/\n$/, ""));
  }
  server.close();
  return answers;
}

let json = "";
for await (const chunk of process.stdin) json += chunk;
const all = [];
for (const steps of JSON.parse(json)) all.push(await sequence(steps));
process.stdout.write(JSON.stringify(all), () => process.exit(0)); // a pipe takes only a part at once
