"""One Chromium for all sessions: started at the first use, started again when it has died, or reached by CDP.

It gives browser contexts whose only way out is a door of the egress proxy. It gets a clean environment.
"""

import asyncio
import contextlib
import ipaddress
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from glasshouse.errors import SettingError
from tools.browser.egress import Door, Resolver, resolve
from tools.browser.rules import Rules
from tools.browser.settings import BrowserSettings

log = logging.getLogger(__name__)

# A name that only Chromium's own resolver rule knows. All other names and addresses resolve to nothing inside Chromium,
# so whatever does not go through the proxy goes nowhere.
EGRESS_NAME = "egress.glasshouse.invalid"
FLAGS = (
    f"--host-resolver-rules=MAP {EGRESS_NAME} 127.0.0.1,MAP * ~NOTFOUND",
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
LAUNCH_S = 30


@dataclass(frozen=True, slots=True)
class Room:
    """A browser context and the door it reaches the web through."""

    context: BrowserContext
    door: Door


class Chromium:
    """What the sessions of one server share."""

    def __init__(
        self, settings: BrowserSettings, playwright: Playwright, home: str, dead_end: Door, resolver: Resolver
    ):
        self.settings = settings
        self.rules = Rules.of(settings.allow, settings.deny)
        self.resolver = resolver
        self._playwright = playwright
        self._home = home
        self._dead_end = dead_end
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()

    async def browser(self) -> Browser:
        """The running Chromium, started or connected to when there is none."""
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await (self._connect() if self.settings.cdp else self._launch())
            return self._browser

    @contextlib.asynccontextmanager
    async def room(self, **options: Any) -> AsyncIterator[Room]:
        """A new browser context with its own door; `options` are Playwright's for a new context."""
        async with Door(self.rules, self.resolver).open() as door:
            if self.guarded:
                options["proxy"] = way_out(door, "127.0.0.1" if self.settings.cdp else EGRESS_NAME)
            context = await self._new_context(options)
            try:
                yield Room(context, door)
            finally:
                with contextlib.suppress(PlaywrightError):  # the browser may be gone already
                    await context.close()

    @property
    def guarded(self) -> bool:
        """Whether this Chromium reaches the web through our proxy: always, unless it runs on another machine."""
        if not self.settings.cdp:
            return True
        host = urlsplit(self.settings.cdp).hostname or ""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"

    async def close(self) -> None:
        """End the Chromium that was started here; a remote one is only let go of."""
        if self._browser:
            with contextlib.suppress(PlaywrightError):
                await self._browser.close()

    async def _new_context(self, options: dict[str, Any]) -> BrowserContext:
        browser = await self.browser()
        try:
            return await browser.new_context(**options)
        except PlaywrightError:
            if browser.is_connected():
                raise
            return await (await self.browser()).new_context(**options)  # it died just now

    async def _launch(self) -> Browser:
        log.info("starting Chromium")
        return await self._playwright.chromium.launch(
            executable_path=self.settings.chromium(),
            headless=True,
            chromium_sandbox=self.settings.sandboxed(),
            args=list(FLAGS),
            proxy=way_out(self._dead_end),
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self._home, "TMPDIR": self._home, "LANG": "C.UTF-8"},
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=LAUNCH_S * 1000,
        )

    async def _connect(self) -> Browser:
        url = self.settings.cdp or ""
        if not self.guarded:
            log.warning(
                "GLASSHOUSE_BROWSER_CDP is another machine: only the addresses given to browser_goto are checked here,"
                " what the pages load is up to that machine's network"
            )
        try:
            return await self._playwright.chromium.connect_over_cdp(url, timeout=LAUNCH_S * 1000)
        except PlaywrightError as error:
            raise SettingError(f"GLASSHOUSE_BROWSER_CDP: no Chromium answers there ({first_line(error)}).") from error


def way_out(door: Door, host: str = EGRESS_NAME) -> Any:
    """Playwright's proxy option for a door; `<-loopback>` because Chromium would reach loopback without a proxy."""
    return {"server": f"http://{host}:{door.port}", "bypass": "<-loopback>"}


def first_line(error: BaseException) -> str:
    """The sentence of a Playwright error without its call log."""
    return str(error).partition("\n")[0]


@contextlib.asynccontextmanager
async def open_chromium(settings: BrowserSettings, resolver: Resolver = resolve) -> AsyncIterator[Chromium]:
    """The server's Chromium; it is started by the first session that needs it."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="glasshouse-browser-", ignore_cleanup_errors=True)
        )
        dead_end = await stack.enter_async_context(Door(None).open())
        playwright = await stack.enter_async_context(async_playwright())
        chromium = Chromium(settings, playwright, home, dead_end, resolver)
        stack.push_async_callback(chromium.close)
        yield chromium
