/** Line icons on a 16 px grid, drawn as one path each. A kit's panel may bring its own path as `panel.icon`. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  page: "M4 2h5.5l3 3v9H4zM9.5 2v3h3M6 8h5M6 10.5h5",
  tool: "M10.5 2.5a3.2 3.2 0 0 0-3 4.2L2.6 11.6a1.3 1.3 0 0 0 1.8 1.8l4.9-4.9a3.2 3.2 0 0 0 4.1-4.1l-2 2-1.8-1.8z",
  plug: "M6 2v3M10 2v3M4 5h8v3a4 4 0 0 1-8 0zM8 12v2",
  terminal: "M2.5 3.5h11v9h-11zM5 6.5l2 1.5-2 1.5M8.5 10H11",
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  alert: "M8 5.5v3.5M8 11.2v.1M8 2.2l6.2 11H1.8z",
  info: "M8 7.2V11M8 5v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3",
  plus: "M8 3v10M3 8h10",
  link: "M6.5 9.5l3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2",
  down: "M8 3v9.5M4 9l4 4 4-4",
  send: "M8 13V3.5M4 7l4-4 4 4",
  stop: "M4.5 4.5h7v7h-7z",
  play: "M5 3.2v9.6l8-4.8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  back: "M10 3.5L5.5 8l4.5 4.5",
  next: "M6 3.5L10.5 8 6 12.5",
  theme: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 5.5h4.8M8 8h6M8 10.5h4.8",
  keys: "M1.8 4h12.4v8H1.8zM4.3 6.6h.1M6.8 6.6h.1M9.3 6.6h.1M11.8 6.6h.1M5 9.6h6",
  share: "M8 10V2.5M5 5l3-3 3 3M4.5 7.5H3v6h10v-6h-1.5",
  full: "M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  hand: "M5 8.5V4a1 1 0 0 1 2 0v3-4.2a1 1 0 0 1 2 0V7v-3.2a1 1 0 0 1 2 0V8v-2a1 1 0 0 1 2 0v4a4 4 0 0 1-4 4H8.3c-1.6 0-2.5-.8-3.3-2L3 9a1 1 0 0 1 1.6-1.1z",
  chat: "M2.5 3h11v8H7l-3 2.5V11H2.5z",
  thread: "M4.5 2.5v8a2.5 2.5 0 0 0 2.5 2.5h4.5M4.5 5.5h7M9.5 3.5l2 2-2 2M9.5 11l2 2-2 2",
};

export function icon(name, size = 16) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = { viewBox: "0 0 16 16", width: size, height: size, class: "icon", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", PATHS[name] ?? name);
  svg.append(path);
  return svg;
}
