"""Files that a page asks for: told to the agent with the answer to what asked, and given to the page later.

Chromium says so before it answers what is asked of the document after a click. Playwright, which gives the file, says
so only when it has asked for more about the field: that may be after the click was answered.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from playwright.async_api import CDPSession, FileChooser, Page

ASKS = "The page asks for a file: browser_upload, with what was clicked as its target, gives it one."
BEGIN_S = 1  # for Playwright to tell of a chooser that Chromium has told of


class Choosing:
    """The file chooser that a tab's page has opened; nobody sees it."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._coming = 0  # choosers that Playwright has not told of yet
        self._chooser: FileChooser | None = None
        self._came = asyncio.Event()

    async def begin(self, page: Page, cdp: CDPSession) -> None:
        """Listen to the page."""
        page.on("filechooser", self.take)
        cdp.on("Page.fileChooserOpened", self._announced)
        await cdp.send("Page.setInterceptFileChooserDialog", {"enabled": True})

    def take(self, chooser: FileChooser) -> None:
        """Playwright tells of one: the first to do so where it is in a frame that lives in another process."""
        if self._coming:
            self._coming -= 1
        else:
            self._note(ASKS)
        self._chooser = chooser
        self._came.set()

    def forget(self) -> None:
        """The page has gone, or has got its file."""
        self._coming, self._chooser = 0, None

    async def chooser(self) -> FileChooser | None:
        """The last one that was opened, if any: one that is still to come is waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_S):
                while self._coming:
                    self._came.clear()
                    await self._came.wait()
        return self._chooser

    def _announced(self, event: dict[str, Any]) -> None:
        if "backendNodeId" in event:  # else it is a picker without a field, which is refused: the sentry tells of it
            self._coming += 1
            self._note(ASKS)
