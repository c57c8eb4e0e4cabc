/** Home: the sessions, kept up to date while somebody looks; ways to make one, attach one, and connect from code. */
import { ask } from "./api.js";
import { showInTab } from "./badge.js";
import { connectGuide } from "./connect.js";
import { el, say } from "./element.js";
import { attachDialog, newSessionDialog } from "./newsession.js";
import { SessionList } from "./sessionlist.js";
import { shortcuts } from "./shortcuts.js";
import { themeButton } from "./themebutton.js";
import { keepTimesTrue } from "./time.js";

const EVERY_MS = 3_000;
const $ = (selector) => document.querySelector(selector);
const list = new SessionList($(".sessions"));
const newSession = newSessionDialog();
const attach = attachDialog();
let sessions = null;
let show = "all";
let timer = 0;

themeButton($(".theme"));
keepTimesTrue();
connectGuide($(".connect"));
$(".new").addEventListener("click", newSession);
$(".attach").addEventListener("click", attach);
$(".find").addEventListener("input", draw);
$(".filters").addEventListener("click", filter);
const sheet = shortcuts([
  { key: "/", label: "Find a session", does: () => $(".find").focus() },
  { key: "n", label: "New session", does: newSession },
  { key: "a", label: "Attach by id", does: attach },
  { key: "j", label: "Next session", does: () => list.move(1) },
  { key: "k", label: "Previous session", does: () => list.move(-1) },
  { key: "t", label: "Light, dark, system", does: () => $(".theme").click() },
]);
$(".keys-button").addEventListener("click", () => sheet.showModal());
document.addEventListener("visibilitychange", () => document.hidden || refresh());
ask("/kits").then((kits) => (list.nameKits(kits), draw()), () => {}); // without it, they are called by their names
refresh();

/** One question at a time, the next one some seconds after the answer, none while nobody looks. */
async function refresh() {
  clearTimeout(timer);
  timer = 0;
  if (document.hidden && sessions !== null) return;
  try {
    sessions = (await ask("/sessions")).sessions;
    problem(null);
  } catch (error) {
    problem(error);
  }
  draw();
  timer = setTimeout(refresh, EVERY_MS);
}

function filter({ target }) {
  if (!target.dataset.show) return;
  show = target.dataset.show;
  for (const button of $(".filters").children) button.setAttribute("aria-pressed", String(button === target));
  draw();
}

function draw() {
  if (sessions === null) return;
  const wanted = $(".find").value.trim().toLowerCase();
  const found = sessions.filter((session) => list.matches(session, wanted, show));
  $(".sessions").removeAttribute("aria-busy");
  list.draw(found);
  drawNothing(found.length);
  const attention = sessions.some((session) => list.matches(session, "", "attention"));
  const busy = sessions.some((session) => list.matches(session, "", "active"));
  showInTab(attention ? "asking" : busy ? "running" : "idle", "Sessions");
}

function drawNothing(count) {
  const nothing = $(".nothing");
  nothing.hidden = count > 0;
  if (count > 0) return;
  const first = sessions.length === 0;
  const title = first ? "No session yet" : "Nothing matches";
  const text = first ? "Make one here, attach one by its id, or create one from your code: its tools will answer." : "Try another word, or show all sessions.";
  if (nothing.firstChild?.textContent !== title) nothing.replaceChildren(el("h2", { text: title }), el("p", { text }));
}

function problem(error) {
  if (error) $(".sessions").removeAttribute("aria-busy");
  const banner = $(".banner");
  banner.hidden = error === null;
  banner.dataset.tone = error?.status === 0 ? "warn" : "danger";
  say(banner, error ? `${error.message}${sessions ? " What you see may be old." : ""}` : "");
}
