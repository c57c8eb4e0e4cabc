"""A live page on a real server: the kit at work, the doors of `glasshouse.web.share`, and Chromium to look at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Frame, Page

from glasshouse.catalog import Catalog, find_kits
from glasshouse.errors import RequestError
from glasshouse.log import Log
from glasshouse.runtime.context import KitMemory
from glasshouse.store import Session
from glasshouse.store.sqlite import SqliteStore, open_sqlite
from glasshouse.web import errors, files, guard, rights, share
from glasshouse.web.audience import Audiences
from tests.conftest import Workbench
from tests.livepage.stage import STATIC, add_stage
from tools.livepage import kit

COOKIE = rights.COOKIE
TOKEN = "operator-token-of-these-tests"


@dataclass(frozen=True)
class SmallHouse:
    """What the doors of a page need of the server's house."""

    log: Log
    catalog: Catalog
    token: str = TOKEN
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def store(self) -> SqliteStore:
        store = self.log.store
        assert isinstance(store, SqliteStore)
        return store

    def memory(self, session_id: str, name: str) -> KitMemory:
        return KitMemory(self.store, session_id, name)

    async def session(self, session_id: str) -> Session:
        found = await self.store.session(session_id)
        if found is None:
            raise RequestError(404, "unknown_session", "No such session.")
        return found


def make_app(house: SmallHouse) -> FastAPI:
    """The doors of a page, behind the same guards as in the server."""
    app = FastAPI()
    app.state.house = house
    app.state.failures = rights.Failures()
    app.state.static = STATIC
    errors.install(app)
    app.include_router(files.router)
    share.install(app)
    files.add_code(app)
    app.add_middleware(guard.Guard, names=frozenset({"localhost"}))
    return app


class Site:
    """The running server: edit the page as the agent does, make links, open them."""

    def __init__(
        self, base: str, bench: Workbench, http: httpx.AsyncClient, house: SmallHouse, audiences: Audiences
    ) -> None:
        self.base = base
        self.bench = bench
        self.http = http
        self.house = house
        self.audiences = audiences
        self.said: list[str] = []  # what the operator's comments told the agent

    async def call(self, tool: str, *, session: str = "sesn_a", **given: Any) -> str:
        """Call a tool; fails the test if the tool refuses."""
        result = await self.bench.call(tool, session=session, **given)
        text = "\n".join(getattr(block, "text", "") for block in result.content)
        assert not result.is_error, text
        return text

    def drop_streams(self) -> None:
        """Cut every viewer's connection without a word, as a network does."""
        for audience, _ in self.audiences._open.values():
            for viewer in audience.viewers:
                viewer.end()

    async def html(self, *, session: str = "sesn_a") -> str:
        """The document as downloaded."""
        return (await self.http.get(f"/sessions/{session}/page/export")).text

    async def link(self, *, session: str = "sesn_a", **given: Any) -> tuple[str, str]:
        """A new link: its address and its id."""
        answer = await self.http.post(f"/sessions/{session}/shares", json=given)
        assert answer.status_code == 201, answer.text
        return answer.json()["url"], answer.json()["id"]


async def _main(server: uvicorn.Server) -> None:
    await server.main_loop()
    await server.shutdown()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app on a port of its own."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=3, lifespan="off", access_log=False)
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()  # `serve` would take the test runner's signals
    running = asyncio.create_task(_main(server))
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        app.state.house.stopping.set()
        server.should_exit = True
        await running


@pytest_asyncio.fixture(loop_scope="session")
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store."""
    async with open_sqlite(tmp_path / "data") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def site(store: SqliteStore) -> AsyncIterator[Site]:
    """A server with the sessions `sesn_a` and `sesn_b`."""
    log = Log(store)
    async with store.transaction() as tx:
        for name in ("sesn_a", "sesn_b"):
            tx.put_session(Session(name, name, "agent_1", "Agent", "idle", None, "page", "2026-01-01", "2026-01-01"))
    house = SmallHouse(log, find_kits())
    bench = Workbench(kit, log, None)
    app = make_app(house)
    async with serving(app) as base:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=base, headers=headers) as http:
            made = Site(base, bench, http, house, app.state.audiences)
            add_stage(app, bench, made.said)
            yield made
    await bench.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """Chromium; the contexts that a test opened are closed with it."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


async def at_revision(page: Page, revision: int) -> None:
    """Wait until the frame has applied a revision, or was loaded with it."""
    await page.wait_for_function(
        """(wanted) => {
          const { applied, loaded } = document.documentElement.dataset;
          return [applied, loaded].some((text) => Number((text ?? ":-1").split(":").at(-1)) >= wanted);
        }""",
        arg=revision,
        timeout=10_000,
    )


def inside(page: Page) -> Frame:
    """The sandboxed frame of a shell."""
    return page.frames[1]
