"""The stored events of one thread, and the connections that follow it live. Followers get no replay."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime

from glasshouse.emulator.marks import Json, new_id, now, read_time
from glasshouse.emulator.paging import Order, Page, cut

_UNPROCESSED = 10**12  # lists put events that wait for processing after all others


def frame(event: Json) -> bytes:
    line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event['type']}\ndata: {line}\n\n".encode(errors="backslashreplace")  # JSON writes half pairs so


class Follower:
    """One open stream. `None` in the queue ends it; `aborted` says that the connection is cut instead of ended."""

    def __init__(self, deltas: frozenset[str], request: str | None) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.deltas = deltas
        self.opened_during = request  # a connection opened in the middle of a model request gets no deltas of it
        self.events_left: int | None = None  # a fault: the stream drops after this many more events
        self.aborted = False

    def deliver(self, data: bytes) -> None:
        if self.events_left == 0:
            return
        self.queue.put_nowait(data)
        if self.events_left is not None:
            self.events_left -= 1
            if self.events_left == 0:
                self.close(abort=True)

    def close(self, *, abort: bool = False) -> None:
        self.aborted = abort
        self.queue.put_nowait(None)


class EventLog:
    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, Json]] = {}
        self._next = 1
        self.followers: set[Follower] = set()
        self.attached = asyncio.Event()  # set and replaced whenever a connection begins to follow
        self.listeners: list[Callable[[Json], None]] = []
        self.sealed = False  # nothing comes after a termination, whatever a cancelled story still does
        self.text_chars = 0  # of all contents, for the count of tokens
        self.request: str | None = None  # the open model request of the thread that writes this log

    def __iter__(self) -> Iterator[Json]:
        return iter([event for _, event in self._entries.values()])

    def append(self, kind: str, *, event_id: str | None = None, **fields: object) -> Json:
        """Store and send one event. `processed_at=None` marks one that waits for `process`."""
        event: Json = {"id": event_id or new_id("sevt"), "type": kind, "processed_at": now(), **fields}
        self._store(event)
        return event

    def process(self, event_id: str) -> Json:
        """A waiting event takes its place in time and is sent once more, under the same id."""
        if self.sealed:
            return self._entries[event_id][1]
        event = {**self._entries.pop(event_id)[1], "processed_at": now()}
        self._store(event)
        return event

    def _store(self, event: Json) -> None:
        if self.sealed:
            return
        self._entries[event["id"]] = (self._next, event)
        self.text_chars += sum(len(block.get("text", "")) for block in event.get("content") or ())
        self._next += 1
        data = frame(event)
        for follower in list(self.followers):
            follower.deliver(data)
        for listener in list(self.listeners):
            listener(event)

    def preview(self, of_type: str, event: Json) -> None:
        """Send a delta event to the connections that asked for them; nothing is stored."""
        data = frame(event)
        for follower in list(self.followers):
            if of_type in follower.deltas and (self.request is None or follower.opened_during != self.request):
                follower.deliver(data)

    def follow(self, deltas: frozenset[str]) -> Follower:
        follower = Follower(deltas, self.request)
        self.followers.add(follower)
        self.attached.set()
        self.attached = asyncio.Event()
        return follower

    def close_followers(self, *, abort: bool = False) -> None:
        for follower in list(self.followers):
            follower.close(abort=abort)

    def page(
        self, *, order: Order, limit: int, page: str | None, types: frozenset[str], within: "Within"
    ) -> Page[Json]:
        rows = [
            (number if event["processed_at"] else number + _UNPROCESSED, event)
            for number, event in self._entries.values()
            if (not types or event["type"] in types) and within.admits(event["processed_at"])
        ]
        return cut(sorted(rows, key=lambda row: row[0]), order=order, limit=limit, page=page)


class Within:
    """The `created_at[gt|gte|lt|lte]` filters of a list."""

    def __init__(self, bounds: dict[str, datetime]) -> None:
        self._bounds = bounds

    def admits(self, moment: str | None) -> bool:
        if not self._bounds:
            return True
        if moment is None:
            return False
        at = read_time(moment)
        checks = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
        return all(checks[name](bound) for name, bound in self._bounds.items())
