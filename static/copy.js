/** A button that copies a text and says that it did. */
import { el, say } from "./element.js";
import { icon } from "./icons.js";

const SAID_MS = 1_600;

export function copyButton(text, label = "Copy") {
  const words = el("span", { text: label });
  const button = el("button", { class: "quiet small", type: "button", "aria-live": "polite" }, icon("copy", 14), words);
  button.addEventListener("click", async () => {
    say(words, (await copy(typeof text === "function" ? text() : text)) ? "Copied" : "Select and copy by hand");
    setTimeout(() => say(words, label), SAID_MS);
  });
  return button;
}

/** Without HTTPS or permission there is no clipboard; the text stays selectable. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
