"""Playwright's driver, the Node.js process that steers Chromium: started at once, and again when it has died.

It does not get the server's environment. That it has died is heard of by Playwright's own connection, which tells
nobody else: whoever holds a page of it would wait, or be refused, for ever (`tests/server/test_victims.py`).
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Playwright, async_playwright

log = logging.getLogger(__name__)

SCRIPT = Path(__file__).parent / "driver.sh"
NODE = "PLAYWRIGHT_NODEJS_PATH"  # Playwright's own setting: what runs its driver
HOME = "GLASSHOUSE_DRIVER_HOME"  # for the script: where the driver keeps its files


class Driver:
    """One driver at a time; `died` is called when one ended that was not told to."""

    def __init__(self, died: Callable[[], None], home: str) -> None:
        self._died = died
        self._home = home
        self._playwright: Playwright | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def playwright(self) -> Playwright:
        """The running driver's interface, started if there is none. Used by one task at a time."""
        if self._playwright is None:
            manager: Any = async_playwright()
            with bare_driver(self._home):
                started: Playwright = await manager.start()
            transport = manager._client._transport
            transport.on_error_future.add_done_callback(lambda failed: failed.cancelled() or failed.exception())
            self._playwright, self._process = started, transport._proc
            inner: Any = started
            inner._impl_obj._connection.on("close", lambda: self._gone(started))
        return self._playwright

    async def stop(self) -> None:
        """End it."""
        playwright, self._playwright = self._playwright, None
        if playwright:
            await playwright.stop()

    def kill(self) -> None:
        """End it although it may not answer; what waits for it is told that it has died."""
        if self._playwright and self._process:
            self._process.kill()

    def _gone(self, playwright: Playwright) -> None:
        if self._playwright is playwright:
            self._playwright = None
            log.warning("Playwright's driver has died; another is started when it is needed")
            self._died()


def bury(browser: Browser) -> None:
    """Tell all who hold a part of a browser whose driver has died that it is closed, as Playwright does for remotes."""
    inner: Any
    for context in browser.contexts:
        for inner in (*context.pages, context):
            inner._impl_obj._on_close()
    inner = browser
    inner._impl_obj._did_close()


@contextlib.contextmanager
def bare_driver(home: str) -> Iterator[None]:
    """Have Playwright start its driver by a script that passes nothing of the server's environment on.

    What the driver writes (Chromium's profiles, downloads) goes to `home`.
    """
    before = os.environ.get(NODE)
    os.environ[NODE] = str(SCRIPT)
    os.environ[HOME] = home
    if before:
        os.environ["GLASSHOUSE_NODE"] = before  # a Node.js of the operator's choice, for the script
    try:
        yield
    finally:
        os.environ.pop("GLASSHOUSE_NODE", None)
        os.environ.pop(HOME, None)
        if before is None:
            os.environ.pop(NODE, None)
        else:
            os.environ[NODE] = before
