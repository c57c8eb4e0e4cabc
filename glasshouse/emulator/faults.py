"""Mishaps on demand. `operation` is a route's name, such as `events.send`, or `*`; see `http/app.py` for the list."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from glasshouse.emulator.eventlog import Follower
from glasshouse.emulator.problem import ApiError, bad

if TYPE_CHECKING:
    from glasshouse.emulator.world import World

_MESSAGES = {
    409: "The session is being changed by another request. Try again.",
    429: "This request would exceed your organization's rate limit.",
    500: "Internal server error",
    529: "Overloaded",
}


@dataclass
class Mishap:
    operation: str
    times: int
    session_id: str | None = None
    status: int | None = None
    message: str | None = None
    retry_after: float | None = None
    delay_s: float = 0.0
    cut: Literal["before", "after"] | None = None

    def hits(self, operation: str, session_id: str | None) -> bool:
        named = self.operation in ("*", operation)
        return self.times > 0 and named and self.session_id in (None, session_id)

    async def strike(self) -> None:
        """Called before the request is looked at: wait, then refuse."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.status is not None:
            headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
            message = self.message or _MESSAGES.get(self.status, "The request was refused on demand.")
            raise ApiError(self.status, message, headers=headers)


class Faults:
    """All counts are of requests, streams or webhooks that are still to come."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.clear()

    def clear(self) -> None:
        self._mishaps: list[Mishap] = []
        self._next_stream_events: int | None = None
        self.subthread_race_s = 0.0
        self.webhooks_doubled = 0
        self.webhooks_held = 0
        self.webhooks_lost = 0

    # -- requests

    def refuse(
        self,
        operation: str,
        status: int,
        *,
        times: int = 1,
        retry_after: float | None = None,
        message: str | None = None,
        session_id: str | None = None,
    ) -> None:
        """Answer the next requests with an error, without doing what they ask."""
        self._mishaps.append(Mishap(operation, times, session_id, status, message, retry_after))

    def cut(
        self,
        operation: str,
        *,
        when: Literal["before", "after"] = "after",
        times: int = 1,
        session_id: str | None = None,
    ) -> None:
        """Cut the connection without an answer, before or after doing what the request asks."""
        self._mishaps.append(Mishap(operation, times, session_id, cut=when))

    def delay(self, operation: str, seconds: float, *, times: int = 1, session_id: str | None = None) -> None:
        self._mishaps.append(Mishap(operation, times, session_id, delay_s=seconds))

    def next_for(self, operation: str, session_id: str | None) -> Mishap | None:
        """The mishap this request meets, counted down."""
        for mishap in self._mishaps:
            if mishap.hits(operation, session_id):
                mishap.times -= 1
                return mishap
        return None

    # -- streams

    def drop_streams(self, session_id: str | None = None) -> int:
        """Cut every open stream (of one session) now; answers how many."""
        followers = self._followers(session_id)
        for follower in followers:
            follower.close(abort=True)
        return len(followers)

    def drop_streams_after(self, events: int, session_id: str | None = None) -> None:
        """Cut the open streams after that many more events; with none open, the next one to be opened."""
        followers = self._followers(session_id)
        for follower in followers:
            follower.events_left = events
        if not followers:
            self._next_stream_events = events

    def prepare(self, follower: Follower) -> None:
        follower.events_left, self._next_stream_events = self._next_stream_events, None

    def _followers(self, session_id: str | None) -> list[Follower]:
        return [
            follower
            for session in self._world.sessions.values()
            if session_id in (None, session.id)
            for thread in session.threads.values()
            for follower in thread.log.followers
        ]

    # -- the rest

    def hide_subthread_calls(self, seconds: float) -> None:
        """A sub-agent's call takes no result for this long after it appeared: 400 "does not match"."""
        self.subthread_race_s = seconds

    def double_webhooks(self, count: int = 1) -> None:
        self.webhooks_doubled = count

    def reorder_webhooks(self, count: int = 2) -> None:
        """Hold the next webhooks back until there are this many, then deliver them in reverse."""
        self.webhooks_held = count

    def lose_webhooks(self, attempts: int = 1) -> None:
        """The next delivery attempts fail on the way; they are tried again like any failure."""
        self.webhooks_lost = attempts

    def cause(self, name: str, arguments: dict[str, object]) -> object:
        """Call one of the above by name, as the control route does. Raises 400 for a wrong name or argument."""
        known = {
            "refuse": self.refuse,
            "cut": self.cut,
            "delay": self.delay,
            "drop_streams": self.drop_streams,
            "drop_streams_after": self.drop_streams_after,
            "hide_subthread_calls": self.hide_subthread_calls,
            "double_webhooks": self.double_webhooks,
            "reorder_webhooks": self.reorder_webhooks,
            "lose_webhooks": self.lose_webhooks,
            "clear": self.clear,
        }
        if name not in known:
            raise bad(f"fault: {name!r} is none of {', '.join(known)}")
        try:
            return known[name](**arguments)  # type: ignore[operator]
        except TypeError as error:
            raise bad(f"fault {name}: {error}") from error
