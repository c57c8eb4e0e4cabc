"""How Chromium is connected: in a network namespace of its own whose only way out is our proxy, or by flags alone.

The one listening socket in there is served here; the loopback address that Chromium connects to (127.77.x.y) tells
which door is meant. Where there is no namespace to be had, Chromium stays in the server's network, and its flags let it
find nothing but the doors' ports.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from glasshouse.errors import SettingError
from glasshouse.tool import ToolError
from tools.browser.egress import HEAD_BYTES, Door
from tools.browser.namespace import (
    DESKTOP,
    LAUNCHER,
    PORT,
    STARTER,
    NamespaceError,
    denied,
    environment,
    handed_over,
    handover_at,
    try_out,
    why,
)
from tools.browser.settings import BrowserSettings

log = logging.getLogger(__name__)

GIVE_UP_S = 5
# A name that only Chromium's own resolver rule knows, for where it shares the server's network.
EGRESS_NAME = "egress.glasshouse.invalid"
# Everything else resolves to nothing inside Chromium, names and addresses alike, so that what does not go through the
# proxy goes nowhere. In a namespace this also keeps names from the resolvers that are reached by a Unix socket.
INSIDE = "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.77.???.???"
OUTSIDE = f"--host-resolver-rules=MAP {EGRESS_NAME} 127.0.0.1,MAP * ~NOTFOUND"
FLAGS = (
    "--disable-quic",  # UDP does not pass a proxy
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-domain-reliability",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-print-preview",  # window.print() opens a dialog that nobody can answer
    "--deny-permission-prompts",
    "--hide-crash-restore-bubble",
)
NOT_INSIDE = (
    "Chromium is not in a network namespace (%s): its flags alone send its traffic through the egress proxy."
    " GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE refuses to run like that"
)
REMOTE = "Chromium is reached by CDP"


@dataclass(frozen=True, slots=True)
class Start:
    """All that Playwright needs to be told to start a Chromium."""

    executable: str
    args: tuple[str, ...]
    proxy: Any
    env: Mapping[str, str]
    sandbox: bool


Launch = Callable[[Start], Awaitable[Browser]]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to start Chromium: in a namespace or not, with its own sandbox or not."""

    inside: bool
    sandbox: bool


class Network:
    """The network of the Chromiums of one server; `held` says what holds for the one that runs."""

    def __init__(self, settings: BrowserSettings, home: str, dead_end: Door) -> None:
        self.held: Mapping[str, str] = {"network": "not started yet"}
        self._inside = False
        self._settings = settings
        self._home = home
        self._dead_end = dead_end  # of Chromium's own traffic, where it is in the server's network
        self._ways = ways(settings)
        self._doors: dict[str, Door] = {_address(1): Door(None)}
        self._numbers = count(2)
        self._starts = count()
        self._servers: set[asyncio.Server] = set()

    async def start(self, launch: Launch) -> Browser:
        """Chromium in the best way there is. Raises ToolError if none is left but ways that the settings forbid."""
        failed: dict[Way, Exception] = {}
        for way in self._ways:
            if way.inside and any(denied(error) for error in failed.values()):
                continue
            try:
                browser = await (self._start_inside if way.inside else self._start_outside)(way, launch)
            except (PlaywrightError, OSError, TimeoutError) as error:
                failed[way] = error
                continue
            self._inside = way.inside
            self._tell(way, failed)
            return browser
        first = next(iter(failed.values()))
        if not self._settings.require_namespace:
            raise list(failed.values())[-1]
        raise ToolError(
            f"Chromium cannot be started in a network namespace here ({why(str(first))}), and the operator requires it"
            " (GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE). Tell the operator."
        ) from first

    @contextlib.asynccontextmanager
    async def door(self, door: Door) -> AsyncIterator[Door]:
        """Put a door where the running Chromium reaches it. Leaving it cuts every connection."""
        if not self._inside:
            async with door.open():
                door.host = EGRESS_NAME
                yield door
            return
        door.host = next(address for address in map(_address, self._numbers) if address not in self._doors)
        door.port = PORT
        self._doors[door.host] = door
        try:
            yield door
        finally:
            del self._doors[door.host]
            await door.cut()

    def close(self) -> None:
        """Stop listening: a namespace goes with its last process and its last socket."""
        for server in list(self._servers):
            self._close(server)

    def _close(self, server: asyncio.Server) -> None:
        server.close()
        self._servers.discard(server)

    def _tell(self, way: Way, failed: Mapping[Way, Exception]) -> None:
        """Say what holds, and why it is not more; ways that cannot work are not tried again."""
        reasons = {failed_way: why(str(error)) for failed_way, error in failed.items()}
        if not way.inside:
            reason = next(iter(reasons.values()), "not asked for")
            self.held = {"network": f"proxy by flags: {reason}"}
        self.held = {**self.held, "sandbox": "on" if way.sandbox else "off"}
        if failed:
            log.warning("Chromium started less guarded than it might be (%s), because: %s", self.held, reasons)
        if not any(isinstance(error, TimeoutError) or "Timeout" in str(error) for error in failed.values()):
            self._ways = self._ways[self._ways.index(way) :]

    async def _start_outside(self, way: Way, launch: Launch) -> Browser:
        args = (OUTSIDE, *FLAGS)
        proxy = way_out(self._dead_end)
        env = self._environment() | environment(self._settings.chromium(), None)
        return await launch(Start(str(STARTER), args, proxy, env, way.sandbox))

    async def _start_inside(self, way: Way, launch: Launch) -> Browser:
        """Start the launcher, take the listening socket that it hands over, and serve what comes there."""
        handover = Path(self._home) / f"network-{next(self._starts)}"
        env = self._environment() | environment(self._settings.chromium(), handover)
        proxy = {"server": f"http://{_address(1)}:{PORT}", "bypass": "<-loopback>"}
        start = Start(str(LAUNCHER), (INSIDE, *FLAGS), proxy, env, way.sandbox)
        async with AsyncExitStack() as failing:
            with handover_at(handover) as waiting:
                launching = asyncio.ensure_future(launch(start))
                failing.push_async_callback(_give_up, launching)
                how, listener = await handed_over(waiting, launching)
            server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_BYTES)
            failing.callback(server.close)
            browser = await launching
            failing.pop_all()
        self._servers.add(server)
        browser.on("disconnected", lambda _: self._close(server))
        self.held = {"network": how}
        log.info("Chromium runs in a %s of its own; its only way out is the egress proxy", how)
        return browser

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{DESKTOP}:/usr/local/bin:/usr/bin:/bin",
            "HOME": self._home,
            "TMPDIR": self._home,
            "LANG": "C.UTF-8",
        }

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        door = self._doors.get(writer.get_extra_info("sockname")[0])
        if door:
            await door.accept(reader, writer)
        else:
            writer.close()


def ways(settings: BrowserSettings) -> tuple[Way, ...]:
    """The ways to start Chromium, the best first. As root it has a sandbox in a user namespace only."""
    root = os.getuid() == 0
    chosen = settings.sandbox
    inside = [chosen] if chosen is not None else [True, False] if root else [True]
    outside = [] if settings.require_namespace else [chosen if chosen is not None else not root]
    return (*(Way(True, sandbox) for sandbox in inside), *(Way(False, sandbox) for sandbox in outside))


async def guards(settings: BrowserSettings, network: Network | None) -> Mapping[str, str]:
    """What keeps Chromium off other networks: as it runs, or before that, as it can be had here.

    Raises SettingError where a namespace is required and there is none.
    """
    if network and not settings.cdp:
        return network.held
    try:
        if settings.cdp:
            raise NamespaceError(REMOTE)
        return {"network": await try_out()}
    except NamespaceError as error:
        if settings.require_namespace:
            raise SettingError(f"GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE is set, but {error}.") from error
        if not network:
            log.warning(NOT_INSIDE, error)
        return {"network": f"proxy {'asked for by CDP, not enforced' if settings.cdp else 'by flags'}: {error}"}


def way_out(door: Door) -> Any:
    """Playwright's proxy option for a door; `<-loopback>` because Chromium would reach loopback without a proxy."""
    return {"server": f"http://{door.host}:{door.port}", "bypass": "<-loopback>"}


def first_line(error: BaseException) -> str:
    """The sentence of a Playwright error without its call log."""
    return str(error).partition("\n")[0]


async def _give_up(launching: "asyncio.Future[Browser]") -> None:
    """End what comes of a launch. The driver ends it at the latest when it ends itself."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(GIVE_UP_S):
            await (await asyncio.shield(launching)).close()


def _address(number: int) -> str:
    """The loopback address of a door."""
    return f"127.77.{number // 256 % 256}.{number % 256}"


@contextlib.asynccontextmanager
async def open_network(settings: BrowserSettings, home: str) -> AsyncIterator[Network]:
    """The network of a server's Chromiums, which keep their files at `home`."""
    async with Door(None).open() as dead_end:
        dead_end.host = EGRESS_NAME
        network = Network(settings, home, dead_end)
        try:
            yield network
        finally:
            network.close()
