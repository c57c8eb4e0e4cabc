/**
 * What people read, folded from the log: a list of items (messages, calls, notices) and the session's status.
 * Events come once, twice (unprocessed, then processed) or from a kind nobody knows yet; items are found by their key.
 */
import { callEvents } from "./calls.js";
import { statusEvents } from "./status.js";
import { words } from "./words.js";

export class Conversation {
  items = [];
  status = { name: "new", stop: null, retrying: null };
  title = null;
  usage = { input: 0, output: 0, cached: 0, requests: 0 };
  changed = new Set(); // items to draw again, emptied by who draws
  #byKey = new Map();
  #agents = new Map();

  /** Fold numbered events in the order of the log. */
  apply(events) {
    for (const event of events) {
      const handle = HANDLERS[event.type];
      if (handle) handle(this, event, event.data ?? {});
      else if (event.data?.call_id) describe(this, event);
      else if (event.type.endsWith(".reset")) this.put(`n${event.n}`, "notice", event, resetNotice(event.type));
      else if (!isQuiet(event.type)) this.put(`n${event.n}`, "unknown", event, { type: event.type, data: event.data });
    }
  }

  /** Fold events without a number: the beginnings of a message that is still being written. */
  applyPassing(events) {
    for (const { type, data } of events) {
      if (type === "event_start" && data.event?.type === "agent.message") this.#preview(data.event.id, "");
      if (type === "event_delta" && data.delta?.content?.type === "text") {
        this.#preview(data.event_id, data.delta.content.text);
      }
    }
  }

  get(key) {
    return this.#byKey.get(key);
  }

  /** The item under this key, made at the end of the list or changed where it stands. */
  put(key, kind, event, fields) {
    let item = this.#byKey.get(key);
    if (!item) {
      item = { key, kind, n: event?.n ?? null, at: event?.at ?? null };
      this.#byKey.set(key, item);
      this.items.push(item);
    }
    Object.assign(item, fields);
    this.changed.add(item);
    return item;
  }

  remove(item) {
    this.items.splice(this.items.lastIndexOf(item), 1);
    this.#byKey.delete(item.key);
    item.gone = true;
    this.changed.add(item);
  }

  /** Previews whose whole message will not come any more (an interrupt, an error, a lost stream). */
  dropPreviews() {
    for (const item of this.items.slice(-20)) if (item.streaming) this.remove(item);
  }

  /** Calls that nobody has answered: while there are any, the API takes no message. */
  get open() {
    return [...this.#byKey.values()].filter((item) => item.kind === "call" && OPEN.has(item.state));
  }

  nameAgent(thread, name) {
    if (thread && name) this.#agents.set(thread, name);
  }

  knowsAgent(thread) {
    return this.#agents.has(thread);
  }

  agentOf(thread) {
    return thread ? (this.#agents.get(thread) ?? "sub-agent") : null;
  }

  #preview(key, text) {
    const item = this.#byKey.get(key);
    if (item && !item.streaming) return; // a late delta of a message that is already whole
    this.put(key, "agent", null, { text: (item?.text ?? "") + text, streaming: true });
  }
}

const OPEN = new Set(["asked", "running", "asking"]);
const KNOWN_SILENT = /^(span\.|session\.usage$|session\.thread_status_|workflow_run\.|user\.define_outcome$)/;
const API = /^(agent|session|user|system|call|runtime)\./; // what is not the API's or the runtime's is a kit's: its panel shows it
const isQuiet = (type) => KNOWN_SILENT.test(type) || !API.test(type);

/** What a kit says about a call in its own words ("clicked [8] button “Add”") tells more than the input. */
function describe(talk, event) {
  const told = event.data.label ?? event.data.summary;
  if (told && talk.get(event.data.call_id)) talk.put(event.data.call_id, "call", event, { told });
}

const resetNotice = (type) => ({ tone: "quiet", text: words.reset(type.split(".")[0]) });

const said = (content) =>
  (content ?? []).map((block) => (block.type === "text" ? block.text : `[${block.type}]`)).join("\n\n");

const HANDLERS = {
  "user.message": (talk, event, data) =>
    talk.put(data.id ?? `n${event.n}`, "user", event, { text: said(data.content), queued: data.processed_at === null }),

  "system.message": (talk, event, data) =>
    talk.put(data.id ?? `n${event.n}`, "notice", event, { tone: "quiet", text: words.system, detail: said(data.content) }),

  "user.interrupt": (talk, event, data) =>
    talk.put(data.id ?? `n${event.n}`, "notice", event, { tone: "quiet", text: words.interrupted }),

  "agent.message": (talk, event, data) => {
    const fields = { text: said(data.content), streaming: false, n: event.n, at: event.at };
    talk.put(data.id ?? `n${event.n}`, "agent", event, { ...fields, agent: talk.agentOf(data.session_thread_id) });
  },

  "agent.thinking": (talk, event) => {
    const last = talk.items.at(-1);
    if (last?.kind === "thinking") talk.put(last.key, "thinking", event, { times: last.times + 1 });
    else talk.put(`n${event.n}`, "thinking", event, { times: 1 });
  },

  "agent.thread_context_compacted": (talk, event) =>
    talk.put(`n${event.n}`, "notice", event, { tone: "quiet", text: words.compacted }),

  "agent.thread_message_sent": (talk, event, data) => {
    talk.nameAgent(data.to_session_thread_id, data.to_agent_name);
    const text = words.threadSent(talk.agentOf(data.to_session_thread_id));
    talk.put(data.id ?? `n${event.n}`, "notice", event, { tone: "thread", text, detail: said(data.content) });
  },

  "agent.thread_message_received": (talk, event, data) => {
    talk.nameAgent(data.from_session_thread_id, data.from_agent_name);
    const text = words.threadReceived(talk.agentOf(data.from_session_thread_id));
    talk.put(data.id ?? `n${event.n}`, "notice", event, { tone: "thread", text, detail: said(data.content) });
  },

  ...callEvents,
  ...statusEvents,
};
