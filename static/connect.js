/** How a session made from code gets these tools: a snippet to copy, the webhook's address and what to tick. */
import { copyButton } from "./copy.js";
import { highlight } from "./code.js";
import { el } from "./element.js";

const EVENTS = ["session.status_run_started", "session.status_idled"];

const SNIPPETS = {
  Python: {
    language: "python",
    text: (base) => `import json, urllib.request
import anthropic

tools = json.load(urllib.request.urlopen("${base}/tools"))
client = anthropic.Anthropic()
session = client.beta.sessions.create(
    agent={"type": "agent_with_overrides", "id": "agent_…", "tools": tools},
    environment_id="env_…",
    initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Hello"}]}],
)
print(f"${base}/s/{session.id}")`,
  },
  curl: {
    language: "bash",
    text: (base) => `curl -s https://api.anthropic.com/v1/sessions \\
  -H "x-api-key: $ANTHROPIC_API_KEY" -H "anthropic-version: 2023-06-01" \\
  -H "anthropic-beta: managed-agents-2026-04-01" -H "content-type: application/json" \\
  -d "{\\"agent\\": {\\"type\\": \\"agent_with_overrides\\", \\"id\\": \\"agent_…\\",
       \\"tools\\": $(curl -s ${base}/tools)}, \\"environment_id\\": \\"env_…\\"}"`,
  },
};

export function connectGuide(root, base = location.origin) {
  const pre = el("pre", { tabindex: 0 });
  let chosen = "Python";
  const buttons = Object.keys(SNIPPETS).map((name) => el("button", { class: "quiet small", type: "button", text: name, onclick: () => show(name) }));
  const show = (name) => {
    chosen = name;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === name)));
    pre.replaceChildren(highlight(SNIPPETS[name].text(base), SNIPPETS[name].language));
  };
  root.append(
    el("h2", { id: "connect-title", text: "From your own code" }),
    el("p", { class: "lead", text: "Give an agent these tools when you create its session. Keep its other tools in the list as well: the list given replaces the agent's own." }),
    el("div", { class: "snippet" }, el("div", { class: "snippet-bar" }, buttons, copyButton(() => SNIPPETS[chosen].text(base))), pre),
    el("dl", {},
      el("dt", { text: "Tool definitions" }), value(`${base}/tools`),
      el("dt", { text: "Webhook" }), value(`${base}/webhook`),
      el("dt", { text: "Events to tick" }), el("dd", {}, EVENTS.map((name) => el("code", { text: name })))),
    el("p", { class: "lead", text: "Webhooks need a public HTTPS address. Without one, attach the session by its id, or run the server as a worker." }),
  );
  show(chosen);
}

const value = (text) => el("dd", {}, el("code", { text }), copyButton(text));
