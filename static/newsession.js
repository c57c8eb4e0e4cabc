/** The dialogs that bring a session in: a new one (agent, environment, kits, first words) and one that exists already. */
import { ask, send } from "./api.js";
import { el, say } from "./element.js";

const MODELS = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"];

export function newSessionDialog() {
  const agent = select("new-agent");
  const name = el("input", { id: "new-name", type: "text", maxlength: 256, placeholder: "Glasshouse agent" });
  const model = el("input", { id: "new-model", type: "text", value: MODELS[0], list: "models" });
  const system = el("textarea", { id: "new-system", rows: 3, placeholder: "What the agent should know and do" });
  const own = el("fieldset", { class: "own" }, el("legend", { text: "The new agent" }), field("Name", name), field("Model", model), field("Instructions", system),
    el("datalist", { id: "models" }, MODELS.map((value) => el("option", { value }))));
  const environment = select("new-environment");
  const kits = el("fieldset", { class: "choice" }, el("legend", { text: "Tools" }));
  const title = el("input", { id: "new-title", type: "text", maxlength: 80, placeholder: "Optional" });
  const message = el("textarea", { id: "new-message", rows: 3, placeholder: "What should the agent do?" });
  const dialog = makeDialog("New session", "Start", [field("Agent", agent), own, field("Environment", environment), kits, field("Title", title), field("First message", message)], async () => {
    const chosen = [...kits.querySelectorAll("input:checked")].map((box) => box.value);
    const body = { kits: chosen, ...(agent.value
      ? { agent_id: agent.value }
      : { agent: { name: name.value.trim() || "Glasshouse agent", model: model.value.trim(), ...(system.value.trim() && { system: system.value }) } }) };
    if (environment.value) body.environment_id = environment.value;
    if (title.value.trim()) body.title = title.value.trim();
    if (message.value.trim()) body.message = message.value;
    return (await send("/sessions", body)).id;
  });
  const showOwn = () => (own.hidden = agent.value !== "");
  agent.addEventListener("change", showOwn);

  return () => dialog.open(async () => {
    const [{ agents }, { environments }, known] = await Promise.all([ask("/agents"), ask("/environments"), ask("/kits")]);
    options(agent, [...agents.map((one) => [one.id, `${one.name} · ${one.model?.id ?? one.model ?? ""}`]), ["", "A new agent…"]]);
    options(environment, environments.map((one) => [one.id, one.name]));
    if (environments.length === 0) options(environment, [["", "The API has none yet"]]);
    if (!kits.querySelector("input")) kits.append(...known.map(({ name: kit, title: word }) => el("label", {}, el("input", { type: "checkbox", value: kit, checked: true }), word)));
    showOwn();
    message.focus();
  });
}

export function attachDialog() {
  const id = el("input", { id: "attach-id", type: "text", required: true, placeholder: "sesn_…", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  const lead = el("p", { class: "lead", text: "For a session that was made elsewhere and has this server's tools. Calls that wait are answered at once." });
  const dialog = makeDialog("Attach a session", "Attach", [lead, field("Session id", id)], async () => {
    const wanted = id.value.trim();
    await send(`/sessions/${encodeURIComponent(wanted)}/attach`);
    return wanted;
  });
  return () => dialog.open(() => id.focus());
}

/** A dialog whose form does something and then goes to the session whose id it got. */
function makeDialog(title, verb, parts, perform) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const go = el("button", { class: "primary", type: "submit", text: verb });
  const cancel = el("button", { type: "button", text: "Cancel", onclick: () => node.close() });
  const form = el("form", {}, el("h2", { text: title }), parts, problem, el("menu", {}, cancel, go));
  const node = el("dialog", { class: "dialog", "aria-label": title }, form);
  document.body.append(node);
  const attempt = async (question) => {
    problem.hidden = true;
    go.disabled = true;
    try {
      return await question();
    } catch (error) {
      say(problem, error.message);
      problem.hidden = false;
      return null;
    } finally {
      go.disabled = false;
    }
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const id = await attempt(perform);
    if (id) location.assign(`/s/${encodeURIComponent(id)}`);
  });
  return { open: (prepare) => (node.showModal(), attempt(async () => prepare())) };
}

const field = (label, control) => el("div", { class: "labelled" }, el("label", { for: control.id, text: label }), control);
const select = (id) => el("select", { id });

function options(control, pairs) {
  const kept = control.value;
  control.replaceChildren(...pairs.map(([value, label]) => el("option", { value, text: label })));
  if (pairs.some(([value]) => value === kept) && kept) control.value = kept;
}
