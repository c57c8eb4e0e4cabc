/** What stands above the panes: title, status, tokens, the banner of what is wrong; and the same in the window's tab. */
import { STATUS, showInTab } from "./badge.js";
import { say } from "./element.js";

const $ = (selector) => document.querySelector(selector);
const count = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const LOST = "The connection is lost. Trying again; nothing will be missing.";
const REFUSED = {
  401: "You are not signed in. Open the login link that the server printed.",
  404: "There is no such session here. It may belong to another server, or its link was revoked.",
  410: "This link has expired or was revoked.",
};

/** Why the server does not show this session, in a sentence. */
export const refusal = (link) => REFUSED[link.status] ?? link.message ?? "The server refused this view.";

/** `link` is the stream's state, `open` the calls without an answer, `problem` what the operator's last act ran into. */
export function drawHeadline({ talk, session, link, open, problem }) {
  const name = statusName(talk, link, open);
  const title = talk.title ?? session.title ?? "Session";
  const { word, tone } = STATUS[name];
  $(".status").dataset.tone = tone;
  say($(".status span"), word);
  say($("h1"), title);
  showInTab(name, title);
  drawBanner(talk, link, problem);
  drawUsage(talk.usage);
}

/** Between two events of a call the API's status says idle and running in turn; while a tool here works, so does the session. */
function statusName({ status }, link, open) {
  if (link.name === "waiting" || link.name === "refused") return "offline";
  if (open.some((call) => call.state === "asking")) return "asking";
  if (status.name === "waiting" && open.every((call) => call.state === "running")) return "running";
  return status.name === "new" && link.name === "open" ? "idle" : status.name;
}

function drawBanner(talk, link, problem) {
  const banner = $(".banner");
  const refused = link.name === "refused" && talk.items.length > 0 ? refusal(link) : null; // with nothing to see, it stands in its place
  const text = refused ?? (link.name === "waiting" ? LOST : null) ?? problem ?? talk.status.retrying;
  banner.hidden = !text;
  banner.dataset.tone = refused || problem ? "danger" : "warn";
  say(banner, text ?? "");
}

function drawUsage({ input, output, cached, requests }) {
  const node = $(".usage");
  node.hidden = requests === 0;
  say(node, `${count.format(input + cached)} in · ${count.format(output)} out`);
  node.title = `${requests} model requests, ${input} tokens in, ${cached} from cache, ${output} out`;
}
