/** The split view: the stream feeds the log, the log feeds conversation, panels and timeline; drawn once per frame. */
import { ask, send } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { eventsUrl, first } from "./early.js";
import { say } from "./element.js";
import { drawHeadline } from "./headline.js";
import { makeHost } from "./host.js";
import { loadKits } from "./kits.js";
import { Panels } from "./panels.js";
import { place } from "./place.js";
import { sharing } from "./share.js";
import { sessionKeys } from "./sessionkeys.js";
import { split } from "./split.js";
import { drawStarting } from "./starting.js";
import { Stream } from "./stream.js";
import { themeButton } from "./themebutton.js";
import { keepTimesTrue } from "./time.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

const FLOOD = 20; // events within a frame: the log's past, which is folded as it comes and drawn when it ends
const LONGEST_FLOOD_MS = 400; // until something is drawn all the same
const PAST_MS = 300; // without an event after opening: the log's past is here, what comes now is news

const $ = (selector) => document.querySelector(selector);
const here = place();
const host = makeHost(here);
const events = []; // the log as far as it is known here; grows only
const talk = new Conversation();
const used = []; // kits whose calls have started since the last frame
let link = { name: "connecting" };
let session = {};
let problem = null; // what the operator's last answer to a call ran into
let frame = 0;
let arrived = 0; // events since the last frame
let drawnAt = performance.now();
let past = 0; // the timer of the log's past, null once it is here

const hands = {
  fileUrl: host.fileUrl,
  confirm: here.readOnly ? null : confirm,
  look: (item) => timeline.standAt(item.n),
};
const transcript = new Transcript($(".scroll"), talk, hands);
const panels = new Panels({ tabs: $(".tabs [role=tablist]"), area: $(".panels"), follow: $(".follow"), host, onChoose: () => showPane("panels") });
const timeline = new Timeline($(".timeline"), events, moveTo);
const composer = here.readOnly ? null : new Composer($(".composer"), here);
const stream = new Stream(eventsUrl, { deliver, tell, first });

document.body.classList.toggle("read-only", here.readOnly);
$(".composer").hidden = here.readOnly;
if (here.readOnly) ["href", "title", "aria-label"].forEach((name) => $(".home").removeAttribute(name)); // no list to go to
themeButton($(".theme"));
split($(".workspace"), $(".line"));
sharing($(".share"), here);
const sheet = sessionKeys({ panels, timeline, composer, transcript });
$(".keys-button").addEventListener("click", () => sheet.showModal());
$(".tab-chat").addEventListener("click", () => showPane("chat"));
keepTimesTrue();
start();

async function start() {
  stream.start();
  const kits = bringPanels();
  const asked = ask(here.readOnly ? `${here.base}/session` : here.base).then((answer) => (session = answer), () => {}); // the stream tells what is wrong
  await kits;
  if (panels.names.includes(location.hash.slice(1))) panels.choose(location.hash.slice(1));
  await asked;
  document.body.classList.remove("opening");
  schedule();
}

/** The kits' panels; those that could not be loaded are asked for again whenever the server is there again. */
function bringPanels() {
  if (panels.names.length > 0) return panels.retry();
  return loadKits(here).then(openPanels, (error) => say($(".panels-problem"), error.message));
}

function openPanels(kits) {
  if (panels.names.length > 0) return; // two questions, the first answer counts
  say($(".panels-problem"), "");
  panels.open(kits, events);
  for (const item of talk.items) if (item.kit) talk.changed.add(item); // their cards know their kit's drawing only now
  schedule();
}

function deliver({ events: numbered, passing }) {
  for (const event of numbered) {
    events.push(event);
    if (event.type === "call.started" && event.data.kit) used.push(event.data.kit);
  }
  arrived += numbered.length;
  waitForPast();
  talk.apply(numbered);
  talk.applyPassing(passing);
  schedule();
}

function tell(state) {
  if (state.name === "waiting") talk.dropPreviews(); // what was being written may have ended unseen
  if (state.name === "open" && link.again) bringPanels();
  if (state.name === "open") waitForPast();
  link = { ...state, again: state.name === "waiting" || link.again };
  schedule();
}

function waitForPast() {
  if (past === null) return;
  clearTimeout(past);
  past = setTimeout(() => {
    past = null;
    transcript.begin();
  }, PAST_MS);
}

function schedule() {
  if (frame) return;
  frame = document.hidden ? setTimeout(draw, 200) : requestAnimationFrame(draw); // a hidden tab keeps its title true
}

function draw() {
  frame = 0;
  const flood = arrived > FLOOD && performance.now() - drawnAt < LONGEST_FLOOD_MS;
  arrived = 0;
  if (flood) return schedule();
  drawnAt = performance.now();
  transcript.draw();
  timeline.advance();
  if (panels.names.length > 0) panels.advance(used.splice(0), { news: past === null });
  const open = talk.open;
  panels.working(new Set(open.filter((call) => call.state === "running").map((call) => call.kit)));
  transcript.think(link.name === "open" && talk.status.name === "running" && open.length === 0 && !talk.items.at(-1)?.streaming);
  composer?.update({ open: open.length, status: talk.status.name, online: link.name === "open" });
  drawHeadline({ talk, session, link, open, problem });
  drawStarting({ empty: talk.items.length === 0, link, readOnly: here.readOnly });
}

function moveTo(moment) {
  document.body.classList.toggle("replaying", moment !== null);
  if (moment === null) {
    transcript.standAtEnd();
    panels.standAt(null);
  } else {
    transcript.standAt(moment.n);
    transcript.think(false);
    panels.standAt(moment.index + 1, moment.event.data.kit ?? moment.event.type.split(".")[0]);
  }
}

async function confirm(toolUseId, result, message) {
  const body = { tool_use_id: toolUseId, result };
  if (result === "deny" && message) body.deny_message = message;
  problem = await send(`${here.base}/confirm`, body).then(() => null, (error) => error.message);
  schedule();
  return problem === null;
}

/** On a phone the panes are tabs: a chosen one comes to the front; a panel that the agent uses only gets its dot. */
function showPane(name) {
  document.body.dataset.pane = name;
  $(".tab-chat").setAttribute("aria-selected", String(name === "chat"));
  if (name === "chat") transcript.draw();
}
