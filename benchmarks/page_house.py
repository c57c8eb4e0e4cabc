"""The server that the page's benchmark looks at, the sites its agent opens, and a session of 5,000 events."""

import asyncio
import contextlib
import os
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.events import now
from glasshouse.store import Session, Transaction
from glasshouse.store.sqlite import open_sqlite

ROOT = Path(__file__).parents[1]
TOKEN = "operator-token-of-the-benchmark"
LONG, EVENTS = "sesn_long", 5_000
LAST = "This is the last word."
TEXT = """The **{n}th** step is done. What came of it:

| mug | ml | price |
|---|--:|--:|
| Blue | 330 | 12.00 |
| Stone | 400 | 13.50 |

```js
const sum = mugs.reduce((all, mug) => all + mug.price, {n});
```
"""
CLICKED = """<!doctype html><title>Clicked</title>
<style>html{background:#0000ff}button{position:fixed;left:0;top:0}</style>
<button>Change</button><script>
let red = false;
document.querySelector("button").onclick = () => {
  red = !red;
  document.documentElement.style.background = red ? "#ff0000" : "#0000ff";
  fetch("/site/heard?at=" + (performance.timeOrigin + performance.now()));
};</script>"""
MOVING = """<!doctype html><title>Moving</title><h1></h1><script>
setInterval(() => document.querySelector("h1").textContent = performance.now(), 50)</script>"""
BUSY = """<!doctype html><title>Busy</title><style>body{columns:3}</style><script>
document.write("<p>Some <b>words</b> of a page that is <a href=#>full</a> of text, as pages are.".repeat(150));
let at = 0;
requestAnimationFrame(function roll() { scrollTo(0, (at += 7) % 500); requestAnimationFrame(roll); })</script>"""
STILL = "<!doctype html><title>Still</title><h1>Nothing moves</h1>"


@dataclass(frozen=True)
class House:
    """The running server, and the API's side of the session that the benchmark drives."""

    url: str
    process: psutil.Process
    http: httpx2.AsyncClient
    session: SessionHandle
    site: str
    heard: list[float]  # when the page of the site was clicked, in ms since 1970

    async def act(self, kit: str, tool: str, **given: Any) -> None:
        """Use a tool as the operator."""
        answer = await self.http.post(f"/sessions/{self.session.id}/kits/{kit}/{tool}", json=given)
        body = answer.raise_for_status().json()
        assert not body["is_error"], body

    async def frames(self, seconds: float, found: dict[int, int], *, width: int | None = None) -> int:
        """How many live frames come in the time to one who shows them so wide; `found` gets hash and size of each."""
        count = 0
        asked = {"width": width} if width else None
        with contextlib.suppress(TimeoutError):
            async with (
                asyncio.timeout(seconds),
                self.http.stream("GET", f"/sessions/{self.session.id}/live/browser", params=asked) as answer,
            ):
                held = b""
                async for chunk in answer.aiter_bytes():
                    held += chunk
                    while (frame := _cut(held)) is not None:
                        picture, held = frame
                        count += 1
                        found[hash(picture)] = len(picture)
        return count


def _cut(held: bytes) -> tuple[bytes, bytes] | None:
    """The first whole frame's picture and what follows it; None if none is whole yet."""
    at = 0
    part = b""
    for _ in range(2):
        if len(held) < at + 4:
            return None
        (length,) = struct.unpack_from(">I", held, at)
        part = held[at + 4 : at + 4 + length]
        if len(part) < length:
            return None
        at += 4 + length
    return part, held[at:]


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """A server over a store that holds the long session, in front of an emulated API which also serves three pages."""
    async with open_sqlite(folder) as store, store.transaction() as tx:
        write_long_session(tx)
    heard: list[float] = []

    async def hear(request: Request) -> Response:
        heard.append(float(request.query_params["at"]))
        return Response()

    routes = [
        _page("/moving", MOVING),
        _page("/busy", BUSY),
        _page("/still", STILL),
        _page("/clicked", CLICKED),
        Route("/site/heard", hear),
    ]
    async with Emulator(routes=routes) as emulator:
        session = emulator.open_session(tools=find_kits().definitions())
        environment = os.environ | {
            "ANTHROPIC_API_KEY": emulator.api_key, "ANTHROPIC_BASE_URL": emulator.base_url, "GLASSHOUSE_PORT": "0",
            "GLASSHOUSE_DATA": str(folder), "GLASSHOUSE_LOG_LEVEL": "warning", "GLASSHOUSE_TOKEN": TOKEN,
            "GLASSHOUSE_IDLE_S": "600",            "GLASSHOUSE_BROWSER_ALLOW": emulator.base_url.removeprefix("http://"),
        }  # fmt: skip
        server = await asyncio.create_subprocess_exec(
            sys.executable, "server.py", "serve", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert server.stdout
            url = (await server.stdout.readline()).decode().strip().removeprefix("listening on ")
            headers = {"authorization": f"Bearer {TOKEN}"}
            async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
                (await http.post(f"/sessions/{session.id}/attach")).raise_for_status()
                yield House(url, psutil.Process(server.pid), http, session, f"{emulator.base_url}/site", heard)
        finally:
            server.terminate()
            await server.wait()


def _page(path: str, text: str) -> Route:
    async def answer(request: Request) -> HTMLResponse:
        return HTMLResponse(text)

    return Route(f"/site{path}", answer)


def write_long_session(tx: Transaction) -> None:
    """Messages with tables and code, and calls of two kits, as the server logs them."""
    tx.put_session(Session(LONG, "A long session", "agent_1", "Shopper", "idle", "end_turn", "attach", now(), now()))

    def put(kind: str, **data: Any) -> None:
        tx.append(LONG, kind, data)

    for n in range((EVENTS - 1) // 10):
        put("agent.message", id=f"sevt_m{n}", content=[{"type": "text", "text": TEXT.format(n=n)}])
        put("span.model_request_end", id=f"sevt_s{n}", model_usage={"input_tokens": 2_000, "output_tokens": 200})
        call = {"call_id": f"sevt_c{n}", "tool": "js_repl", "kit": "repl"}
        code = f"const step{n} = mugs.map((mug) => mug.price * {n});\nstep{n}"
        put("agent.custom_tool_use", id=call["call_id"], name="js_repl", input={"code": code})
        put("call.started", **call, input={"code": code}, thread=None)
        symbol = {"name": f"step{n % 200}", "kind": "const", "type": "Array", "size": 3, "preview": "[ 1, 2, 3 ]"}
        put(
            "repl.evaluated", call_id=call["call_id"], author="agent", n=n + 1, code=code, ms=3, error=None,
            pending=None, console=[], result="[ 12, 13.5, 9.9 ]", symbols={"set": [symbol], "removed": []},
        )  # fmt: skip
        put("call.finished", **call, is_error=False, content=[{"type": "text", "text": "[ 12, 13.5, 9.9 ]"}], ms=3)
        put("call.posted", call_id=call["call_id"])
        put("user.custom_tool_result", id=f"sevt_r{n}", custom_tool_use_id=call["call_id"], is_error=False, content=[])
        put("session.status_running", id=f"sevt_q{n}")
        put(
            "browser.acted", call_id=None, author="agent", tool="browser_read", label=f"Read page {n}", frame=None,
            url="https://shop.test/", title="Shop", tabs=[], viewport={"width": 1280, "height": 800}, notes=[],
            counts={"console_errors": 0, "failed_requests": 0}, error=False,
        )  # fmt: skip
    for n in range((EVENTS - 1) % 10):
        put("session.status_idle", id=f"sevt_i{n}", stop_reason={"type": "end_turn"})
    put("agent.message", id="sevt_last", content=[{"type": "text", "text": LAST}])
