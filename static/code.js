/** Code with colours: a <code> element made from highlight.js' tree of tokens, never from markup; plain text where it has no grammar. */
import bash from "./vendor/highlight-bash.js";
import css from "./vendor/highlight-css.js";
import highlighter from "./vendor/highlight.js";
import javascript from "./vendor/highlight-javascript.js";
import json from "./vendor/highlight-json.js";
import python from "./vendor/highlight-python.js";
import xml from "./vendor/highlight-xml.js";

const LONGEST = 20_000; // characters; colouring more is felt while typing
for (const [name, grammar] of Object.entries({ bash, css, javascript, json, python, xml })) {
  highlighter.registerLanguage(name, grammar);
}
highlighter.registerAliases(["ts", "typescript"], { languageName: "javascript" });

export function highlight(text, language) {
  const code = document.createElement("code");
  if (text.length > LONGEST || !highlighter.getLanguage(language ?? "")) code.textContent = text;
  else code.append(...parts(highlighter.highlight(text, { language, ignoreIllegals: true })._emitter.rootNode));
  return code;
}

/** The tree's own: `{scope, children}`, a child is a text or a tree. A scope without a colour here needs no element. */
function parts({ children }) {
  return children.flatMap((child) => (typeof child === "string" ? child : child.scope && !child.scope.startsWith("language:") ? span(child) : parts(child)));
}

function span(tree) {
  const node = document.createElement("span");
  node.className = `hljs-${tree.scope.split(".")[0]}`;
  node.append(...parts(tree));
  return node;
}
