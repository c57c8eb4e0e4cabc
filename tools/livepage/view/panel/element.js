/** An element with attributes, listeners (`onclick`) and children; text never becomes markup. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const PATHS = {
  back: "M8.5 3.5L4 8l4.5 4.5M4 8h9",
  phone: "M5 1.8h6v12.4H5zM7 12h2",
  point: "M3 3l10 4.2-4.3 1.5L7.2 13z",
  history: "M2.5 8a5.5 5.5 0 1 0 1.7-4M2.5 2.5v3h3M8 5v3.2l2.2 1.4",
  share: "M8 10V2.5M5 5l3-3 3 3M4.5 7.5H3v6h10v-6h-1.5",
  save: "M8 2.5V10M5 7.5l3 3 3-3M3 13.5h10",
  close: "M4 4l8 8M12 4l-8 8",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const look = { viewBox: "0 0 16 16", width: 16, height: 16, fill: "none", stroke: "currentColor", "stroke-width": 1.4, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(look)) svg.setAttribute(key, value);
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button of the toolbar: a sign, and its word where there is room. */
export const tool = (name, word, onclick, more = {}) =>
  el("button", { type: "button", class: "lp-tool", title: word, "aria-label": word, onclick, ...more }, icon(name), el("span", { text: word }));

export function ago(at) {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (seconds >= size) return words.format(-Math.floor(seconds / size), unit);
  }
  return "just now";
}

/** Text of a tool's answer; throws it if it is an error. */
export async function asked(answer) {
  const { is_error, content } = await answer;
  const text = content.map((block) => block.text ?? "").join("\n");
  if (is_error) throw new Error(text);
  return text;
}

export async function request(path, method = "GET", body) {
  const answer = await fetch(path, {
    method, cache: "no-store", headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error?.message ?? `The server answered ${answer.status}.`);
  return said;
}
