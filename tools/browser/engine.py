"""The Chromium of a server as a process: started when a context is wanted, ended when none is, or reached by CDP.

Neither it nor Playwright's driver gets the server's environment: what they hold, a hostile page might one day read.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import Browser, BrowserContext
from playwright.async_api import Error as PlaywrightError

from glasshouse.errors import GlasshouseError, SettingError
from tools.browser.driver import Driver, bury
from tools.browser.egress import Door
from tools.browser.home import clear_left, open_home
from tools.browser.network import Network, Start, first_line, open_network, way_out
from tools.browser.pulse import silence
from tools.browser.ranks import Ranks
from tools.browser.settings import BrowserSettings

log = logging.getLogger(__name__)

LAUNCH_S = 30
NOT_FOR_PEOPLE = [  # of Playwright's: they take away what keeps pages from going too far
    "--disable-popup-blocking",  # one window for a click
    "--disable-ipc-flooding-protection",  # 200 addresses in 10 s; more keep Chromium itself busy for minutes
]
CLOSE_S = 2.0  # for a context, or at the end Chromium, to be closed: longer only when it answers no more
LINGER_S = 3.0  # a session that is closed and opened again finds Chromium running; with none it is gone within 5 s


class Engine:
    """One Chromium and the driver that steers it."""

    def __init__(self, settings: BrowserSettings, network: Network, home: str) -> None:
        self._settings = settings
        self.driver = Driver(self._bury, home)
        self.network = network
        self.ranks = Ranks()
        self._running: asyncio.Task[Browser] | None = None  # the start goes on when who waited for it is stopped
        self._contexts = 0
        self._lingering: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None

    async def browser(self) -> Browser:
        """The running Chromium, started or connected to when there is none."""
        if self._running is None or _lost(self._running):
            self._running = asyncio.create_task(self._start())
        return await asyncio.shield(self._running)

    @contextlib.asynccontextmanager
    async def context(self, door: Door, options: dict[str, Any]) -> AsyncIterator[BrowserContext]:
        """A new browser context; `options` are Playwright's. Chromium is ended a moment after the last one is left.

        The door is put where the context finds it; without a `proxy` in the options, that is its way out.
        """
        self._contexts += 1
        self._stay()
        try:
            async with self._placed(door):
                context = await self._new_context({"proxy": way_out(door), **options})
                context.on("page", lambda page: page.on("worker", self.ranks.worker))
                context.on("serviceworker", self.ranks.worker)
                try:
                    yield context
                finally:
                    await asyncio.wait({self._end_by(context.close())}, timeout=CLOSE_S)
        finally:
            self._contexts -= 1
            if not self._contexts and not self._settings.cdp:
                self._stay()
                self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._rest)

    @property
    def running(self) -> bool:
        """Whether Chromium is there, or on its way."""
        return self._running is not None and not _lost(self._running)

    async def close(self) -> None:
        """End the Chromium that was started here; a remote one is only let go of."""
        self.ranks.close()
        self._stay()
        self._rest()
        if self._ending:
            _, silent = await asyncio.wait(self._ending, timeout=CLOSE_S)
            if silent:
                self.driver.kill()
                await asyncio.wait(silent)

    async def _new_context(self, options: dict[str, Any]) -> BrowserContext:
        browser = await self.browser()
        try:
            return await browser.new_context(**options)
        except PlaywrightError:
            if browser.is_connected():
                raise
            return await (await self.browser()).new_context(**options)  # it died just now

    def _stay(self) -> None:
        if self._lingering:
            self._lingering.cancel()
            self._lingering = None

    def _rest(self) -> None:
        """Let go of the browser; whoever wants one meanwhile starts another, and need not wait for the end of this."""
        running, self._running = self._running, None
        if self._watching:
            self._watching.cancel()
        if running:
            self._end_by(_close(running))

    def _end_by(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let go of something; when that takes long, nobody waits for it but the end of the server."""
        ending = asyncio.create_task(_unless_gone(work))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return ending

    def _bury(self) -> None:
        """The driver has died, and Chromium with it."""
        running, self._running = self._running, None
        if running and not _lost(running) and running.done():
            bury(running.result())

    async def _start(self) -> Browser:
        browser = await (self._connect(self._settings.cdp) if self._settings.cdp else self._launch())
        self._watching = asyncio.create_task(self._watch(browser))
        return browser

    async def _watch(self, browser: Browser) -> None:
        if await silence(browser):
            log.warning("Chromium or its driver answers no more: both are ended, and started again when needed")
            self.driver.kill()  # Chromium does not outlive it (launcher.py)

    @contextlib.asynccontextmanager
    async def _placed(self, door: Door) -> AsyncIterator[None]:
        if self._settings.cdp:
            async with door.open():
                yield
            return
        await self.browser()  # how it was started decides where a door has to be
        async with self.network.door(door):
            yield

    async def _launch(self) -> Browser:
        return await self.network.start(self._start_chromium)

    async def _start_chromium(self, start: Start) -> Browser:
        log.info("starting Chromium")
        playwright = await self.driver.playwright()
        return await playwright.chromium.launch(
            executable_path=start.executable,
            headless=True,
            ignore_default_args=NOT_FOR_PEOPLE,
            chromium_sandbox=start.sandbox,
            args=start.args,
            proxy=start.proxy,
            env={**start.env},
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=LAUNCH_S * 1000,
        )

    async def _connect(self, url: str) -> Browser:
        playwright = await self.driver.playwright()
        try:
            return await playwright.chromium.connect_over_cdp(url, timeout=LAUNCH_S * 1000)
        except PlaywrightError as error:
            raise SettingError(f"GLASSHOUSE_BROWSER_CDP: no Chromium answers there ({first_line(error)}).") from error


def _lost(running: asyncio.Task[Browser]) -> bool:
    """Whether the start has failed, or what was started has ended."""
    if not running.done():
        return False
    return running.cancelled() or running.exception() is not None or not running.result().is_connected()


async def _close(running: asyncio.Task[Browser]) -> None:
    await (await running).close()


async def _unless_gone(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(PlaywrightError, GlasshouseError, OSError):  # it has not even started, or is gone already
        await work


@contextlib.asynccontextmanager
async def open_engine(settings: BrowserSettings) -> AsyncIterator[Engine]:
    """The driver at once; Chromium is started by the first context."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(open_home())
        network = await stack.enter_async_context(open_network(settings, home))
        engine = Engine(settings, network, home)
        stack.push_async_callback(engine.driver.stop)
        stack.push_async_callback(engine.close)
        await asyncio.gather(engine.driver.playwright(), asyncio.to_thread(clear_left))
        yield engine
