/** Times for people: "3 min ago" that stays true, the exact one on hover. */

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const REFRESH_MS = 20_000;

/** Milliseconds since the epoch of an ISO text or of seconds; NaN for what is neither. */
export const instant = (at) => (typeof at === "number" ? at * (at > 1e11 ? 1 : 1000) : Date.parse(at));

export function relative(at, now = Date.now()) {
  const seconds = (instant(at) - now) / 1000;
  if (Number.isNaN(seconds)) return "";
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

const hours = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

export const hourTime = (at) => (Number.isNaN(instant(at)) ? "" : hours.format(instant(at)));
export const clockTime = (at) => (Number.isNaN(instant(at)) ? "" : clock.format(instant(at)));

/** A <time> element; `keepTimesTrue` refreshes all of them. */
export function timeElement(at, write = relative) {
  const node = document.createElement("time");
  if (Number.isNaN(instant(at))) return node;
  node.dateTime = new Date(instant(at)).toISOString();
  node.title = exact.format(instant(at));
  node.textContent = write(at);
  if (write === relative) node.dataset.relative = "";
  return node;
}

export function keepTimesTrue(root = document) {
  const timer = setInterval(() => {
    for (const node of root.querySelectorAll("time[data-relative]")) node.textContent = relative(node.dateTime);
  }, REFRESH_MS);
  return () => clearInterval(timer);
}

export function duration(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
