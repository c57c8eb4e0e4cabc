/** The request for a session's events. The first one goes out before the rest of the page's code is here, so the log's past is on its way meanwhile. */
import { place } from "./place.js";

/** `{answer, abort}`: the promise of the response, and what ends it. `after` is the last number that is known. */
export function request(url, after) {
  const abort = new AbortController();
  const headers = { accept: "text/event-stream" };
  if (after > 0) headers["last-event-id"] = String(after);
  const answer = fetch(url, { headers, cache: "no-store", signal: abort.signal });
  answer.catch(() => {}); // told to who takes it
  return { answer, abort };
}

export const eventsUrl = `${place().base}/events`;
export const first = request(eventsUrl, 0);
