"""A running emulator, the real SDK's client for it, and short ways to say what tests say often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from anthropic import AsyncAnthropic

from glasshouse.emulator import Emulator, SessionHandle

SCHEMA: dict[str, Any] = {"type": "object", "properties": {"query": {"type": "string"}}}
TOOL: dict[str, Any] = {
    "type": "custom",
    "name": "browser_read",
    "description": "Read the page.",
    "input_schema": SCHEMA,
}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=emulator.base_url, api_key=emulator.api_key, max_retries=0) as sdk:
        yield sdk


def result(call_id: str, text: str = "done", **fields: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return {"type": "user.custom_tool_result", "custom_tool_use_id": call_id, "content": content, **fields}


def message(text: str) -> dict[str, Any]:
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}


async def send(client: AsyncAnthropic, session: SessionHandle, *events: dict[str, Any]) -> list[Any]:
    answer = await client.beta.sessions.events.send(session.id, events=list(events))  # type: ignore[arg-type]
    return list(answer.data or [])


async def waiting(session: SessionHandle) -> list[str]:
    """The ids a session waits for, once it waits."""
    reason = await session.until_idle("requires_action")
    return list(reason["event_ids"])


class Listener:
    """A stream opened by the SDK and read in the background; `kinds` are the types seen so far."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.broken: Exception | None = None
        self._news = asyncio.Event()

    async def read(self, stream: Any) -> None:
        try:
            async for event in stream:
                self.events.append(event)
                self._tell()
        except Exception as error:
            self.broken = error
        self.events.append(None)
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events if event is not None]

    @property
    def ended(self) -> bool:
        return None in self.events

    async def until(self, matches: Callable[["Listener"], bool]) -> None:
        async with asyncio.timeout(20):
            while not matches(self):
                await self._news.wait()

    async def until_idle(self, stop: str = "end_turn") -> None:
        await self.until(lambda listener: listener.last_stop == stop)

    @property
    def last_stop(self) -> str | None:
        idles = [event for event in self.events if event is not None and event.type == "session.status_idle"]
        return idles[-1].stop_reason.type if idles else None


Listen = Callable[..., Awaitable[Listener]]


@pytest.fixture
async def listen(client: AsyncAnthropic) -> AsyncIterator[Listen]:
    """Open a session's stream; answers when it is open."""
    tasks: list[asyncio.Task[None]] = []

    async def opened(session: SessionHandle, **options: Any) -> Listener:
        stream = await client.beta.sessions.events.stream(session.id, **options)
        listener = Listener()
        tasks.append(asyncio.create_task(listener.read(stream)))
        return listener

    yield opened
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
