"""What an operator asks of the API: make a session, say something, interrupt, confirm. One border for the API's errors.

A `user.message` has no idempotency key at the API, so it is sent once, without retries, and an answer that got lost is
looked into before anything is said about it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic, BadRequestError, omit

from glasshouse.catalog import Catalog
from glasshouse.errors import RequestError
from glasshouse.runtime.sdk import says

WAITING = "waiting on responses"  # part of the API's 400 for a message that comes while calls are pending
RACE_TRIES = 8  # after the last result the API may say "waiting" for a moment longer
RACE_S = 0.25
RECENT = 10  # messages looked through for one whose answer was lost


_ID = re.compile(r"(?!\.+$)[\w.~-]{1,128}", re.ASCII)  # what can stand in an address as one step of a path


def checked_id(id: str, what: str) -> str:
    """The id. Raises RequestError (404) for what the API cannot have as one, before it becomes part of an address."""
    if not _ID.fullmatch(id):
        raise RequestError(404, f"unknown_{what}", f"{id[:100]!r} is not the id of a {what}.")
    return id


@asynccontextmanager
async def api_errors() -> AsyncIterator[None]:
    """Turns what the SDK raises into a RequestError: 4xx as they are, the rest as 502."""
    try:
        yield
    except APIStatusError as error:
        status = error.status_code if 400 <= error.status_code < 500 and error.status_code not in (401, 403) else 502
        raise RequestError(status, "api_refused", f"The API answered {error.status_code}: {says(error)}") from error
    except APIConnectionError as error:
        raise RequestError(502, "api_unreachable", "The API cannot be reached. Check ANTHROPIC_BASE_URL.") from error


async def create_session(
    client: AsyncAnthropic,
    catalog: Catalog,
    *,
    agent: str | Mapping[str, Any],
    environment_id: str,
    kits: Sequence[str] | None,
    title: str | None,
    message: str | None,
) -> Any:
    """A session whose agent has its own tools and ours. `agent` is an id, or what a new agent is made of.

    An agent that exists is not changed: the session overrides its tools.
    """
    try:
        ours = catalog.definitions(kits)
    except KeyError as error:
        known = ", ".join(catalog.kits)
        raise RequestError(422, "unknown_kit", f"There is no kit {error.args[0]!r}. The kits are: {known}.") from error
    async with api_errors():
        if isinstance(agent, str):
            found = await client.beta.agents.retrieve(checked_id(agent, "agent"))
            names = {tool["name"] for tool in ours}
            kept = [tool.to_dict(mode="json") for tool in found.tools if getattr(tool, "name", None) not in names]
            chosen: Any = {"type": "agent_with_overrides", "id": agent, "tools": [*kept, *ours]}
        else:
            chosen = (await client.beta.agents.create(**{"tools": ours, **agent})).id
        return await client.beta.sessions.create(
            agent=chosen,
            environment_id=environment_id,
            title=title or omit,
            initial_events=[_message(message)] if message else omit,
        )


async def send_message(client: AsyncAnthropic, session_id: str, text: str) -> None:
    """Send a user's message once. Raises RequestError 409 `waiting` while calls are pending."""
    async with api_errors():
        since = await _newest_messages(client, session_id)
        for _ in range(RACE_TRIES):
            try:
                await _send(client, session_id, _message(text))
                return
            except BadRequestError as error:
                if WAITING not in says(error):
                    raise
                await asyncio.sleep(RACE_S)
            except (APIConnectionError, APIStatusError) as error:
                if isinstance(error, APIStatusError) and error.status_code < 500:
                    raise
                if await _arrived(client, session_id, text, since):
                    return
                raise
    raise RequestError(
        409, "waiting", "Tool calls are still pending. Wait until they are answered, or interrupt first."
    )


async def interrupt(client: AsyncAnthropic, session_id: str) -> None:
    """End the agent's turn."""
    async with api_errors():
        await _send(client, session_id, {"type": "user.interrupt"})


async def confirm(client: AsyncAnthropic, session_id: str, tool_use_id: str, result: str, why: str | None) -> None:
    """Allow or deny a built-in or MCP call that waits for the user."""
    event = {"type": "user.tool_confirmation", "tool_use_id": tool_use_id, "result": result}
    async with api_errors():
        await _send(client, session_id, event | ({"deny_message": why} if why and result == "deny" else {}))


async def _send(client: AsyncAnthropic, session_id: str, event: Mapping[str, Any]) -> None:
    events = client.with_options(max_retries=0).beta.sessions.events
    await events.send(session_id, events=[event])  # type: ignore[list-item]


async def _newest_messages(client: AsyncAnthropic, session_id: str) -> set[str]:
    """Ids of the newest user messages."""
    return {event.id async for event in _messages(client, session_id)}


async def _arrived(client: AsyncAnthropic, session_id: str, text: str, known: set[str]) -> bool:
    """Whether a message that is not among the known ones says the text."""
    try:
        return any(
            [event.id not in known and event.content[0].text == text async for event in _messages(client, session_id)]
        )
    except (APIConnectionError, APIStatusError):
        return False


async def _messages(client: AsyncAnthropic, session_id: str) -> AsyncIterator[Any]:
    page = await client.beta.sessions.events.list(session_id, order="desc", types=["user.message"], limit=RECENT)
    for event in page.data:
        if event.type == "user.message":
            yield event


def _message(text: str) -> Any:
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}
