"""The emulator as a running server: a real listening socket on this event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import uvicorn
from starlette.routing import BaseRoute, Mount

from glasshouse.emulator.agents import AgentCreate
from glasshouse.emulator.environments import EnvironmentCreate
from glasshouse.emulator.faults import Faults
from glasshouse.emulator.handle import SessionHandle
from glasshouse.emulator.http.app import build
from glasshouse.emulator.http.wire import Peers, protocol
from glasshouse.emulator.marks import Json
from glasshouse.emulator.pace import Pace
from glasshouse.emulator.shop import app as shop
from glasshouse.emulator.story import Story, quiet
from glasshouse.emulator.webhooks import Webhooks
from glasshouse.emulator.world import World


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which belong to the process, and with a word when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _listener(address: tuple[str, int]) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where a socket names its protocol; left on, every event waits 40 ms
    listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(128)
    return listener


class Emulator:
    """A local Managed Agents API: `async with Emulator(story=…) as emulator:`, then `emulator.base_url` for the SDK.

    `stories` are found by `metadata.story` of the session or agent, then by the agent's name; `story` plays otherwise.
    `options` reach stories as `agent.options`. `api_key` makes that key the only one taken. Port 0 takes a free port.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        story: Story = quiet,
        stories: Mapping[str, Story] | None = None,
        pace: Pace | None = None,
        options: Mapping[str, Any] | None = None,
        interrupt_results: bool = True,
        webhook_backoff_s: Sequence[float] = (0.05, 0.2),
        lease_ttl_s: int = 300,
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self._address = (host, port)
        self._routes = [Mount("/shop", shop.build()), *routes]
        self.world = World(
            api_key=api_key,
            story=story,
            stories=stories,
            pace=pace,
            options=options,
            interrupt_results=interrupt_results,
            webhook_backoff_s=webhook_backoff_s,
            lease_ttl_s=lease_ttl_s,
        )
        self.api_key = self.world.keys.api_key
        self.base_url = ""
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "Emulator":
        await self._stack.enter_async_context(self._listen())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    @contextlib.asynccontextmanager
    async def _listen(self) -> AsyncIterator[None]:
        listener = _listener(self._address)
        host, port = listener.getsockname()[:2]
        self.base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.world.options.setdefault("shop_url", self.shop_url)
        peers: Peers = {}
        config = uvicorn.Config(
            build(self.world, peers, self._routes),
            http=protocol(peers),
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait([serving, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        try:
            yield
        finally:
            await self.world.close()
            server.should_exit = True
            await serving

    @property
    def shop_url(self) -> str:
        return f"{self.base_url}/shop"

    # -- staging

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def webhooks(self) -> Webhooks:
        return self.world.webhooks

    @property
    def sessions(self) -> list[SessionHandle]:
        return [SessionHandle(session) for session in self.world.sessions.values()]

    def session(self, session_id: str) -> SessionHandle:
        return SessionHandle(self.world.session(session_id))

    def environment_key(self, environment_id: str) -> str:
        """The key a worker uses. The real API makes it in its Console only."""
        return self.world.keys.environment_key(environment_id)

    def open_session(
        self,
        *,
        tools: Sequence[Json] = (),
        agent_name: str = "scripted",
        self_hosted: bool = False,
        metadata: Mapping[str, str] | None = None,
    ) -> SessionHandle:
        """An agent, an environment and a session without three requests, for tests that are about something else."""
        world = self.world
        agent = world.agents.create(AgentCreate(name=agent_name, model="claude-opus-5-5", tools=list(tools)))
        config = {"type": "self_hosted" if self_hosted else "cloud"}
        environment = world.environments.create(EnvironmentCreate(name="local", config=config))
        return SessionHandle(world.open(agent, environment, {"metadata": dict(metadata or {})}))
