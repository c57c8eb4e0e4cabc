"""Many viewers of one page: does every edit reach all, what CPU does a delivered event cost, how fast does it stop?

The same number of plain ASGI streams, fed the same bytes by a queue each, is measured in the same run for comparison.
Run: python -m benchmarks.livepage_fanout [viewers] [edits]
"""

import asyncio
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from glasshouse.catalog import find_kits
from glasshouse.log import Log
from glasshouse.store import Session
from glasshouse.store.sqlite import open_sqlite
from tests.conftest import Workbench
from tests.livepage.conftest import SmallHouse, make_app
from tools.livepage import kit

PATCH = (
    b"id: 9f2c1a:42\nevent: patch\n"
    b'data: {"rev":42,"changes":[{"k":"inner","at":{"id":"hero","path":[0]},"tag":"h1","html":"edit"}]}\n\n'
)


async def serve(app: Any, stopping: asyncio.Event) -> None:
    """Serve as the real server does: SIGTERM is told to the streams before uvicorn waits for them."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", access_log=False, timeout_graceful_shutdown=3, backlog=4096)
    )
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        server.should_exit = True

    loop.add_signal_handler(signal.SIGTERM, stop)
    await running


async def ours() -> None:
    """The page's own doors."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder)) as store:
            async with store.transaction() as tx:
                tx.put_session(Session("s", "", "", "", "idle", None, "page", "2026", "2026"))
            house = SmallHouse(Log(store), find_kits())
            bench = Workbench(kit, house.log, None)
            app = make_app(house)

            @app.post("/edit")
            async def edit() -> dict[str, float]:
                await bench.call("page_set_html", session="s", selector="h1", html="edit")
                return {"cpu": 0}

            @app.get("/cpu")
            async def cpu() -> dict[str, float]:
                used = resource.getrusage(resource.RUSAGE_SELF)
                return {"cpu": used.ru_utime + used.ru_stime}

            await serve(app, house.stopping)


async def bare() -> None:
    """The least that can be done: a queue a client, `send` in a loop."""
    queues: set[asyncio.Queue[bytes]] = set()
    stopping = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b"{}"
        if scope["path"] == "/edit":
            for queue in queues:
                queue.put_nowait(PATCH)
        elif scope["path"] == "/cpu":
            used = resource.getrusage(resource.RUSAGE_SELF)
            body = f'{{"cpu":{used.ru_utime + used.ru_stime}}}'.encode()
        else:
            own: asyncio.Queue[bytes] = asyncio.Queue()
            queues.add(own)
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"event: viewers\n\n", "more_body": True})
            while not stopping.is_set():
                await send({"type": "http.response.body", "body": await own.get(), "more_body": True})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    await serve(app, stopping)


class Crowd:
    """The viewers: open streams that count the patches they got."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.got = [0] * count
        self.opened = 0
        self.closed = 0
        self.wanted = 0
        self.missing = 0
        self.all_have_it = asyncio.Event()

    async def watch(self, index: int, port: int, path: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        await reader.readuntil(b"event: viewers")
        self.opened += 1
        while data := await reader.read(65536):
            found = data.count(b"event: patch")
            if found:
                self.got[index] += found
                self.missing -= found
                if self.missing == 0:
                    self.all_have_it.set()
        self.closed += 1

    async def round(self, port: int) -> None:
        """One edit, until everybody has it."""
        self.missing += self.count
        self.all_have_it.clear()
        await ask(port, "POST", "/edit")
        async with asyncio.timeout(30):
            await self.all_have_it.wait()


TOKEN = "operator-token-of-these-tests"


async def ask(port: int, method: str, path: str) -> float:
    """A small request; the `cpu` of its answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    text = answer.rpartition(b'"cpu":')[2].rstrip(b"}")
    return float(text) if text and answer.count(b'"cpu"') else 0.0


async def measure(kind: str, viewers: int, edits: int) -> float:
    """CPU seconds of the server per delivered event."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __spec__.name, kind, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    alone = await cost_of(port, edits, lambda: ask(port, "POST", "/edit"))
    crowd = Crowd(viewers)
    path = "/sessions/s/page/events?since=999:0"
    watching = [asyncio.create_task(crowd.watch(n, port, path)) for n in range(viewers)]
    while crowd.opened < viewers:  # noqa: ASYNC110 -- progress of a thousand tasks
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)  # the count of viewers settles
    started = time.perf_counter()
    used = await cost_of(port, edits, lambda: crowd.round(port)) - alone
    took = time.perf_counter() - started
    assert set(crowd.got) == {edits}
    stopped = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    await process.wait()
    stop_s = time.perf_counter() - stopped
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    each = used / (edits * viewers)
    print(
        f"{kind}: {viewers} viewers, {edits} edits: all got all; {each * 1e6:.1f} µs CPU a delivered event"
        f" (and {alone / edits * 1e3:.1f} ms for the edit); {took / edits * 1e3:.0f} ms to the last viewer;"
        f" SIGTERM {stop_s:.2f} s"
    )
    return each


async def cost_of(port: int, times: int, what: Callable[[], Awaitable[object]]) -> float:
    """CPU seconds of the server for doing something so many times."""
    before = await ask(port, "GET", "/cpu")
    for _ in range(times):
        await what()
    return await ask(port, "GET", "/cpu") - before


async def main(viewers: int, edits: int) -> None:
    """Both kinds, twice, the order changed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * viewers + 200)), hard))
    figures: dict[str, list[float]] = {"ours": [], "bare": []}
    for kind in ("bare", "ours", "ours", "bare"):
        figures[kind].append(await measure(kind, viewers, edits))
    print(f"ratio {min(figures['ours']) / min(figures['bare']):.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["bare"]):
        uvloop.run({"ours": ours, "bare": bare}[sys.argv[1]]())
    else:
        asyncio.run(main(*(int(text) for text in (sys.argv[1:] + ["1000", "40"][len(sys.argv) - 1 :]))))
