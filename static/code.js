/** Code with colours: a <code> element whose spans come from highlight.js, or plain text where it has no grammar. */
import bash from "./vendor/highlight-bash.js";
import css from "./vendor/highlight-css.js";
import highlighter from "./vendor/highlight.js";
import javascript from "./vendor/highlight-javascript.js";
import json from "./vendor/highlight-json.js";
import python from "./vendor/highlight-python.js";
import xml from "./vendor/highlight-xml.js";
import createPurify from "./vendor/purify.js";

const purify = createPurify(window);
const RULES = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };
const LONGEST = 20_000; // characters; colouring more is felt while typing
for (const [name, grammar] of Object.entries({ bash, css, javascript, json, python, xml })) {
  highlighter.registerLanguage(name, grammar);
}
highlighter.registerAliases(["ts", "typescript"], { languageName: "javascript" });

export function highlight(text, language) {
  const code = document.createElement("code");
  if (text.length > LONGEST || !highlighter.getLanguage(language ?? "")) code.textContent = text;
  else code.append(purify.sanitize(highlighter.highlight(text, { language, ignoreIllegals: true }).value, RULES));
  return code;
}
