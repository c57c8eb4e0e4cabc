"""The doors over a real runtime, store and sockets: the three kits and a counting one, fed by the emulated API."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from anthropic import AsyncAnthropic
from fastapi import FastAPI
from pydantic_settings import BaseSettings

from glasshouse.catalog import Catalog, find_kits
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.emulator.webhooks import new_secret
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.runtime.session import House
from glasshouse.settings import Settings
from glasshouse.store.sqlite import open_sqlite
from glasshouse.web import WebHouse, make_app
from glasshouse.web.wire import BoundedHttp
from tests.runtime.conftest import Counter, make_kit
from tests.server.stage import TOKEN, Viewer, watching

SIGNING_KEY = new_secret()
GUARD_S = 10


class Quiet(uvicorn.Server):
    """uvicorn inside a test: the signals are the test's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Site:
    """A server in this process: `operator` may do everything, `stranger` has no rights."""

    emulator: Emulator
    house: WebHouse
    app: FastAPI
    base_url: str
    counter: Counter
    operator: httpx2.AsyncClient
    stranger: httpx2.AsyncClient

    def open(self) -> SessionHandle:
        """A session at the API whose agent has our tools."""
        return self.emulator.open_session(tools=self.house.catalog.definitions())

    async def attach(self) -> SessionHandle:
        """A session that is followed."""
        handle = self.open()
        (await self.operator.post(f"/sessions/{handle.id}/attach")).raise_for_status()
        await handle.until_followed()
        return handle

    def watch(self, session_id: str, *, after: int = 0) -> AbstractAsyncContextManager[Viewer]:
        """Follow a session's log as the operator."""
        headers = {"last-event-id": str(after)} if after else {}
        return watching(self.operator, f"/sessions/{session_id}/events", headers)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app on a port of its own; its address."""
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle on: 40 ms an answer
    listener.bind(("127.0.0.1", 0))
    server = Quiet(
        uvicorn.Config(
            app, http=BoundedHttp, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    working = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        app.state.house.runtime.farewell()
        server.should_exit = True
        await working


def all_kits(counter: Counter) -> Catalog:
    """The three kits and one that counts."""
    real, counting = find_kits(), make_kit(counter)
    owners = {**real.owners, **dict.fromkeys(counting.tools, counting)}
    return Catalog({**real.kits, counting.name: counting}, owners, real.folders)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulated API on a port of its own."""
    async with Emulator() as running:
        yield running


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def open_site(emulator: Emulator, tmp_path: Path) -> OpenSite:
    """`async with open_site(idle_s=1)`: a server over this test's store; open it again for a restart."""

    @asynccontextmanager
    async def opened(**chosen: Any) -> AsyncIterator[Site]:
        settings = Settings(
            **({"ANTHROPIC_API_KEY": emulator.api_key, "ANTHROPIC_WEBHOOK_SIGNING_KEY": SIGNING_KEY} | chosen)
        )
        counter = Counter()
        catalog = all_kits(counter)
        client = AsyncAnthropic(api_key=emulator.api_key, base_url=emulator.base_url)
        async with client, open_sqlite(tmp_path / "data") as store:
            log = Log(store)
            kits = Kits(catalog, log, settings_of(catalog))
            house = House.over(client, log, kits, result_bytes=settings.result_bytes, idle_s=settings.idle_s)
            runtime = Runtime(house)
            app = make_app(WebHouse(settings, runtime, TOKEN))
            try:
                async with (
                    serving(app) as base_url,
                    httpx2.AsyncClient(base_url=base_url, timeout=GUARD_S, trust_env=False) as stranger,
                    httpx2.AsyncClient(
                        base_url=base_url,
                        timeout=GUARD_S,
                        trust_env=False,
                        headers={"authorization": f"Bearer {TOKEN}"},
                    ) as operator,
                ):
                    yield Site(emulator, app.state.house, app, base_url, counter, operator, stranger)
            finally:
                await runtime.stop()

    return opened


def settings_of(catalog: Catalog) -> Mapping[str, BaseSettings]:
    """The kits' settings at their defaults."""
    return {kit.name: kit.settings() for kit in catalog.kits.values() if kit.settings}


@pytest.fixture
async def site(open_site: OpenSite) -> AsyncIterator[Site]:
    """One server."""
    async with open_site() as opened:
        yield opened
