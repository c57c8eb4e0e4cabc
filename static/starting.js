/** What stands in the conversation's place while there is none: it is opening, nothing was said yet, or why there is nothing to see. */
import { say } from "./element.js";
import { refusal } from "./headline.js";

const node = document.querySelector(".starting");
const [title, text, way] = node.children;

/** `empty`: no item is known; `link` is the stream's state. */
export function drawStarting({ empty, link, readOnly }) {
  const refused = link.name === "refused";
  const connected = link.name === "open";
  document.body.classList.toggle("refused", refused && empty);
  node.hidden = !empty;
  say(title, refused ? "This session cannot be shown" : connected ? "Nothing has been said yet" : "Opening the session…");
  say(text, refused ? refusal(link) : connected && !readOnly ? "Write below and the agent begins." : "");
  way.hidden = !refused || readOnly;
}
