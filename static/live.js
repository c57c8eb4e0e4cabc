/**
 * Live frames of a kit: repeated [u32 length][JSON about][u32 length][frame bytes], big-endian. Connects while somebody
 * looks, again after a break; the reader gets `{about, blob}` and never waits for an old frame.
 */
const AGAIN_MS = 1_000;
const LARGEST = 32 * 1024 * 1024; // bytes; a longer length means that the stream is out of step

/** Watch until the returned function is called; not while the window is hidden, so that nobody draws for nobody. */
export function watchLive(url, onFrame) {
  let abort = null;
  const turn = () => {
    if (document.hidden === (abort === null)) return;
    abort?.abort();
    abort = document.hidden ? null : new AbortController();
    if (abort) follow(url, onFrame, abort.signal);
  };
  document.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    abort?.abort();
  };
}

async function follow(url, onFrame, signal) {
  while (!signal.aborted) {
    try {
      const response = await fetch(url, { signal, cache: "no-store" });
      if (response.status >= 400 && response.status < 500) return;
      if (response.ok) await read(response.body.getReader(), onFrame);
    } catch (error) {
      if (signal.aborted) return;
      console.debug("The live view broke off and is opened again", error);
    }
    await pause(AGAIN_MS, signal);
  }
}

async function read(reader, onFrame) {
  const take = exactly(reader);
  for (;;) {
    const about = JSON.parse(new TextDecoder().decode(await part(take)));
    const blob = new Blob([await part(take)], { type: about.media_type });
    onFrame({ about, blob });
  }
}

async function part(take) {
  const length = new DataView((await take(4)).buffer).getUint32(0);
  if (length > LARGEST) throw new Error(`a part of ${length} bytes`);
  return take(length);
}

/** A function that gives exactly as many bytes as asked for, however they arrive. */
function exactly(reader) {
  let chunks = [];
  let have = 0;
  return async (wanted) => {
    while (have < wanted) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the live view ended");
      chunks.push(value);
      have += value.length;
    }
    const all = new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks = [all.subarray(wanted)];
    have -= wanted;
    return all.slice(0, wanted);
  };
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
