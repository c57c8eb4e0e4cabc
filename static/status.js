/** The session's status as people see it, and the notices that changes of it leave in the conversation. */
import { closeOpenCalls } from "./calls.js";
import { words } from "./words.js";

const notice = (tone, write) => (talk, event, data) =>
  talk.put(data.id ?? `n${event.n}`, "notice", event, { tone, text: typeof write === "string" ? write : write(data, talk) });

const STOPS = {
  refusal: (data) => ({ tone: "danger", text: words.refused, detail: data.stop_details?.explanation ?? null }),
  budget_reached: () => ({ tone: "warn", text: words.budget }),
  retries_exhausted: () => ({ tone: "danger", text: words.exhausted }),
};

export const statusEvents = {
  "session.status_running": (talk) => {
    talk.status = { name: "running", stop: null, retrying: null };
  },

  "session.status_idle": (talk, event, data) => {
    const stop = data.stop_reason?.type ?? "end_turn";
    talk.dropPreviews();
    if (stop === "requires_action") {
      talk.status = { name: "waiting", stop, retrying: null };
      return;
    }
    closeOpenCalls(talk, event);
    talk.status = { name: stop === "retries_exhausted" ? "error" : "idle", stop, retrying: null };
    if (STOPS[stop]) talk.put(data.id ?? `n${event.n}`, "notice", event, STOPS[stop](data));
  },

  "session.status_rescheduled": (talk, event, data) => {
    talk.status = { name: "running", stop: null, retrying: words.rescheduled };
    notice("quiet", words.rescheduled)(talk, event, data);
  },

  "session.status_terminated": (talk, event, data) => {
    talk.dropPreviews();
    closeOpenCalls(talk, event);
    talk.status = { name: "ended", stop: null, retrying: null };
    notice("quiet", words.ended)(talk, event, data);
  },

  "session.deleted": (talk, event, data) => {
    talk.status = { name: "ended", stop: null, retrying: null };
    notice("quiet", words.deleted)(talk, event, data);
  },

  "session.error": (talk, event, data) => {
    const error = data.error ?? {};
    const retrying = error.retry_status?.type === "retrying";
    const said = words.error(error).replace(/[.!?]*$/, ".");
    const text = retrying ? `${said} ${words.retrying}` : said;
    talk.status = retrying ? { ...talk.status, retrying: text } : { name: "error", stop: null, retrying: null };
    talk.put(data.id ?? `n${event.n}`, "notice", event, { tone: retrying ? "warn" : "danger", text, code: error.type });
  },

  "session.updated": (talk, event, data) => {
    if (typeof data.title === "string") talk.title = data.title;
  },

  "span.model_request_end": (talk, event, data) => {
    talk.dropPreviews();
    const used = data.model_usage ?? {};
    talk.usage = {
      input: talk.usage.input + (used.input_tokens ?? 0) + (used.cache_creation_input_tokens ?? 0),
      cached: talk.usage.cached + (used.cache_read_input_tokens ?? 0),
      output: talk.usage.output + (used.output_tokens ?? 0),
      requests: talk.usage.requests + 1,
    };
  },

  "session.thread_created": (talk, event, data) => {
    talk.nameAgent(data.session_thread_id, data.agent_name);
    notice("thread", words.threadStarted(data.agent_name ?? "A sub-agent"))(talk, event, data);
  },

  "session.thread_status_terminated": (talk, event, data) => {
    if (!talk.knowsAgent(data.session_thread_id)) return; // the primary thread ends with the session
    notice("thread", words.threadEnded(talk.agentOf(data.session_thread_id)))(talk, event, data);
  },

  "runtime.attached": notice("quiet", ({ by }) => words.attached(by)),
  "runtime.woken": notice("quiet", ({ by }) => words.woken(by)),
  "runtime.slept": notice("quiet", words.slept),
  "runtime.failed": notice("danger", ({ message }) => message ?? "The tool server failed."),
};
