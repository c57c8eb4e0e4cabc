"""A stage for the page: serves the real files with the real policy, and a log that a test writes line by line.

In: events as a test tells them. Out: the same HTTP the server has (sessions, events, files, live frames, acts), and
what the page asked for (`asked`). It can cut every stream, leave a number out once, close and open again.
"""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(__file__).parents[2]
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; frame-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
KITS = {"browser": "Browser", "repl": "REPL"}


@dataclass
class Session:
    """One session's log and its viewers."""

    id: str
    title: str = "Compare the mugs"
    lines: list[tuple[int | None, str, str]] = field(default_factory=list)  # n, type, JSON
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    def put(self, type: str, data: dict[str, Any], *, numbered: bool = True, at: str | None = None) -> int:
        """Append an event, or show a passing one."""
        n = None
        if numbered:
            self.count += 1
            n = self.count
        when = at or f"2026-10-01T09:{self.count // 60 % 60:02}:{self.count % 60:02}.000Z"
        self.lines.append((n, type, json.dumps({"n": n, "at": when, "type": type, "data": data})))
        self.bell.set()
        self.bell = asyncio.Event()
        return self.count


class Frames:
    """Live frames that are still to be shown."""

    def __init__(self) -> None:
        self._waiting: list[tuple[dict[str, Any], bytes]] = []
        self._bell = asyncio.Event()

    def show(self, frame: bytes, **about: Any) -> None:
        """Show one."""
        self._waiting.append((about, frame))
        self._bell.set()

    async def wait(self) -> None:
        """Until there is one."""
        await self._bell.wait()

    def take(self) -> tuple[dict[str, Any], bytes]:
        """The next one."""
        frame = self._waiting.pop(0)
        if not self._waiting:
            self._bell.clear()
        return frame


async def first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Until one of them is done; the others are given up, also when we are."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class Stage:
    """The server as the page sees it."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.frames = Frames()
        self.asked: list[tuple[str, str, Any]] = []  # method, path, body
        self.answers: dict[str, tuple[int, Any]] = {}  # by path: what to answer instead
        self.streams: list[tuple[str, int]] = []  # path, the number it continues from
        self.watching: list[int] = []  # the widths of who watches live frames now
        self.kits = dict(KITS)
        self.broken: set[str] = set()  # paths of kits' files that are not to be had now
        self.hide_once: int | None = None  # a number that the next stream leaves out
        self.url = ""
        self._cut = asyncio.Event()
        self._heard = asyncio.Event()

    async def until_asked(self, method: str, path: str, body: Any) -> None:
        """Until the page has asked this, at most twenty seconds."""
        async with asyncio.timeout(20):
            while (method, path, body) not in self.asked:
                await self._heard.wait()

    async def until_watched(self, *widths: int) -> None:
        """Until these watch live frames, and nobody else, at most twenty seconds."""
        async with asyncio.timeout(20):
            while sorted(self.watching) != sorted(widths):
                await self._heard.wait()

    def _stir(self) -> None:
        self._heard.set()
        self._heard = asyncio.Event()

    def session(self, id: str = "sesn_a") -> Session:
        """A session, made at first use."""
        return self.sessions.setdefault(id, Session(id))

    def cut(self) -> None:
        """End every open stream."""
        self._cut.set()
        self._cut = asyncio.Event()

    def app(self) -> Starlette:
        """The routes the page uses."""
        routes = [
            Route("/", self._home),
            Route("/login", self._login),
            Route("/s/{id}", self._split),
            Route("/v/{id}", self._split),
            Route("/kits", self._kits),
            Route("/v/{id}/kits", self._kits),
            Route("/kits/{kit}/{file:path}", self._panel_file),
            Route("/{door:str}/{id}/events", self._events),
            Route("/{door:str}/{id}/live/{kit}", self._live),
            Route("/{door:str}/{id}/files/{file}", self._file),
            Mount("/static", StaticFiles(directory=ROOT / "static")),
            Route("/{path:path}", self._ask, methods=["GET", "POST", "DELETE"]),
        ]
        return Starlette(routes=routes)

    async def _home(self, request: Request) -> Response:
        return FileResponse(ROOT / "static/index.html", headers={"content-security-policy": POLICY})

    async def _login(self, request: Request) -> Response:
        return FileResponse(ROOT / "static/login.html", headers={"content-security-policy": POLICY})

    async def _split(self, request: Request) -> Response:
        return FileResponse(ROOT / "static/session.html", headers={"content-security-policy": POLICY})

    async def _kits(self, request: Request) -> Response:
        return JSONResponse(
            [
                {
                    "name": name,
                    "title": title,
                    "live": name == "browser",
                    "page": False,
                    "panel": f"/kits/{name}/panel.js",
                    "style": f"/kits/{name}/panel.css",
                }
                for name, title in self.kits.items()
            ]
        )

    async def _panel_file(self, request: Request) -> Response:
        kit, file = request.path_params["kit"], request.path_params["file"]
        path = ROOT / "tools" / kit / "view" / file
        there = path.is_file() and request.url.path not in self.broken
        return FileResponse(path) if there else Response(status_code=404)

    async def _file(self, request: Request) -> Response:
        data, media_type = self.files[request.path_params["file"]]
        return Response(data, media_type=media_type, headers={"cache-control": "private, max-age=31536000, immutable"})

    async def _events(self, request: Request) -> Response:
        id = request.path_params["id"]
        if id not in self.sessions:
            return JSONResponse({"error": {"code": "not_found", "message": "There is no such session."}}, 404)
        after = int(request.headers.get("last-event-id", request.query_params.get("after", 0)))
        self.streams.append((request.url.path, after))
        return StreamingResponse(self._follow(self.session(id), after), media_type="text/event-stream")

    async def _follow(self, session: Session, after: int) -> AsyncIterator[str]:
        hidden, self.hide_once = self.hide_once, None
        at = 0
        started = len(session.lines)  # passing events before this are gone
        cut = self._cut
        while not cut.is_set():
            fresh = session.lines[at:]
            bell = session.bell
            text = "".join(
                (f"id: {n}\n" if n else "") + f"event: {type}\ndata: {line}\n\n"
                for i, (n, type, line) in enumerate(fresh, at)
                if (n is None and i >= started) or (n is not None and n > after and n != hidden)
            )
            at += len(fresh)
            yield text or ": on\n\n"
            await first(bell.wait(), cut.wait())

    async def _live(self, request: Request) -> Response:
        width = request.query_params["width"]
        return StreamingResponse(self._show(int(width)), media_type="application/octet-stream")

    async def _show(self, width: int) -> AsyncIterator[bytes]:
        cut = self._cut
        self.watching.append(width)
        self._stir()
        try:
            while not cut.is_set():
                await first(self.frames.wait(), cut.wait())
                if cut.is_set():
                    return
                about, data = self.frames.take()
                head = json.dumps(about).encode()
                yield struct.pack(">I", len(head)) + head + struct.pack(">I", len(data)) + data
        finally:
            self.watching.remove(width)
            self._stir()

    async def _ask(self, request: Request) -> Response:
        body = await request.json() if await request.body() else None
        path = request.url.path
        self.asked.append((request.method, path, body))
        self._stir()
        if path in self.answers:
            status, answer = self.answers[path]
            return JSONResponse(answer, status)
        parts = path.strip("/").split("/")
        if parts[0] == "sessions" and len(parts) == 2 and request.method == "GET":
            if parts[1] not in self.sessions:
                return JSONResponse({"error": {"code": "unknown_session", "message": "No such session."}}, 404)
            return JSONResponse({"id": parts[1], "title": self.session(parts[1]).title, "status": "idle"})
        return JSONResponse({})


class Theatre:
    """One address at which one stage after the other is shown, so that a page finds our files in its cache."""

    def __init__(self) -> None:
        self.url = ""
        self._app = Starlette()

    def show(self, stage: Stage) -> None:
        """What is asked for from now on, the stage answers."""
        stage.url = self.url
        self._app = stage.app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


@asynccontextmanager
async def open_theatre() -> AsyncIterator[Theatre]:
    """A theatre on a free port of the loopback."""
    theatre = Theatre()
    async with serving(theatre, port=0) as theatre.url:
        yield theatre


@asynccontextmanager
async def open_stage(stage: Stage | None = None) -> AsyncIterator[Stage]:
    """A stage on a free port of the loopback; one that was closed opens again where it was."""
    stage = stage or Stage()
    port = int(stage.url.rpartition(":")[2]) if stage.url else 0
    async with serving(stage.app(), port=port) as stage.url:
        try:
            yield stage
        finally:
            stage.cut()


@asynccontextmanager
async def serving(app: ASGIApp, *, port: int) -> AsyncIterator[str]:
    """The app on a port of the loopback; its address."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle on: 40 ms an answer
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen()  # accepts from here on, so nobody has to wait for the server
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    working = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await working
        listening.close()
