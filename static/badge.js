/** The status in words, in the tab's title and in its icon. One drawing, coloured by what the session does. */

export const STATUS = {
  new: { word: "Opening", tone: "idle" },
  running: { word: "Working", tone: "busy" },
  waiting: { word: "Waiting for tools", tone: "busy" },
  asking: { word: "Needs permission", tone: "ask" },
  idle: { word: "Idle", tone: "idle" },
  error: { word: "Error", tone: "error" },
  ended: { word: "Ended", tone: "ended" },
  offline: { word: "Disconnected", tone: "error" },
};

const COLOURS = { busy: "#d97757", ask: "#c98a1b", idle: "#7a9b86", error: "#c8463c", ended: "#8d8880" };
const MARKS = { busy: "● ", ask: "◆ ", error: "▲ " };

let shown = "";

export function showInTab(status, title) {
  const { tone } = STATUS[status] ?? STATUS.idle;
  const text = `${MARKS[tone] ?? ""}${title} · Glasshouse`;
  if (document.title !== text) document.title = text;
  if (shown === tone) return;
  shown = tone;
  document.querySelector("link[rel=icon]").href = drawing(tone);
}

/** A house of glass: the frame always the same, the pane in the colour of the status. */
function drawing(tone) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 3 29 13v16H3V13z" fill="${COLOURS[tone]}"/>` +
    `<path d="M16 9v20M3 18h26" stroke="#fff" stroke-width="2.6"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
