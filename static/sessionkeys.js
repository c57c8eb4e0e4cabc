/** The split view's keys. */
import { shortcuts } from "./shortcuts.js";

export function sessionKeys({ panels, timeline, composer, transcript }) {
  const numbers = Array.from({ length: 9 }, (_, i) => ({
    key: String(i + 1),
    does: () => (panels.names[i] ? panels.choose(panels.names[i]) : false),
  }));
  return shortcuts([
    { key: "/", label: "Write a message", does: () => (composer ? composer.focus() : false) },
    { key: "1", shown: "1 – 9", label: "Show a tool", does: numbers[0].does },
    ...numbers.slice(1),
    { key: "0", label: "Show the conversation (phone)", does: () => document.querySelector(".tab-chat").click() },
    { key: ",", label: "One moment back", does: () => timeline.step(-1) },
    { key: ".", label: "One moment on", does: () => timeline.step(1) },
    { key: "l", label: "Live: back to now", does: () => timeline.toNow() },
    { key: "e", label: "End of the conversation", does: () => transcript.toEnd() },
    { key: "x", label: "Stop the agent", does: () => (composer ? composer.interrupt() : false) },
    { key: "t", label: "Light, dark, system", does: () => document.querySelector(".theme").click() },
    { key: "h", label: "All sessions", does: () => document.querySelector(".home")?.click() ?? false },
    { key: "Escape", does: () => (document.activeElement === document.body ? false : document.activeElement.blur()) },
  ]);
}
