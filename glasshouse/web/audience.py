"""Who watches a kit's page: one audience a page, every event encoded once for all of it.

An audience follows the log while somebody watches, and hands ready bytes to its viewers. A viewer that does not keep up
is cut and comes back by itself; a slow one never holds up another, nor the session.
"""

import asyncio
import logging
import types
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glasshouse.events import to_json
from glasshouse.log import Log
from glasshouse.store import Share
from glasshouse.tool import Memory, Page, Patch

logger = logging.getLogger(__name__)

BEHIND_EVENTS = 200  # a viewer with more waiting for it is cut; a snapshot is cheaper then
BEHIND_BYTES = 1_000_000
KEEP_ALIVE_S = 15  # proxies close connections that are silent for 30 to 60 s
COUNT_S = 1  # how often a changed number of viewers is told, so that a crowd that arrives costs little
RETRY_MS = 1500


def encode(name: str, data: object, revision: str | None = None) -> bytes:
    """One event as it goes over the wire."""
    number = f"id: {revision}\n" if revision is not None else ""
    return f"{number}event: {name}\ndata: {to_json(data)}\n\n".encode()


def encode_patch(patch: Patch) -> bytes:
    """A patch as an event; its id is the revision after it."""
    return encode(patch.name, patch.data, patch.revision)


class Viewer:
    """One open stream: what waits to be sent to it. `share` is None for the operator.

    An event is sent by who brings it, without waking a task of the viewer: most connections take it at once, and with a
    thousand viewers the waking would cost as much as the sending. Only what a connection does not take gets a task.
    """

    def __init__(self, share: Share | None) -> None:
        self.share = share
        self.over = False
        self._is_cut = False
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._send: Send | None = None  # None until the beginning is sent
        self._blocked: asyncio.Task[None] | None = None  # a send that the connection does not take yet
        self._done = asyncio.get_running_loop().create_future()

    def put(self, chunk: bytes) -> None:
        """Give it an event, or cut it if it has too many already."""
        if self.over:
            return
        self._waiting.append(chunk)
        self._bytes += len(chunk)
        if len(self._waiting) > BEHIND_EVENTS or self._bytes > BEHIND_BYTES:
            self.cut()
        else:
            self._flush()

    def end(self, last: bytes = b"") -> None:
        """Close it once what waits, and a last event, is sent."""
        if last and not self.over:
            self._waiting.append(last)
        self.over = True
        self._flush()

    def cut(self) -> None:
        """Close it now, in the middle: the connection takes nothing, or is gone."""
        self._waiting.clear()
        self.over = self._is_cut = True
        if self._blocked is not None:
            self._blocked.cancel()
        self._flush()

    async def run(self, send: Send, first: bytes) -> None:
        """Send until the end: `first`, then what comes."""
        await send({"type": "http.response.body", "body": first, "more_body": True})
        self._send = send
        self._flush()
        await self._done
        if not self._is_cut:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _flush(self) -> None:
        if self._send is None or self._blocked is not None or self._done.done():
            return
        if self._waiting:
            chunk = b"".join(self._waiting) if len(self._waiting) > 1 else self._waiting[0]
            self._waiting.clear()
            self._bytes = 0
            self._push(self._send({"type": "http.response.body", "body": chunk, "more_body": True}))
        if self.over and self._blocked is None:
            self._done.set_result(None)

    def _push(self, sending: Awaitable[None]) -> None:
        """Send as far as it goes without waiting; the rest, if any, is a task's."""
        steps = sending.__await__()
        try:
            waited_for = next(steps)
        except StopIteration:
            return
        except OSError:  # gone; the server says so by http.disconnect as well
            self.over = self._is_cut = True
            return
        self._blocked = asyncio.get_running_loop().create_task(_rest(steps, waited_for))
        self._blocked.add_done_callback(self._unblock)

    def _unblock(self, sent: asyncio.Task[None]) -> None:
        self._blocked = None
        if sent.cancelled() or sent.exception() is not None:
            self.cut()
        else:
            self._flush()


@types.coroutine
def _rest(steps: Generator[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    """Go on with a send from where it had to wait."""
    yield waited_for
    yield from steps


class Audience:
    """The viewers of one page, and what keeps them up to date."""

    def __init__(self, page: Page, memory: Memory, log: Log, session_id: str, *, after: int) -> None:
        self.viewers: set[Viewer] = set()
        self._page = page
        self._memory = memory
        self._log = log
        self._session_id = session_id
        self._after = after
        self._revision = ""  # what the last event brought the viewers to; unknown until there is one

    async def run(self, stopping: asyncio.Event) -> None:
        """Work for the viewers until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow())
                group.create_task(self._count())
                group.create_task(self._say_bye(stopping))
        except Exception:
            logger.exception("The audience of %s's page ended; its viewers come back", self._session_id)
        finally:
            self._close(lambda _: True, b"")

    def tell(self, chunk: bytes, *, only: Callable[[Viewer], bool] = lambda _: True) -> None:
        """Send an event to all viewers, or some."""
        for viewer in list(self.viewers):
            if only(viewer):
                viewer.put(chunk)

    def revoke(self, share_id: str) -> None:
        """Close the viewers who came by this link."""
        self._close(lambda viewer: viewer.share is not None and viewer.share.id == share_id, encode("revoked", {}))

    def count(self) -> bytes:
        """The event that says how many watch."""
        return encode("viewers", {"n": len(self.viewers)})

    async def _follow(self) -> None:
        async with aclosing(self._log.follow(self._session_id, after=self._after)) as events:
            async for event in events:
                patch = self._page.patch(event)
                if patch is None:
                    continue
                patches = [patch] if patch.data is not None else await self._page.since(self._memory, self._revision)
                for each in patches:
                    self.tell(encode_patch(each))
                    self._revision = each.revision

    async def _count(self) -> None:
        told, quiet_s = -1, 0
        while True:
            await asyncio.sleep(COUNT_S)
            quiet_s += COUNT_S
            self._close(_expired, encode("revoked", {}))
            if len(self.viewers) != told or quiet_s >= KEEP_ALIVE_S:
                self.tell(self.count())
                told, quiet_s = len(self.viewers), 0

    async def _say_bye(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._close(lambda _: True, encode("bye", {"retry": RETRY_MS}))

    def _close(self, which: Callable[[Viewer], bool], last: bytes) -> None:
        for viewer in list(self.viewers):
            if which(viewer):
                viewer.end(last)


MakeAudience = Callable[[], Awaitable[Audience]]


class Audiences:
    """All audiences of the server, by session and kit. An audience lives as long as it has viewers."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._open: dict[tuple[str, str], tuple[Audience, asyncio.Task[None]]] = {}

    @asynccontextmanager
    async def join(self, key: tuple[str, str], make: MakeAudience, viewer: Viewer) -> AsyncIterator[Audience]:
        """Be a viewer of the page for the length of the block."""
        if key not in self._open:
            made = await make()
            if key not in self._open:  # two may have come at once
                self._open[key] = made, asyncio.create_task(made.run(self._stopping))
        audience, working = self._open[key]
        audience.viewers.add(viewer)
        try:
            yield audience
        finally:
            audience.viewers.discard(viewer)
            if not audience.viewers and self._open.get(key, (None,))[0] is audience:
                del self._open[key]
                working.cancel()

    def count(self, session_id: str, share_id: str | None = None) -> int:
        """How many watch the session's pages now, or how many of them by one link."""
        return sum(
            share_id is None or (viewer.share is not None and viewer.share.id == share_id)
            for (session, _), (audience, _) in self._open.items()
            if session == session_id
            for viewer in audience.viewers
        )

    def total(self) -> int:
        """How many watch any page now."""
        return sum(len(audience.viewers) for audience, _ in self._open.values())

    def revoke(self, share_id: str) -> None:
        """Close all viewers who came by this link."""
        for audience, _ in self._open.values():
            audience.revoke(share_id)


class PageStream(Response):
    """The answer that carries a viewer's events. Plain ASGI: two tasks and no locks a viewer, for pages many watch."""

    media_type = "text/event-stream"

    def __init__(
        self, join: AbstractAsyncContextManager[Audience], viewer: Viewer, missed: Callable[[], Awaitable[bytes]]
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._join = join
        self._viewer = viewer
        self._missed = missed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._join as audience:
            missed = await self._missed()  # after joining: what is edited meanwhile waits in the viewer
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            gone = asyncio.create_task(self._until_gone(receive))
            try:
                await self._viewer.run(send, f"retry: {RETRY_MS}\n\n".encode() + missed + audience.count())
            finally:
                gone.cancel()

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._viewer.cut()


def _expired(viewer: Viewer) -> bool:
    return viewer.share is not None and expired(viewer.share)


def expired(share: Share) -> bool:
    """Whether the link's time is over."""
    return share.expires_at is not None and datetime.fromisoformat(share.expires_at) <= datetime.now(UTC)
