/** Sentences the conversation says about what happened, in one place. */

const ERRORS = {
  model_overloaded_error: "The model is overloaded.",
  model_rate_limited_error: "The model's rate limit is reached.",
  model_request_failed_error: "A request to the model failed.",
  mcp_connection_failed_error: "An MCP server could not be reached.",
  mcp_authentication_failed_error: "An MCP server refused the credentials.",
  billing_error: "The API reports a billing problem.",
  tool_use_limit_reached_error: "The limit of tool calls is reached.",
  compaction_limit_reached_error: "The conversation cannot be shortened any further.",
};

export const words = {
  system: "System message",
  interrupted: "Stopped by the operator",
  compacted: "The conversation was shortened to fit the model's context",
  threadSent: (agent) => `Asked ${agent}`,
  threadReceived: (agent) => `${agent} answered`,
  threadStarted: (agent) => `${agent} started`,
  threadEnded: (agent) => `${agent} ended`,
  refused: "The model declined to go on",
  budget: "The session's budget is used up. Only answers to open calls are accepted now.",
  exhausted: "The API gave up after several retries.",
  rescheduled: "The API is going to try again",
  ended: "The session has ended",
  deleted: "The session was deleted",
  woken: (by) => `Tools woken${by ? ` by ${by}` : ""}`,
  slept: "Tools went to sleep; their state is kept",
  attached: (by) => `Attached${by ? ` by ${by}` : ""}`,
  reset: (kit) => `${kit} was reset`,
  error: ({ type, message }) => message || ERRORS[type] || "Something failed at the API.",
  retrying: "The API is trying again.",
  notAnswered: "Closed before it was answered.",
  elsewhere: "Answered by another client.",
};
