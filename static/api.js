/** Questions to the server: JSON in, JSON out, every failure an ApiError with a sentence for people. */

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status; // 0: the server did not answer
    this.code = code;
  }
}

export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "offline", "The server does not answer. Is it running?");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response, answer);
  return answer;
}

export const send = (path, body = {}) => ask(path, { method: "POST", body });

function refusal(response, answer) {
  const { code = String(response.status), message } = answer?.error ?? {};
  if (response.status === 401) {
    return new ApiError(401, code, message ?? "You are not signed in. Open the login link that the server printed.");
  }
  return new ApiError(response.status, code, message ?? `The server answered ${response.status} ${response.statusText}.`);
}
