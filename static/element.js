/** Elements without markup strings: text from events goes through `textContent` only, so nothing in it can run. */

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "text") node.textContent = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : value);
}

/** Change the text only when it differs: a screen reader and a selection are not disturbed by writing the same again. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A link that may come from anywhere: http(s) and mailto only, in a new tab without a way back; else plain text. */
export function link(href, text, props = {}) {
  if (!/^(https?:|mailto:)/i.test(href ?? "")) return el("span", { ...props, text });
  return el("a", { ...props, href, text, target: "_blank", rel: "noopener noreferrer nofollow" });
}
