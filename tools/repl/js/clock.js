// Time and chance, recorded. Live, every reading of the clock is kept as runs ([milliseconds, how often]); a replay is
// fed the same readings. Random numbers come from the session's seed and the call's number, so nothing is stored and a
// call that was rolled back does not shift the numbers of the next.

const clock = { __proto__: null, runs: list(), replay: null, at: 0, used: 0, last: 0, frozen: 0, diverged: false };

const startClock = (replay, now) => {
  clock.runs = list();
  clock.replay = replay;
  clock.at = clock.used = 0;
  clock.diverged = false;
  clock.last = now;
};

/** The time in ms since 1970 as the agent's code may see it. */
const now = () => {
  if (clock.frozen) return clock.last;
  clock.last = clock.replay === null ? realNow() : replayedNow();
  if (clock.replay === null) record(clock.last);
  return clock.last;
};

const record = (ms) => {
  const { runs } = clock;
  const tail = runs.length ? runs[runs.length - 1] : null;
  if (tail !== null && tail[0] === ms) tail[1]++;
  else {
    const run = list();
    push(run, ms);
    push(run, 1);
    push(runs, run);
  }
};

const replayedNow = () => {
  const run = clock.replay[clock.at];
  if (run === undefined) {
    clock.diverged = true;
    return clock.last;
  }
  if (++clock.used === run[1]) {
    clock.at++;
    clock.used = 0;
  }
  return run[0];
};

/** True if the replay read the clock more or less often than the call did when it was live. */
const clockDiverged = () => clock.replay !== null && (clock.diverged || clock.at !== clock.replay.length);

/** Run `work` with the clock standing still: printing must not use up readings. */
const frozen = (work, a, b) => {
  clock.frozen++;
  try {
    return work(a, b);
  } finally {
    clock.frozen--;
  }
};

// sfc32 (Chris Doty-Humphrey, public domain): small, fast, passes PractRand.
let seedA = 0, seedB = 0, seedC = 0, counter = 1;
let sessionSeed = [0, 0, 0];

const nextUint32 = () => {
  const sum = (seedA + seedB + counter) | 0;
  counter = (counter + 1) | 0;
  seedA = seedB ^ (seedB >>> 9);
  seedB = (seedC + (seedC << 3)) | 0;
  seedC = (((seedC << 21) | (seedC >>> 11)) + sum) | 0;
  return sum >>> 0;
};

const startRandom = (call) => {
  seedA = sessionSeed[0] ^ call;
  seedB = sessionSeed[1] ^ imul(call, 0x9e3779b1);
  seedC = sessionSeed[2];
  counter = 1;
  for (let i = 0; i < 12; i++) nextUint32();
};

const random = () => (nextUint32() * 2097152 + (nextUint32() >>> 11)) / 9007199254740992;

define(Math, "random", { random() { return random(); } }.random);

const fakeDate = new NativeProxy(NativeDate, {
  __proto__: null,
  apply: () => dateText(construct(NativeDate, [now()])),
  construct: (target, args, newTarget) => construct(NativeDate, args.length ? args : [now()], newTarget),
});
const dateText = uncurry(NativeDate.prototype.toString);
define(NativeDate, "now", { now() { return now(); } }.now);
define(NativeDate.prototype, "constructor", fakeDate);
define(global, "Date", fakeDate);

// A formatter without an argument formats the present: give it ours.
{
  const formatters = Intl.DateTimeFormat.prototype;
  const getFormat = uncurry(describe(formatters, "format").get);
  const presentFormat = new NativeWeakMap();
  defineProperty(formatters, "format", {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get: {
      format() {
        const format = getFormat(this);
        let ours = weakGet(presentFormat, this);
        if (ours === undefined) {
          ours = (date) => format(date === undefined ? now() : date);
          weakSet(presentFormat, this, ours);
        }
        return ours;
      },
    }.format,
  });
  const formatToParts = uncurry(formatters.formatToParts);
  define(formatters, "formatToParts", {
    formatToParts(date) { return formatToParts(this, date === undefined ? now() : date); },
  }.formatToParts);
}
