"""A small web server on a free loopback port, and a workbench with a browser that may reach it.

All tests of a process share one event loop and one Chromium, as starting one takes longer than most tests; each test
has browser contexts and a store of its own. Those marked `settled` leave the browser much as they found it, and have
one session between them: opening one is half the work of a small test.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from glasshouse.log import Log
from glasshouse.store.sqlite import SqliteStore, open_sqlite
from tests.conftest import Workbench
from tools.browser import kit
from tools.browser.chromium import Chromium
from tools.browser.engine import Engine, open_engine
from tools.browser.network import FLAGS
from tools.browser.session import Session
from tools.browser.settings import BrowserSettings

SMALL = "--window-size=300,200"  # of the window that nobody sees around a page: less to draw; a page has its own size
VIEW: dict[str, Any] = {"width": 640, "height": 400}  # of a page, but where a test is `sized`
Page = str | tuple[int | str, dict[str, str], str | bytes]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> AsyncIterator[Engine]:
    """The Chromium of all tests of this process. It stays while tests run that do not need it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tools.browser.engine.LINGER_S", 3600)
        patch.setattr("tools.browser.network.FLAGS", (*FLAGS, SMALL))
        async with open_engine(BrowserSettings()) as opened:
            yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store."""
    async with open_sqlite(tmp_path / "data") as opened:
        yield opened


@dataclass
class Site:
    """Pages by path: HTML, or (status, headers, body). `asked` holds the request lines, `heads` the whole heads."""

    pages: dict[str, Page] = field(default_factory=dict)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)  # paths whose answer waits for an event
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)  # a slow path has been asked for
    connections: int = 0
    port: int = 0

    def emptied(self) -> "Site":
        """Itself, as if new."""
        for event in self.slow.values():
            event.set()
        fresh = Site()
        self.pages, self.slow, self.asked, self.heads = fresh.pages, fresh.slow, fresh.asked, fresh.heads
        self.waiting, self.connections = fresh.waiting, 0
        return self

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode(), reader, writer)
        except (EOFError, OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = head.partition("\r\n")[0]
        self.asked.append(line)
        self.heads.append(head)
        for header in head.lower().split("\r\n"):
            if header.startswith("content-length:"):
                await reader.readexactly(int(header.split(":")[1]))
        path = urlsplit(line.split(" ")[1]).path
        if path in self.slow:
            self.waiting.set()
            await self.slow[path].wait()
        found = self.pages.get(path, (404, {}, "nothing here"))
        status, headers, body = (200, {}, found) if isinstance(found, str) else found
        data = body.encode() if isinstance(body, str) else body
        lines = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(data)), **headers}
        out = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status} Is\r\n{out}\r\n".encode() + data)
        await writer.drain()


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for event in site.slow.values():
            event.set()


def _is_settled(request: pytest.FixtureRequest) -> bool:
    """Whether the test has the session of settled tests, whose page is small."""
    marked = request.node.get_closest_marker
    return bool(marked("settled") and not marked("sized"))


@pytest_asyncio.fixture(loop_scope="session")
async def site(request: pytest.FixtureRequest, settled: "Settled") -> AsyncIterator[Site]:
    """A web server with no pages yet."""
    if _is_settled(request):
        yield settled.site.emptied()
        return
    async with open_site() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def forbidden() -> AsyncIterator[Site]:
    """A web server that the browser must never reach."""
    async with open_site() as opened:
        opened.pages["/"] = "<h1>secret</h1>"
        yield opened


OPENED = re.compile(r'^http\S+  "')  # the line of an answer that names the page


class Browser:
    """The browser kit on a workbench: `await browser("goto", url=…)` gives the text of the answer."""

    def __init__(self, bench: Any, site: Site) -> None:
        self.bench = bench
        self.site = site
        self.failed = False
        self.result: Any = None

    async def __call__(self, tool: str, **given: Any) -> str:
        self.result = await self.bench.call(f"browser_{tool}", **given)
        self.failed = self.result.is_error
        return "\n".join(block.text for block in self.result.content if hasattr(block, "text"))

    async def open(self, html: str) -> str:
        """Show a page with this body, and read it."""
        self.site.pages["/"] = f"<!doctype html><title>T</title>{html}"
        return await self.visit(self.site.url())

    async def visit(self, url: str) -> str:
        """Go to a page and read it, as agents do."""
        said = await self("goto", url=url)
        if self.failed:
            return said
        beside = [line for line in said.splitlines() if not OPENED.search(line)]
        return "\n".join([*beside, await self("read")])

    async def state(self) -> Session:
        """The session's browser, as the kit holds it."""
        slot = self.bench._kits.slot("sesn_a", "browser")
        session: Session = await slot.state.open()
        return session

    async def acted(self) -> list[dict[str, Any]]:
        """The data of all browser.acted events, the last call's included."""
        await (await self.state()).recorded()
        return [event.data for event in await self.bench.events() if event.type == "browser.acted"]


@pytest.fixture
def open_browser(
    request: pytest.FixtureRequest, workbench: Any, site: Site, engine: Engine
) -> Callable[..., AbstractAsyncContextManager[Browser]]:
    """`async with open_browser(**settings) as browser`; `own=True` starts a Chromium for it alone."""
    view: dict[str, int] = {} if request.node.get_closest_marker("sized") else VIEW

    @asynccontextmanager
    async def opened(*, own: bool = False, **settings: Any) -> AsyncIterator[Browser]:
        used = kit if own else replace(kit, server=_lent(engine))
        async with workbench(used, settings={"allow": site.host, **view, **settings}) as bench:
            yield Browser(bench, site)

    return opened


class Settled:
    """The session that settled tests have after each other, in a browser that is as if new for each."""

    def __init__(self, engine: Engine, site: Site, folder: Path) -> None:
        self.site = site
        self._kit = replace(kit, server=_lent(engine))
        self._folder = folder
        self._count = 0
        self._opened = AsyncExitStack()
        self._browser: Browser | None = None

    async def take(self) -> Browser:
        """The browser, opened if there is none."""
        if self._browser is None:
            self._count += 1
            store = await self._opened.enter_async_context(open_sqlite(self._folder / str(self._count)))
            bench = Workbench(self._kit, Log(store), BrowserSettings(allow=(self.site.host,), **VIEW))
            self._opened.push_async_callback(bench.close)
            self._browser = Browser(bench, self.site)
        return self._browser

    async def leave(self) -> None:
        """Make it as if new, or let go of one that has more than an idle tab."""
        if not self._browser:
            return None
        await self._browser("goto", url="about:blank")
        session = await self._browser.state()
        await session.recorded()
        [*tabs] = session.tabs.values()
        if len(tabs) != 1 or tabs[0].id != 1 or tabs[0].gone or session.downloads.begun:
            return await self.close()
        await session.context.clear_cookies()
        await tabs[0].cdp.send("Storage.clearDataForOrigin", {"origin": self.site.url(""), "storageTypes": "all"})
        tabs[0].console_errors = tabs[0].failed_requests = 0
        session.take_notes()
        numbers = session.numbers
        numbers.next = 1
        numbers._starts.clear()
        numbers._eyes.clear()
        return None

    async def close(self) -> None:
        """Let go of it; the next test gets a new one."""
        self._browser = None
        opened, self._opened = self._opened, AsyncExitStack()
        await opened.aclose()


def _lent(engine: Engine) -> Callable[[BrowserSettings], AbstractAsyncContextManager[Chromium]]:
    @asynccontextmanager
    async def lent(settings: BrowserSettings) -> AsyncIterator[Chromium]:
        yield Chromium(settings, engine)

    return lent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def settled(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settled]:
    """The session of settled tests."""
    async with open_site() as site:
        made = Settled(engine, site, tmp_path_factory.mktemp("settled"))
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(request: pytest.FixtureRequest, open_browser: Any, settled: Settled) -> AsyncIterator[Browser]:
    """A browser that may reach the site."""
    if _is_settled(request):
        yield await settled.take()
        await settled.leave()
        return
    async with open_browser() as opened:
        yield opened
