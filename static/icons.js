/** Line icons on a 16 px grid, drawn as one path each. A kit's panel may bring its own path as `panel.icon`. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  page: "M4 2h5.5l3 3v9H4zM9.5 2v3h3M6 8h5M6 10.5h5",
  tool: "M10.5 2.5a3.2 3.2 0 0 0-3 4.2L2.6 11.6a1.3 1.3 0 0 0 1.8 1.8l4.9-4.9a3.2 3.2 0 0 0 4.1-4.1l-2 2-1.8-1.8z",
  plug: "M6 2v3M10 2v3M4 5h8v3a4 4 0 0 1-8 0zM8 12v2",
  cross: "M4 4l8 8M12 4l-8 8",
  alert: "M8 5.5v3.5M8 11.2v.1M8 2.2l6.2 11H1.8z",
  info: "M8 7.2V11M8 5v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  down: "M8 3v9.5M4 9l4 4 4-4",
  send: "M8 13V3.5M4 7l4-4 4 4",
  play: "M5 3.2v9.6l8-4.8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
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
