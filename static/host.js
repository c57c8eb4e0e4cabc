/** What a panel may ask of the page: files, live frames, and (for the operator, now, not in a replay) to act. */
import { ApiError, send } from "./api.js";
import { watchLive } from "./live.js";

export function makeHost({ base, sessionId, readOnly }) {
  return Object.freeze({
    base, sessionId, readOnly,
    replaying: false,
    fileUrl: (id) => `${base}/files/${encodeURIComponent(id)}`,
    live: (kit, onFrame, { width = null } = {}) => watchLive(`${base}/live/${kit}${width ? `?width=${width}` : ""}`, onFrame),
    act: (kit, name, input) => act(`${base}/kits/${kit}/${name}`, input),
  });
}

/** The host as one kit's panel gets it: what it asks for goes to its own kit. */
export const hostFor = (kit, host) => Object.freeze({ ...host, act: (name, input) => host.act(kit, name, input) });

/** The same in a replay: files can be looked at, nothing is live, nothing can be done. */
export const replayHost = (host) =>
  Object.freeze({ ...host, readOnly: true, replaying: true, live: () => () => {}, act: async () => failed("This is a replay. Press Live first.") });

const failed = (text) => ({ is_error: true, content: [{ type: "text", text }] });

/** A refusal is an answer like a tool's error: panels show one kind of failure. */
async function act(path, input) {
  try {
    return await send(path, input ?? {});
  } catch (error) {
    if (error instanceof ApiError) return failed(error.message);
    throw error;
  }
}
