/** Elements made from names and texts; nothing here takes markup. */

const SVG = "http://www.w3.org/2000/svg";

export function make(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function draw(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

export function line(path, size = 16) {
  return draw("svg", { viewBox: "0 0 16 16", width: size, height: size, class: "icon", "aria-hidden": "true" }, draw("path", { d: path }));
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
