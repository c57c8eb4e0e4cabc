"""The real server over the real kits, in front of an emulated API that also serves a site which counts."""

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.emulator.webhooks import new_secret
from tests.server.nursery import Nursling
from tests.server.site import CountingSite
from tests.server.stage import SMALL_VIEW, Server


@pytest.fixture
def site() -> CountingSite:
    """The counting site, at `{emulator.base_url}/site`."""
    return CountingSite()


@pytest.fixture
async def emulator(site: CountingSite) -> AsyncIterator[Emulator]:
    """An emulated API on a port of its own."""
    async with Emulator(routes=site.routes(), lease_ttl_s=2) as running:
        yield running


@pytest.fixture
def signing_key() -> str:
    """What webhooks are signed with."""
    return new_secret()


MakeServer = Callable[..., Server]


@pytest.fixture
async def make_server(
    emulator: Emulator, signing_key: str, tmp_path: Path, nursery: socket.socket
) -> AsyncIterator[MakeServer]:
    """`make_server("--worker", GLASSHOUSE_IDLE_S="1")`: a server, not started yet; several share one data folder.

    With `cold=True` it is started as people start it, and takes as long.
    """
    made: list[Server] = []

    def make(*arguments: str, folder: str = "data", cold: bool = False, **environment: str) -> Server:
        usual = {
            "ANTHROPIC_API_KEY": emulator.api_key,
            "ANTHROPIC_BASE_URL": emulator.base_url,
            "ANTHROPIC_WEBHOOK_SIGNING_KEY": signing_key,
            "GLASSHOUSE_BROWSER_ALLOW": emulator.base_url.removeprefix("http://"),
            **SMALL_VIEW,
        }
        chosen = {name: value for name, value in (usual | environment).items() if value}
        place = tmp_path / folder
        made.append(Server(place, chosen, *arguments) if cold else Nursling(nursery, place, chosen, *arguments))
        return made[-1]

    yield make
    for server in made:
        await server.close()


@pytest.fixture
async def server(make_server: MakeServer) -> Server:
    """A running server."""
    running = make_server()
    await running.start()
    return running


@pytest.fixture
def opened(emulator: Emulator) -> SessionHandle:
    """A session at the API whose agent has all our tools."""
    return emulator.open_session(tools=find_kits().definitions())
