"""The Chromium of a server as a process: started at the first use, started again when it has died, or reached by CDP.

Neither it nor Playwright's driver gets the server's environment: what they hold, a hostile page might one day read.
"""

import asyncio
import contextlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from glasshouse.errors import SettingError
from tools.browser.egress import Door
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
DRIVER = Path(__file__).parent / "driver.sh"
NODE = "PLAYWRIGHT_NODEJS_PATH"  # Playwright's own setting: what runs its driver


class Engine:
    """One Chromium and the driver that steers it."""

    def __init__(self, settings: BrowserSettings, playwright: Playwright, home: str, dead_end: Door) -> None:
        self._settings = settings
        self._playwright = playwright
        self._home = home
        self._dead_end = dead_end
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()

    async def browser(self) -> Browser:
        """The running Chromium, started or connected to when there is none."""
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await (self._connect(self._settings.cdp) if self._settings.cdp else self._launch())
            return self._browser

    async def new_context(self, options: dict[str, Any]) -> BrowserContext:
        """A new browser context; `options` are Playwright's."""
        browser = await self.browser()
        try:
            return await browser.new_context(**options)
        except PlaywrightError:
            if browser.is_connected():
                raise
            return await (await self.browser()).new_context(**options)  # it died just now

    async def close(self) -> None:
        """End the Chromium that was started here; a remote one is only let go of."""
        if self._browser:
            with contextlib.suppress(PlaywrightError):
                await self._browser.close()

    async def _launch(self) -> Browser:
        log.info("starting Chromium")
        return await self._playwright.chromium.launch(
            executable_path=self._settings.chromium(),
            headless=True,
            chromium_sandbox=self._settings.sandboxed(),
            args=list(FLAGS),
            proxy=way_out(self._dead_end),
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self._home, "TMPDIR": self._home, "LANG": "C.UTF-8"},
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=LAUNCH_S * 1000,
        )

    async def _connect(self, url: str) -> Browser:
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


@contextlib.contextmanager
def bare_driver() -> Iterator[None]:
    """Have Playwright start its driver by a script that passes nothing of the server's environment on."""
    before = os.environ.get(NODE)
    os.environ[NODE] = str(DRIVER)
    if before:
        os.environ["GLASSHOUSE_NODE"] = before  # a Node.js of the operator's choice, for the script
    try:
        yield
    finally:
        os.environ.pop("GLASSHOUSE_NODE", None)
        if before is None:
            os.environ.pop(NODE, None)
        else:
            os.environ[NODE] = before


@contextlib.asynccontextmanager
async def open_engine(settings: BrowserSettings) -> AsyncIterator[Engine]:
    """The driver at once; Chromium is started by the first context."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="glasshouse-browser-", ignore_cleanup_errors=True)
        )
        dead_end = await stack.enter_async_context(Door(None).open())
        with bare_driver():
            playwright = await stack.enter_async_context(async_playwright())
        engine = Engine(settings, playwright, home, dead_end)
        stack.push_async_callback(engine.close)
        yield engine
