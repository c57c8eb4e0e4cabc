// Texts as they are told, and the line to the page's world (sentry.js, ear.js): events whose name no page knows.
// A fragment of the eye's closure.

// Letters of planes that show nothing (tags, variations): they can carry a text that no person sees.
const whole = (text) => String(text).replace(/\udb40[\udc00-\udfff]/g, "").toWellFormed();
const squeeze = (text) => whole(text ?? "").replace(/[\s\u0001-\u0004]+/g, " ").trim();

const mark = (node) => new StaticRange({ startContainer: node, startOffset: 0, endContainer: node, endOffset: 0 });

/** Ask the page's world something about nodes: the nodes and text it answers with, and whether it says yes. */
function ask(what, nodes = [], data = "") {
  const found = [];
  let said = null;
  const take = (event) => {
    said = event.data;
    for (const one of event.getTargetRanges()) found.push(one.startContainer);
  };
  performance.addEventListener(key, take);
  const yes = !performance.dispatchEvent(new InputEvent(key + what, { cancelable: true, data, targetRanges: nodes.map(mark) }));
  performance.removeEventListener(key, take);
  return { found, yes, said };
}
