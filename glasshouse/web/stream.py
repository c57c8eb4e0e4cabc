"""What viewers follow: a session's log as Server-Sent Events, and a kit's live frames as a chunked binary stream.

An event is `id: <number>`, `event: <type>`, `data: <one JSON line>`; `Last-Event-ID`, or `?after=`, resumes after that
number without a gap. A passing event has no `id`. A viewer that takes nothing for a while is cut, and resumes.
"""

import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from sse_starlette.sse import EventSourceResponse

from glasshouse.errors import RequestError
from glasshouse.events import Event
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

router = APIRouter(dependencies=[Operator])
House = Annotated[WebHouse, Depends(house_of)]
Width = Annotated[int | None, Query(ge=16, le=16_384)]

PING_S = 15  # proxies close connections that are silent for 30 to 60 s
STUCK_S = 20  # a viewer whose connection takes nothing for so long is cut
RETRY_MS = 1000  # after a cut or a restart, viewers come back after a second


@router.get("/sessions/{session_id}/events")
async def events(session_id: str, request: Request, house: House) -> Response:
    """The session's log after `Last-Event-ID` or `?after=`, and then as it grows."""
    await house.session(session_id)
    return log_stream(log_lines(house.log, session_id, after_of(request)))


@router.get("/sessions/{session_id}/live/{kit}")
async def live(session_id: str, kit: str, house: House, width: Width = None) -> Response:
    """A kit's live frames; see `frame_stream`. `?width=` is that of the picture they are shown in, in pixels."""
    await house.session(session_id)
    return frame_stream(frames_of(house, session_id, kit, width))


def log_stream(lines: AsyncIterator[bytes]) -> Response:
    """The answer that carries a log's lines."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(lines, ping=PING_S, send_timeout=STUCK_S, headers=headers)


def frame_stream(frames: AsyncIterator[bytes]) -> Response:
    """Frames, each as [length of JSON][JSON about it][length of the picture][picture], lengths big-endian, 4 bytes.

    Only the newest frame is sent whenever the connection is free, so a slow viewer sees fewer of them.
    """
    return StreamingResponse(frames, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def frames_of(house: WebHouse, session_id: str, kit: str, width: int | None) -> AsyncGenerator[bytes, None]:
    """A kit's frames, encoded. Raises RequestError (404) for a kit that has none."""
    chosen = house.catalog.kits.get(kit)
    if chosen is None or not chosen.live:
        raise RequestError(404, "not_live", f"{kit[:100]!r} shows no live frames.")
    return _frames(house.kits, session_id, kit, width)


def after_of(request: Request) -> int:
    """The number after which a viewer wants the log."""
    given = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not given.isdecimal() or len(given) > 15:
        raise RequestError(400, "bad_event_id", f"Last-Event-ID is the number of an event, not {given[:40]!r}.")
    return int(given)


async def log_lines(log: Log, session_id: str, after: int) -> AsyncGenerator[bytes, None]:
    """The log after a number, and then as it grows, encoded."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    async with aclosing(log.batches(session_id, after=after)) as following:
        async for batch in following:
            yield b"".join(map(_encoded, batch))
    yield b"event: bye\ndata: {}\n\n"


def _encoded(event: Event) -> bytes:
    number = "" if event.n is None else f"id: {event.n}\n"
    kind = "".join(event.type.splitlines()) or "message"
    return f"{number}event: {kind}\ndata: {event.line}\n\n".encode()


async def _frames(kits: Kits, session_id: str, kit: str, width: int | None) -> AsyncGenerator[bytes, None]:
    view = kits.slot(session_id, kit).live  # looked up when it is watched: one that nobody watches is let go of
    async with aclosing(view.watch(width)) as frames:
        async for frame in frames:
            about = json.dumps({**frame.about, "media_type": frame.media_type}).encode()
            yield struct.pack(">I", len(about)) + about + struct.pack(">I", len(frame.data)) + frame.data
