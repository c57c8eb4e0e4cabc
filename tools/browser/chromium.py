"""What the sessions of one server share of the browser: its settings, the rules of its egress, contexts to browse in.

A context's only way out is a door of the egress proxy.
"""

import contextlib
import ipaddress
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext

from glasshouse.errors import SettingError
from glasshouse.tool import Figure, ToolError
from tools.browser import network
from tools.browser.egress import Door, Resolver, open_resolver, resolve
from tools.browser.engine import Engine, open_engine
from tools.browser.flood import Hush
from tools.browser.rules import Rules
from tools.browser.settings import BrowserSettings

log = logging.getLogger(__name__)

NO_BROWSER = "There is no browser now. Try again in a moment; if it stays so, only the operator can help."


@dataclass(frozen=True, slots=True)
class Room:
    """A browser context and the door it reaches the web through."""

    context: BrowserContext
    door: Door


class Chromium:
    """The browser of all sessions."""

    def __init__(self, settings: BrowserSettings, engine: Engine, resolver: Resolver = resolve) -> None:
        self.settings = settings
        self.rules = Rules.of(settings.allow, settings.deny, settings.only)
        self.engine = engine
        self._resolver = resolver
        self._doors: set[Door] = set()
        self._refused = 0  # at doors that are closed
        if not self.guarded:
            log.warning(
                "GLASSHOUSE_BROWSER_CDP is another machine: only the addresses given to browser_goto are checked here,"
                " what the pages load is up to that machine's network"
            )

    async def browser(self) -> Browser:
        """The running Chromium."""
        return await self.engine.browser()

    @contextlib.asynccontextmanager
    async def room(self, **options: Any) -> AsyncIterator[Room]:
        """A new browser context with its own door; `options` are Playwright's for a new context."""
        door = Door(self.rules, self._resolver)
        if not self.guarded:
            options["proxy"] = None
        self._doors.add(door)
        try:
            async with self.engine.context(door, options) as context:
                context.on("serviceworker", Hush())
                yield Room(context, door)
        except SettingError as error:
            log.error("a session gets no browser: %s", error)
            raise ToolError(f"{NO_BROWSER} ({error})") from error
        finally:
            self._doors.discard(door)
            self._refused += door.refused

    def figures(self) -> list[Figure]:
        """For the operator."""
        refused = self._refused + sum(door.refused for door in self._doors)
        return [
            Figure("up", "Whether Chromium runs.", self.engine.running),
            Figure("contexts", "Browser contexts open, one for each session that has its browser.", len(self._doors)),
            Figure("refused_connections", "Connections that pages were not let make.", refused, total=True),
        ]

    @property
    def guarded(self) -> bool:
        """Whether this Chromium reaches the web through our proxy: always, unless it runs on another machine."""
        if not self.settings.cdp:
            return True
        host = urlsplit(self.settings.cdp).hostname or ""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"


async def guards(settings: BrowserSettings, chromium: Chromium | None) -> Mapping[str, str]:
    """What keeps Chromium off other networks than the public web. Raises SettingError where too little does."""
    return await network.guards(settings, chromium.engine.network if chromium else None)


@contextlib.asynccontextmanager
async def open_chromium(settings: BrowserSettings, resolver: Resolver | None = None) -> AsyncIterator[Chromium]:
    """The server's Chromium; it is started by the first session that needs it."""
    with open_resolver() as own:
        async with open_engine(settings) as engine:
            yield Chromium(settings, engine, resolver or own)
