/**
 * Scripts that came in run once. The parser marks scripts from innerHTML as done, so each is made anew after it is in
 * place. A script that changed or went away needs a fresh realm: top-level `let` cannot be declared twice.
 */
const WAITING = "glasshouse/waiting";

const scriptsIn = (root) => [...root.querySelectorAll("script")].filter((script) => script instanceof HTMLScriptElement);

/** Mark the scripts of `fresh` that `old` does not have; false if `old` has one that is gone from `fresh`. */
function markNewScripts(old, fresh) {
  const known = new Set(scriptsIn(old).map((script) => script.outerHTML));
  const coming = scriptsIn(fresh);
  const kept = new Set(coming.map((script) => script.outerHTML));
  if ([...known].some((text) => !kept.has(text))) return false;
  for (const script of coming) {
    if (!known.has(script.outerHTML)) markWaiting(script);
  }
  return true;
}

function markWaiting(script) {
  if (script.hasAttribute("type")) script.dataset.glasshouseType = script.getAttribute("type");
  script.setAttribute("type", WAITING);
}

function runWaiting(root) {
  const waiting = scriptsIn(root);
  if (root instanceof HTMLScriptElement) waiting.push(root);
  for (const script of waiting) {
    if (script.getAttribute("type") === WAITING) script.replaceWith(revived(script));
  }
}

function revived(script) {
  const fresh = document.createElement("script");
  for (const { name, value } of script.attributes) {
    if (name !== "type" && name !== "data-glasshouse-type") fresh.setAttribute(name, value);
  }
  if ("glasshouseType" in script.dataset) fresh.setAttribute("type", script.dataset.glasshouseType);
  fresh.textContent = script.textContent;
  return fresh;
}
