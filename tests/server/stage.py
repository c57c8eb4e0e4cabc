"""The server as a process of its own, started, watched and killed from outside."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx2
import psutil

ROOT = Path(__file__).parents[2]
GUARD_S = 30  # a busy machine starts a browser slowly; a test that waits longer waits for nothing
USUAL_START_S = 3.0  # what a start takes on an idle machine with two cores; slower ones get more time for all else
# Of a browser's page: a quarter of what there is to draw and to keep at the usual size.
SMALL_VIEW = {"GLASSHOUSE_BROWSER_WIDTH": "640", "GLASSHOUSE_BROWSER_HEIGHT": "400"}
TOKEN = "operator-token-of-the-tests"

Json = dict[str, Any]


@dataclass
class Viewer:
    """What one SSE connection brought, in order. `n` of a passing event is None."""

    events: list[Json] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    ended: bool = False
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, response: httpx2.Response) -> None:
        """Take events until the connection ends."""
        number: str | None = None
        try:
            async for line in response.aiter_lines():
                if line.startswith("id: "):
                    number = line[4:]
                elif line.startswith("data: ") and line != "data: {}":
                    self.events.append(json.loads(line[6:]))
                    self.ids.append(number)
                    number = None
                    self._ring()
        except httpx2.HTTPError:
            pass  # the server was killed
        finally:
            self.ended = True
            self._ring()

    @property
    def numbers(self) -> list[int]:
        """The numbers of the stored events."""
        return [event["n"] for event in self.events if event["n"] is not None]

    def of(self, *types: str) -> list[Json]:
        """The data of the events of the types."""
        return [event["data"] for event in self.events if event["type"] in types]

    async def until(self, matches: Callable[["Viewer"], object], *, timeout_s: float = GUARD_S) -> None:
        """Wait until it holds. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not matches(self):
                await self._bell.wait()

    async def event(self, type: str, *, count: int = 1, **fields: Any) -> Json:
        """The data of the `count`th event of the type with these fields, seen or still to come."""

        def found(_: object = None) -> list[Json]:
            return [data for data in self.of(type) if fields.items() <= data.items()]

        await self.until(lambda _: len(found()) >= count)
        return found()[count - 1]

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


class Server:
    """`server.py serve` over one data folder; start it again after `kill` or `stop`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "GLASSHOUSE_DATA": str(folder),
            "GLASSHOUSE_PORT": "0",
            "GLASSHOUSE_TOKEN": TOKEN,
            **environment,
        }
        self.base_url = ""
        self.slowness = 1.0  # of this machine, now: a factor for limits on time
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._log = folder.with_suffix(".stderr")
        self.http = httpx2.AsyncClient(timeout=GUARD_S, trust_env=False)

    async def start(self) -> str:
        """Start it and wait until it listens; its first line."""
        begun = perf_counter()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(ROOT / "server.py"), "serve", *self._arguments, env=self.environment,
                stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout
        first = (await asyncio.wait_for(self._process.stdout.readline(), GUARD_S * 2)).decode().strip()
        if not first:
            raise AssertionError(f"the server did not start ({await self._process.wait()}): {self.told[-2000:]}")
        self.slowness = max(1.0, (perf_counter() - begun) / USUAL_START_S)
        self._listens(first)
        return first

    def _listens(self, first: str) -> None:
        self.base_url = first.removeprefix("listening on ")
        self.http.base_url = self.base_url
        self.http.headers["authorization"] = f"Bearer {TOKEN}"

    async def refused(self) -> tuple[int, str]:
        """Start it where it must not start: the exit code, and all it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "server.py"), "serve", *self._arguments, env=self.environment, cwd=ROOT,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), GUARD_S * 2)
        return process.returncode or 0, said.decode()

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process
        return self._process.pid

    def descendants(self) -> list[psutil.Process]:
        """The processes it started, and theirs."""
        return list(psutil.Process(self.pid).children(recursive=True))

    async def kill(self) -> None:
        """kill -9."""
        assert self._process
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), GUARD_S)

    async def close(self) -> None:
        """End it if it runs."""
        await self.http.aclose()
        if self._process and self._process.returncode is None:
            await self.stop()

    @property
    def told(self) -> str:
        """What it wrote to standard error, over all starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def attach(self, session_id: str) -> None:
        """Take the session in by hand."""
        (await self.http.post(f"/sessions/{session_id}/attach")).raise_for_status()

    async def act(self, session_id: str, kit: str, tool: str, **given: Any) -> Json:
        """Use a tool as the operator."""
        answer = await self.http.post(f"/sessions/{session_id}/kits/{kit}/{tool}", json=given)
        body: Json = answer.raise_for_status().json()
        return body

    async def state(self, session_id: str) -> Json:
        """`GET /sessions/{id}/state`."""
        body: Json = (await self.http.get(f"/sessions/{session_id}/state")).raise_for_status().json()
        return body

    def watch(self, session_id: str, *, after: int = 0) -> AbstractAsyncContextManager[Viewer]:
        """Follow the session's log."""
        headers = {"last-event-id": str(after)} if after else {}
        return watching(self.http, f"/sessions/{session_id}/events", headers)


@asynccontextmanager
async def watching(
    client: httpx2.AsyncClient, path: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Viewer]:
    """Follow an SSE stream. Raises HTTPStatusError if it is refused."""
    viewer = Viewer()
    async with client.stream("GET", path, headers=headers) as response:
        response.raise_for_status()
        reading = asyncio.create_task(viewer.read(response))
        try:
            yield viewer
        finally:
            reading.cancel()
            await asyncio.wait([reading])
