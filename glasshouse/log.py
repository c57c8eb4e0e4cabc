"""The numbered log of every session: append, fan out, follow.

The only way to show anything to a viewer. `transaction` stores first and fans out after the commit; `follow` gives a
viewer every number exactly once, from the store as far as needed and then live. Followers pull: a slow one holds
nothing up and costs no memory. A passing event (a preview) goes to those who are up to date, and is never stored.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from glasshouse.events import Event, now
from glasshouse.store import Store, Transaction

RECENT = 512  # events a session's tail keeps for followers; one that is further behind reads the store


@dataclass
class _Tail:
    """The newest events of one watched session, counted from its creation, and the bell that followers wait for."""

    recent: deque[Event] = field(default_factory=lambda: deque(maxlen=RECENT))
    count: int = 0  # of events ever put here; the oldest in `recent` has index count - len(recent)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    def put(self, event: Event) -> None:
        self.recent.append(event)
        self.count += 1
        self.bell.set()
        self.bell = asyncio.Event()

    def since(self, index: int) -> list[Event] | None:
        """Events from the index on; None if some of them are gone."""
        missing = self.count - index
        if missing > len(self.recent):
            return None
        return [self.recent[i] for i in range(len(self.recent) - missing, len(self.recent))]


class Log:
    """All sessions' logs over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._tails: dict[str, _Tail] = {}
        self._ended = False

    def end(self) -> None:
        """Let every follower end after what it has been given: the server stops."""
        self._ended = True
        for tail in self._tails.values():
            tail.bell.set()

    def transaction(self) -> "_Shown":
        """A store transaction whose appended events are shown to followers once it is committed."""
        return _Shown(self.store.transaction(), self._show)

    async def append(self, session_id: str, type: str, data: Mapping[str, Any]) -> Event:
        """Store one event, then show it."""
        async with self.transaction() as writer:
            event = writer.append(session_id, type, data)
        assert event is not None  # only a source_id can be a duplicate
        return event

    def pass_on(self, session_id: str, type: str, data: Mapping[str, Any]) -> None:
        """Show a passing event to those who watch now."""
        self._show(Event(session_id, None, now(), type, dict(data)))

    def followers(self, session_id: str) -> int:
        """How many follow the session now."""
        tail = self._tails.get(session_id)
        return tail.followers if tail else 0

    def following(self) -> int:
        """How many follow any session now."""
        return sum(tail.followers for tail in self._tails.values())

    async def follow(self, session_id: str, *, after: int = 0) -> AsyncGenerator[Event, None]:
        """Every stored event after the number, in order, then what comes, until `end`. Close it to stop following."""
        async with aclosing(self.batches(session_id, after=after)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    async def batches(self, session_id: str, *, after: int = 0) -> AsyncGenerator[list[Event], None]:
        """The same, as many at a time as there are: a long past costs a viewer a few writes, not thousands."""
        tail = self._tails.setdefault(session_id, _Tail())
        tail.followers += 1
        try:
            index, behind = 0, True  # the first look is at the store
            while True:
                if behind:
                    index = tail.count
                    while page := list(await self.store.events(session_id, after=after)):
                        after = page[-1].n or after
                        yield page
                bell = tail.bell
                fresh = tail.since(index)
                behind = fresh is None  # too far back: the numbered ones are in the store, previews are gone
                if fresh is None:
                    continue
                index += len(fresh)
                if news := [event for event in fresh if event.n is None or event.n > after]:
                    after = max(after, *(event.n or 0 for event in news))
                    yield news
                if self._ended:
                    return
                if not fresh:
                    await bell.wait()
        finally:
            tail.followers -= 1
            if not tail.followers:
                self._tails.pop(session_id, None)

    def _show(self, event: Event) -> None:
        if tail := self._tails.get(event.session_id):
            tail.put(event)


class Writer:
    """A store transaction that remembers which events it appended; everything else goes straight to `tx`."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.appended: list[Event] = []

    def append(
        self, session_id: str, type: str, data: Mapping[str, Any], *, source_id: str | None = None
    ) -> Event | None:
        """See `Transaction.append`."""
        event = self.tx.append(session_id, type, data, source_id=source_id)
        if event is not None:
            self.appended.append(event)
        return event


class _Shown:
    """`async with log.transaction()`."""

    def __init__(self, block: AbstractAsyncContextManager[Transaction], show: Callable[[Event], None]) -> None:
        self._block = block
        self._show = show

    async def __aenter__(self) -> Writer:
        self._writer = Writer(await self._block.__aenter__())
        return self._writer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._block.__aexit__(kind, error, trace)
        if error is None:
            for event in self._writer.appended:
                self._show(event)
