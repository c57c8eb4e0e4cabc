"""Follows one session at the API: its stream, opened first, merged with its listed history.

Out come batches of events as plain JSON objects: the whole history (again after each reconnect, as `Caught up`), then
each live event by itself. Nothing that happens between the two requests is missed; what is in both is seen twice, and
whoever takes the events drops repeats by id.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from anthropic import APIError, APIStatusError, AsyncAnthropic, AsyncStream, Timeout, omit
from httpx2 import HTTPError

from glasshouse.runtime.backoff import Backoff
from glasshouse.runtime.sdk import passes, says

logger = logging.getLogger(__name__)

Json = dict[str, Any]

PAGE = 1000  # events a page; the SDK's own runner asks for as many
SILENCE_S = 120  # a stream without even a ping for so long is taken for dead and opened again


class SessionGoneError(Exception):
    """The API does not have the session (any more), or does not let us read it; the text says which.

    `deleted` is True only for the API's own `not_found_error`: a 404 of anything else on the way proves nothing.
    """

    def __init__(self, error: APIStatusError) -> None:
        super().__init__(f"the API answered {error.status_code}: {says(error)}")
        self.deleted = error.status_code == 404 and error.type == "not_found_error"


@dataclass(frozen=True)
class Batch:
    """Events in order. `caught_up` marks a whole history: what is unanswered in it waits for an answer."""

    events: list[Json] = field(hash=False)
    caught_up: bool = False


async def follow(client: AsyncAnthropic, session_id: str) -> AsyncGenerator[Batch, None]:
    """Batches without end, until the session is over. Raises SessionGoneError for a 4xx that will not pass."""
    backoff = Backoff()
    while True:
        try:
            async for batch in _connection(client, session_id):
                yield batch
                if not batch.caught_up:  # a connection that brings nothing live has not proved itself
                    backoff.reset()
            error: Exception | None = None
        except (APIError, HTTPError) as caught:
            error = caught
            if isinstance(error, APIStatusError) and not passes(error):
                raise SessionGoneError(error) from error
        wait_s = backoff.next_s(error)
        logger.info("stream of %s ended (%s); again in %.1f s", session_id, error or "closed", wait_s)
        await asyncio.sleep(wait_s)


async def _connection(client: AsyncAnthropic, session_id: str) -> AsyncGenerator[Batch, None]:
    stream = client.beta.sessions.events.with_streaming_response.stream
    timeout = Timeout(30, read=SILENCE_S)
    async with stream(session_id, event_deltas=["agent.message"], timeout=timeout) as response:
        yield Batch(await list_events(client, session_id), caught_up=True)
        # The SDK's own iterator drops what has no SSE event name and reads each event into a model, at a cost that is
        # most of a call's overhead; the JSON as sent is what the log keeps.
        async for sent in AsyncStream.raw_events(response.http_response):
            if sent.event == "error":
                raise HTTPError(f"the stream failed: {sent.data[:300]}")
            if sent.event != "ping" and sent.data:
                yield Batch([sent.json()])


async def list_events(client: AsyncAnthropic, session_id: str) -> list[Json]:
    """The session's whole history, oldest first."""
    listed: list[Json] = []
    page: str | None = None
    while True:
        events = client.beta.sessions.events.with_raw_response
        answer = (await events.list(session_id, limit=PAGE, page=page or omit)).http_response.json()
        listed += answer["data"]
        page = answer.get("next_page")
        if not page:
            return listed
