/**
 * Tool calls as the conversation shows them. Several events tell of one call: the agent's, the runtime's, the result at
 * the API; whichever comes first makes the card, the others fill it in. States: asked → running → done | failed |
 * denied | obsolete; a built-in tool may stand at `asking` until the operator allows it.
 */
import { words } from "./words.js";

const called = (origin) => (talk, event, data) => {
  const known = talk.get(data.id);
  talk.nameAgent(data.session_thread_id, data.agent_name);
  talk.put(data.id, "call", event, {
    origin, name: data.name, input: data.input ?? {}, server: data.mcp_server_name ?? null,
    agent: talk.agentOf(data.session_thread_id),
    state: known?.state ?? (data.evaluated_permission === "ask" ? "asking" : "asked"),
  });
};

const answered = (idField) => (talk, event, data) => {
  const call = talk.get(data[idField]);
  if (!call) return;
  const ours = call.content !== undefined; // the runtime told the result before, with files instead of data
  talk.put(call.key, "call", event, {
    state: data.is_error ? "failed" : "done",
    elsewhere: call.origin === "custom" && !ours,
    content: ours ? call.content : (data.content ?? []),
    ms: call.ms ?? Date.parse(event.at) - Date.parse(call.at),
  });
};

/** An idle that is an end closes what is still open: nobody may answer it any more. */
export function closeOpenCalls(talk, event) {
  for (const call of talk.open) talk.put(call.key, "call", event, { state: "obsolete", reason: words.notAnswered });
}

export const callEvents = {
  "agent.custom_tool_use": called("custom"),
  "agent.tool_use": called("builtin"),
  "agent.mcp_tool_use": called("mcp"),
  "user.custom_tool_result": answered("custom_tool_use_id"),
  "user.tool_result": answered("tool_use_id"),
  "agent.tool_result": answered("tool_use_id"),
  "agent.mcp_tool_result": answered("mcp_tool_use_id"),

  "user.tool_confirmation": (talk, event, { tool_use_id, result, deny_message }) => {
    const call = talk.get(tool_use_id);
    if (!call) return;
    const denied = { state: "denied", reason: `Denied${deny_message ? `: ${deny_message}` : "."}` };
    talk.put(call.key, "call", event, result === "allow" ? { state: "running", allowed: true } : denied);
  },

  "call.started": (talk, event, data) => {
    const known = talk.get(data.call_id);
    const state = !known || known.state === "asked" ? "running" : known.state;
    const fields = { origin: "custom", name: data.tool, kit: data.kit, input: data.input ?? {}, state };
    talk.put(data.call_id, "call", event, { ...fields, startedAt: event.at, agent: known?.agent ?? null });
  },

  "call.finished": (talk, event, data) => {
    const state = data.is_error ? "failed" : "done";
    talk.put(data.call_id, "call", event, {
      origin: "custom", name: data.tool, kit: data.kit, state, content: data.content ?? [], ms: data.ms,
    });
  },

  "call.posted": () => {},

  "call.obsoleted": (talk, event, { call_id, reason }) => {
    const call = talk.get(call_id);
    if (!call || (call.elsewhere && call.state !== "asked")) return;
    talk.put(call_id, "call", event, { state: "obsolete", reason: reason ?? words.notAnswered });
  },
};
