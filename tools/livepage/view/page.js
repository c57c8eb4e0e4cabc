/** The shell of a live page: a bar, a sandboxed frame, and the feed that keeps it fresh. Also inside the panel. */
import { Bar } from "./bar.js";
import { Feed } from "./feed.js";
import { Frame } from "./frame.js";
import { Past } from "./past.js";

const base = location.pathname.replace(/\/$/, "");
const embedded = parent !== window;
document.documentElement.classList.toggle("embedded", embedded);

const bar = new Bar(document, base);
const held = []; // events that came while the frame was loading
let shown = ""; // epoch:rev of what the frame shows, or is about to
let asking = false;

const tellPanel = (facts) => embedded && parent.postMessage({ livepage: facts }, location.origin);

const feed = new Feed(base, {
  since: () => shown,
  deliver,
  tell: (state) => {
    bar.state(state);
    tellPanel({ state });
  },
});

const frame = new Frame(document.querySelector(".frame"), `${base}/doc`, {
  loaded: (revision) => {
    const first = shown === "";
    show(revision);
    document.documentElement.dataset.loaded = revision;
    held.splice(0).forEach(deliver);
    if (first) feed.start();
    catchUp();
  },
  applied: (id) => {
    document.documentElement.dataset.applied = id;
    tellPanel({ applied: id });
  },
  open: (href) => bar.leave(href),
  picked: (picked) => tellPanel({ picked }),
});

function deliver(event) {
  const { name, data, id } = event;
  if (name === "viewers") {
    bar.viewers(data.n);
    tellPanel({ viewers: data.n });
  } else if (!frame.open) {
    held.push(event);
  } else if (isNext(event)) {
    if (name === "reload") return frame.reload();
    const changes = name === "snapshot" && data.html !== undefined ? [{ k: "document", html: data.html }] : data.changes;
    frame.send({ do: "apply", changes, id });
    show(id);
  } else if (isLater(id)) {
    catchUp();
  }
}

const parse = (revision) => [revision.slice(0, revision.lastIndexOf(":")), Number(revision.slice(revision.lastIndexOf(":") + 1))];

/** The revision after the one shown; a page nobody had edited ("0:0") gets its epoch with its first edit. */
function isNext({ name, data, id }) {
  const [epoch, revision] = parse(id);
  const [ours, now] = parse(shown);
  if (name === "snapshot" && data.html !== undefined) return epoch !== ours || revision > now;
  return (epoch === ours || shown === "0:0") ? revision === now + 1 : name === "reload";
}

function isLater(id) {
  const [epoch, revision] = parse(id);
  const [ours, now] = parse(shown);
  return epoch !== ours || revision > now;
}

/** One question at a time: a burst of events out of order must not become a burst of requests. */
async function catchUp() {
  if (asking) return;
  asking = true;
  try {
    const events = await feed.missed();
    if (frame.open) events.forEach(deliver);
  } catch {
    // the feed finds out by itself and reconnects
  } finally {
    asking = false;
  }
}

function show(revision) {
  shown = revision;
  const [, number] = parse(revision);
  document.documentElement.dataset.revision = revision;
  bar.revision(number);
  tellPanel({ revision: number });
}

const past = new Past(() => frame.element, `${base}/doc`, {
  shown: (revision) => tellPanel({ past: { revision } }),
  gone: (revision, why) => tellPanel({ past: { revision, why } }),
  open: (href) => bar.leave(href),
});

const ORDERS = {
  point: (on) => frame.send({ do: "point", on }),
  past: (revision) => past.show(revision),
};

if (embedded) {
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== parent) return;
    for (const [order, value] of Object.entries(data ?? {})) ORDERS[order]?.(value);
  });
  tellPanel({ listens: true });
}

bar.state("connecting");
frame.start();
