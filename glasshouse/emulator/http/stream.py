"""The SSE answer of a stream: frames as they are made, pings, and an end that faults may choose."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from glasshouse.emulator.eventlog import EventLog, Follower
from glasshouse.emulator.http.wire import cut_connection
from glasshouse.emulator.world import World

_PING = b'event: ping\ndata: {"type":"ping"}\n\n'
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class EventStream(Response):
    """Follows a log from the moment the response begins. Ends with the session, the server, or a fault."""

    def __init__(self, world: World, log: EventLog, deltas: frozenset[str]) -> None:
        super().__init__()
        self._world = world
        self._log = log
        self._deltas = deltas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        follower = self._log.follow(self._deltas)  # before the headers: a client that sees them misses nothing
        self._world.faults.prepare(follower)
        leaving = asyncio.create_task(_until_gone(receive, follower))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._forward(follower, send)
            if follower.aborted:
                await cut_connection(scope)
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._log.followers.discard(follower)
            leaving.cancel()

    async def _forward(self, follower: Follower, send: Send) -> None:
        while True:
            try:
                frames = [await asyncio.wait_for(follower.queue.get(), self._world.pace.ping_s)]
            except TimeoutError:
                frames = [_PING]
            while not follower.queue.empty():
                frames.append(follower.queue.get_nowait())
            if data := b"".join(frame for frame in frames if frame):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            if None in frames:
                return


async def _until_gone(receive: Receive, follower: Follower) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    follower.close()
