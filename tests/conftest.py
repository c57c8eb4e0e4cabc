"""Fixtures that all tests share: a real store in a temporary folder, and a workbench that runs a kit like a server."""

import gc
import os
import socket
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpcore2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from glasshouse.catalog import catalog_of
from glasshouse.events import Event
from glasshouse.log import Log
from glasshouse.runtime.context import KitMemory
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.live import LiveView
from glasshouse.store.sqlite import SqliteStore, open_sqlite
from glasshouse.tool import Kit, Result
from tests.server.nursery import open_nursery

SESSION = "sesn_a"
ONE_LOOP = ("browser", "livepage", "page")  # folders whose tests share a browser, which belongs to the loop it began in

LEAN = [  # a third less work for each page; the list of features takes the place of Playwright's own
    "--no-sandbox",
    "--disable-gpu",
    "--renderer-process-limit=1",  # pages of one site in one context share a process
    "--window-size=300,200",  # of the window around the page, which has a size of its own
    "--disable-features=SpareRendererForSitePerProcess,AvoidUnnecessaryBeforeUnloadCheckSync,HttpsUpgrades,"
    "DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,PaintHolding,ThirdPartyStoragePartitioning",
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays: to look for garbage in it, then and ever after, takes as long as importing it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first; all tests of a folder that shares a browser have one event loop."""
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in ONE_LOOP and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", autouse=True)
def authorities() -> Iterator[None]:
    """The authorities of certificates are read once, not for every HTTP client: that takes 30 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session")
def nursery() -> Iterator[socket.socket]:
    """Forks the servers of all tests of this process."""
    with open_nursery() as control:
        yield control


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A person's browser; each test opens contexts in it, and closes them."""
    executable = os.environ.get("GLASSHOUSE_BROWSER_EXECUTABLE", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=LEAN)
        yield browser
        await browser.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store."""
    async with open_sqlite(tmp_path / "data") as opened:
        yield opened


class Workbench:
    """One kit on a real store: calls, the operator's controls, sleep, and a crash."""

    def __init__(self, kit: Kit[Any], log: Log, settings: Any) -> None:
        self.kit = kit
        self.log = log
        self._settings = settings
        self._kits = self._fresh()
        self._calls = 0

    async def call(self, tool: str, *, session: str = SESSION, **given: Any) -> Result:
        """Call a tool as the agent does."""
        self._calls += 1
        return await self._kits.run(session, self.kit, self.kit.tools[tool], given, f"sevt_{self._calls}")

    async def control(self, name: str, *, session: str = SESSION, **given: Any) -> Result:
        """Use a control, or a tool, as the operator does."""
        return await self._kits.run(session, self.kit, (self.kit.controls | self.kit.tools)[name], given)

    async def events(self, session: str = SESSION) -> list[Event]:
        """The session's log."""
        return list(await self.log.store.events(session, limit=100_000))

    def memory(self, session: str = SESSION) -> KitMemory:
        """What the kit keeps of the session."""
        return self._kits.memory(session, self.kit.name)

    def live(self, session: str = SESSION) -> LiveView:
        """The session's live view."""
        return self._kits.slot(session, self.kit.name).live

    async def sleep(self, session: str = SESSION) -> None:
        """Let go of the state as a sleeping session does."""
        await self._kits.sleep(session)

    async def reset(self, session: str = SESSION) -> None:
        """What the operator's reset does."""
        await self._kits.reset(session, self.kit)

    async def crash(self) -> None:
        """Lose every state and what sessions share, as a killed server does; only the store is left."""
        killed, self._kits = self._kits, self._fresh()
        self._lost.append(killed)

    async def close(self) -> None:
        """Close what is open, and what crashes left behind."""
        for kits in [self._kits, *self._lost]:
            await kits.close()

    def _fresh(self) -> Kits:
        self._lost: list[Kits] = getattr(self, "_lost", [])
        return Kits(catalog_of(self.kit), self.log, {self.kit.name: self._settings})


OpenWorkbench = Callable[..., AbstractAsyncContextManager[Workbench]]


@pytest.fixture
def workbench(store: SqliteStore) -> OpenWorkbench:
    """`async with workbench(kit, settings={...}) as bench`: see Workbench."""

    @asynccontextmanager
    async def open_workbench(kit: Kit[Any], *, settings: Mapping[str, Any] | None = None) -> AsyncIterator[Workbench]:
        chosen = kit.settings(**(settings or {})) if kit.settings else None
        bench = Workbench(kit, Log(store), chosen)
        try:
            yield bench
        finally:
            await bench.close()

    return open_workbench
