/** One change of a patch. Returns the elements to show as changed, or null if the frame must be loaded again. */
function applyChange(change) {
  if (change.k === "document") return setDocument(change.html) ? [] : null;
  const element = elementAt(change.at, change.tag);
  return element && CHANGES[change.k](element, change);
}

const CHANGES = {
  inner: (element, { html }) => (setInner(element, html) ? [element] : null),
  insert: (element, { where, html }) => {
    const outside = where === "beforebegin" || where === "afterend";
    const known = new Set((outside ? element.parentNode : element).childNodes);
    element.insertAdjacentHTML(where, html);
    const added = [...(outside ? element.parentNode : element).childNodes].filter((node) => !known.has(node));
    const elements = added.filter((node) => node instanceof Element);
    for (const node of elements) {
      for (const script of [...scriptsIn(node), node].filter((each) => each instanceof HTMLScriptElement)) markWaiting(script);
    }
    elements.forEach(runWaiting);
    return elements.length > 0 ? elements : [element];
  },
  remove: (element) => {
    if (element instanceof HTMLScriptElement || scriptsIn(element).length > 0) return null;
    const around = element.parentElement;
    element.remove();
    return around ? [around] : [];
  },
  attr: (element, { name, value }) => {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) setAttribute(element, name, value);
    return [element];
  },
};

/** As the parser would: it accepts names that setAttribute refuses, and knows the namespaces of SVG's. */
function setAttribute(element, name, value) {
  const holder = document.createElementNS(element.namespaceURI, element.localName);
  const shell = document.createElement("div");
  const foreign = holder instanceof HTMLElement ? ["", ""] : holder instanceof SVGElement ? ["<svg>", "</svg>"] : ["<math>", "</math>"];
  shell.innerHTML = `${foreign[0]}<b-b ${name}="${value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></b-b>${foreign[1]}`;
  const parsed = shell.querySelector("b-b")?.attributes[0];
  if (parsed) element.setAttributeNode(parsed.cloneNode());
}
