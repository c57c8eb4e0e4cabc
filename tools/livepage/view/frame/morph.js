/** Turning what is there into what should be, keeping every element that stays. Each returns false if only a reload helps. */

/** Parsed in the element's own context, with scripting on as in the page: `DOMParser` would read <noscript> differently. */
function parsedIn(element, html) {
  const shell = element.cloneNode(false);
  shell.innerHTML = html;
  return shell;
}

function morphInner(element, fresh) {
  keepChoices(element, () => {
    Idiomorph.morph(element, [...fresh.childNodes], { morphStyle: "innerHTML", callbacks: keeping, head: { style: "morph" } });
  });
  runWaiting(element);
}

const HOLDS_TEXT = new Set(["script", "style", "textarea", "title", "template", "noscript", "iframe", "noembed", "noframes", "xmp"]);

function setInner(element, html) {
  const fresh = parsedIn(element, html);
  if (!markNewScripts(element, fresh)) return false;
  if (element instanceof HTMLElement && HOLDS_TEXT.has(element.localName)) element.innerHTML = html;
  else morphInner(element, fresh);
  return true;
}

function setDocument(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html"); // for the root's attributes and the mode only
  const fresh = parsedIn(document.documentElement, html);
  const [head, body] = [fresh.querySelector(":scope > head"), fresh.querySelector(":scope > body")];
  if (!head || !body || parsed.compatMode !== document.compatMode || parsed.doctype?.publicId !== document.doctype?.publicId) return false;
  if (hasStrays(parsed) || hasStrays(document) || !markNewScripts(document, fresh)) return false;
  takeAttributes(document.documentElement, parsed.documentElement);
  for (const [old, next] of [[document.head, head], [document.body, body]]) {
    takeAttributes(old, next);
    morphInner(old, next);
  }
  return true;
}

/** Comments beside the root, or text between head and body, which the morph below does not reach. */
const hasStrays = (root) =>
  [...root.childNodes].some((node) => node !== root.documentElement && node !== root.doctype) ||
  [...root.documentElement.childNodes].some((node) => node !== root.head && node !== root.body);
