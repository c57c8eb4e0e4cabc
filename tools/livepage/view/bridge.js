/** The frame's end of the wire: the first script of the document. Takes patches from the shell over a port of its own. */
const own = document.currentScript;
const revision = own.dataset.revision;
own.remove();

const { port1: port, port2 } = new MessageChannel();
const waiting = [];
let stopPointing = null;
let lost = false;

// Peer connections pass every policy that a page's headers can set. Guarded by the test of the hostile document.
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) delete window[name];

const tell = (message) => port.postMessage(message);

const ORDERS = {
  apply: ({ changes, id }) => {
    if (lost) return;
    applying = true;
    try {
      const touched = [];
      for (const change of changes) {
        const elements = applyChange(change);
        if (elements === null) throw new Error("this page is not the one the change was made for");
        touched.push(...elements);
      }
      glow([...new Set(touched)].filter((element) => element.isConnected));
      tell({ is: "applied", id });
    } catch (error) {
      lost = true; // a half-made change: nothing else may be built on it
      tell({ is: "lost", id, why: String(error).slice(0, 200) });
    } finally {
      setTimeout(() => (applying = false)); // toggle events come as a task of their own
    }
  },
  where: () => tell({ is: "where", x: scrollX, y: scrollY }),
  scroll: ({ x, y }) => scrollTo({ left: x, top: y, behavior: "instant" }),
  point: ({ on }) => {
    stopPointing?.();
    stopPointing = on ? pointing(tell) : null;
  },
};

const obey = (order) => ORDERS[order.do]?.(order);

port.onmessage = ({ data }) => {
  if (document.readyState === "loading") waiting.push(data);
  else obey(data);
};

addEventListener("DOMContentLoaded", () => {
  waiting.splice(0).forEach(obey);
  tell({ is: "ready" });
});

/** Links cannot leave a sandboxed frame: the shell asks the person first. */
addEventListener("click", (event) => {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.href);
  if (!link || event.defaultPrevented || !event.isTrusted) return;
  if (link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  tell({ is: "open", href: link.href });
});

parent.postMessage({ glasshouse: "frame", revision }, "*", [port2]);
