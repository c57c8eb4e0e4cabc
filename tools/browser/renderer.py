"""What can be asked of the renderer of a page beside the page itself: whether it answers, to stop, to end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from playwright.async_api import CDPSession, Request
from playwright.async_api import Error as PlaywrightError

from tools.browser.meanwhile import meanwhile

PROBE_S = 1.5
STOPPED_S = 5  # for a page whose script was stopped to answer: a very large one may still be laid out
CRASH_S = 3  # for a renderer to be gone
HANG_S = 1.4  # a page that has not let go of its tab by then is asked whether it hangs
HELD_S = 1.0  # … for so long: with what was before, less than half of 5 s
UNDRAWN = "The page was still waiting for parts without which it takes no clicks: they were given up."
HELD = "The page before hung while it was left: its script was stopped."
TERMINATE_S = 0.5  # it is answered beside the script that it stops, or not at all


class Renderer:
    """The renderer of one tab."""

    def __init__(self, cdp: CDPSession) -> None:
        self.cdp = cdp
        self.crashed = False
        self.ended = asyncio.Event()  # it is gone
        self.loading = False
        self.mute = False  # it does not even take the order to stop
        self.stuck = asyncio.Event()  # in a dialog that nobody can answer any more
        self.asked: Request | None = None  # for the page it goes to, while its server has not answered

    async def responsive(self, seconds: float = PROBE_S) -> bool:
        """Whether the page's renderer still answers."""
        try:
            async with asyncio.timeout(seconds):
                await self.cdp.send("Runtime.evaluate", {"expression": "1", "returnByValue": True})
        except (TimeoutError, PlaywrightError):
            return False
        return not self.crashed

    async def patiently(self, leaving: Awaitable[object], note: Callable[[str], None]) -> bool:
        """Wait until the page is left; one that hangs meanwhile (`pagehide`) is stopped. False if that fails.

        While a server is waited for, Chromium answers for the page as little as for one that hangs.
        """
        async with meanwhile(leaving, self.stuck.wait()) as (task, stuck):
            while not task.done():
                asked = self.asked
                await asyncio.wait({task, stuck}, timeout=HANG_S, return_when=asyncio.FIRST_COMPLETED)
                if stuck.done() and not task.done():
                    return False
                if task.done() or asked or self.asked or await self.responsive(HELD_S) or task.done():
                    continue
                note(HELD)
                if not await self.stop_script():
                    return False
            task.result()
            return True

    async def held(self, doing: Coroutine[Any, Any, None], leaving: asyncio.Event, note: Callable[[str], None]) -> bool:
        """Do what may make the page leave, patiently once it does: it may hang while it is asked (`beforeunload`)."""
        async with meanwhile(doing, leaving.wait()) as (working, left):
            await asyncio.wait({working, left}, return_when=asyncio.FIRST_COMPLETED)
            return await self.patiently(working, note)

    async def taken(self, doing: Coroutine[Any, Any, None], note: Callable[[str], None]) -> None:
        """Move the mouse. A page that waits for its styles is not drawn, and takes nothing from a mouse before that."""
        async with meanwhile(doing) as (moving,):
            await asyncio.wait({moving}, timeout=HANG_S)
            if self.loading and not moving.done() and await self.responsive(HELD_S):
                note(UNDRAWN)
                await self.stop_loading()
            await moving

    async def elements(self) -> int:
        """How many elements the page has; 0 when it does not answer."""
        asked = {"expression": "document.getElementsByTagName('*').length", "returnByValue": True}
        with contextlib.suppress(TimeoutError, PlaywrightError):
            async with asyncio.timeout(PROBE_S):
                found = (await self.cdp.send("Runtime.evaluate", asked))["result"].get("value")
                return found if isinstance(found, int) else 0
        return 0

    async def stop_script(self) -> bool:
        """Stop a script that never ends. True when the page answers again."""
        return not self.stuck.is_set() and await self.terminate() and await self.responsive(STOPPED_S)

    async def crash(self) -> None:
        """End the page's renderer: nothing less stops it. One that takes no order goes as its page is closed."""
        if self.mute and not self.stuck.is_set():
            return
        async with meanwhile(self.cdp.send("Page.crash")):  # never answered when it works
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CRASH_S):
                    await self.ended.wait()

    async def terminate(self) -> bool:
        """Tell a script to stop. False when the renderer does not even take that."""
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(TERMINATE_S):
                await self.cdp.send("Runtime.terminateExecution")
                return True
        self.mute = True
        return False

    async def stop_loading(self) -> None:
        """Give up a navigation that is under way."""
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(PROBE_S):
                await self.cdp.send("Page.stopLoading")
