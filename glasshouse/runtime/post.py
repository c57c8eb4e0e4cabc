"""Posts one stored result until the API has it, or will never take it.

A refused post is looked into, never trusted: a 400 may mean that an earlier try was accepted although its answer was
lost. Tries for one call never wait for those of another.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Literal

from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic

from glasshouse.runtime.backoff import Backoff
from glasshouse.runtime.follow import list_events
from glasshouse.runtime.history import History
from glasshouse.runtime.sdk import passes, says

logger = logging.getLogger(__name__)

RACE_S = 2.0  # how long a refusal may be a race with the API's own bookkeeping
THREAD_RACE_S = 10.0  # a sub-thread's call is known to become answerable only after some seconds
_REFUSED = (
    "The result of this call could not be delivered: {reason} Try again in another way, or ask for less at a time."
)

Outcome = tuple[Literal["posted", "obsolete"], str | None]


async def post(
    client: AsyncAnthropic,
    session_id: str,
    result: Mapping[str, Any],
    settled: Callable[[], Outcome | None],
    *,
    race_s: float = RACE_S,
) -> Outcome:
    """Send the result event; ("posted", None), or ("obsolete", why).

    `client` must not retry by itself: an answer that was lost has to be looked into first.
    `settled` is asked before each try: whoever follows the session may have seen the result, or the call's end.
    """
    backoff = Backoff()
    clock = asyncio.get_running_loop().time
    refused_at: float | None = None
    body = result
    while True:
        if outcome := settled():
            return outcome
        try:
            await _send(client, session_id, body)
            return "posted", None
        except APIConnectionError as error:
            wait_s = backoff.next_s(error)
        except APIStatusError as error:
            wait_s = backoff.next_s(error)
            if not _passes(error):
                if outcome := await _look(client, session_id, str(result["custom_tool_use_id"]), error):
                    return outcome
                refused_at = refused_at or clock()
                wait_s = min(wait_s, 1.0)
                if error.status_code == 413 or clock() - refused_at > race_s:
                    if body is not result:
                        return "obsolete", f"the API refuses it: {_reason(error)}"
                    body = _told_instead(result, error)  # a call must not wait for ever for want of a fitting result
                    refused_at = None
        logger.info("result of %s is not posted yet; again in %.1f s", result["custom_tool_use_id"], wait_s)
        await asyncio.sleep(wait_s)


async def _send(client: AsyncAnthropic, session_id: str, result: Mapping[str, Any]) -> None:
    # The raw response spares reading the echo: the stream brings it anyway.
    sender = client.beta.sessions.events.with_raw_response
    await sender.send(session_id, events=[result])  # type: ignore[list-item]


def _passes(error: APIStatusError) -> bool:
    """Whether waiting is enough. Wrong credentials (401, 403) may be put right by the operator."""
    return passes(error) or error.status_code in (401, 403)


async def _look(client: AsyncAnthropic, session_id: str, call_id: str, error: APIStatusError) -> Outcome | None:
    """What the API's own record says about a refused result; None if it still seems to be waited for."""
    if error.status_code == 404:
        return "obsolete", "the session is gone"
    history = History()
    try:
        for event in await list_events(client, session_id):
            history.note(event)
    except (APIConnectionError, APIStatusError):
        return None
    if call_id in history.answered:
        return "posted", None
    if reason := history.closed.get(call_id):
        return "obsolete", reason
    return None


def _told_instead(result: Mapping[str, Any], error: APIStatusError) -> dict[str, Any]:
    text = _REFUSED.format(reason=_reason(error))
    return {**result, "is_error": True, "content": [{"type": "text", "text": text}]}


def _reason(error: APIStatusError) -> str:
    return f"{says(error)[:300].rstrip('.')}."
