"""How the driver looks into documents: one eye a frame, and the numbers that its elements got.

A navigation destroys the eyes, so a stale number can never resolve to another page's element. Numbers are counted for
the whole session and never used twice.
"""

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from playwright.async_api import CDPSession, Frame
from playwright.async_api import Error as PlaywrightError

from tools.browser.closed import MOST, lacks_roots, lend_closed_roots
from tools.browser.eye import EYE_S, Eye, FrameEye, MainEye, UnresponsiveError, senses
from tools.browser.telling import Telling
from tools.browser.worlds import Worlds

RETRIES = 4


class StaleError(Exception):
    """A number whose document is gone."""


class Numbers:
    """Who gave which number: ranges of numbers, each of one document."""

    def __init__(self, first: int = 1) -> None:
        self.next = first
        self._starts: list[int] = []
        self._eyes: list[Eye] = []

    def gave(self, eye: Eye, until: int) -> None:
        """The eye has given the numbers from `self.next` up to, not including, `until`."""
        if until <= self.next:
            return
        if not self._eyes or self._eyes[-1] is not eye:
            self._starts.append(self.next)
            self._eyes.append(eye)
        self.next = until

    def eye(self, n: int) -> Eye:
        """The document that a number belongs to. Raises StaleError for numbers from before a restart."""
        at = bisect_right(self._starts, n) - 1
        if at < 0:
            raise StaleError
        return self._eyes[at]

    def forget(self, dead: Eye) -> None:
        """Let go of an eye's handle; its numbers stay taken."""
        dead.let_go()


class Sight:
    """The eyes of one tab."""

    def __init__(self, numbers: Numbers, cdp: CDPSession, key: str, hear: Callable[[str], None]) -> None:
        """`key` is the sentry's; `hear` is called with what it has kept."""
        self._hear = hear
        self._numbers = numbers
        self._cdp = cdp
        self._key = key
        self._lent: str | None = None  # the name under which closed roots lie in the frames of the page
        self._debugging = asyncio.Lock()  # of the DOM: what one is doing there ends when another one ends it
        self._eyes: dict[Frame, Eye] = {}
        self._opening: dict[Frame, asyncio.Lock] = {}
        self._inside = asyncio.Lock()  # frames inside the page are made ready by one at a time
        self.worlds = Worlds(cdp)
        self.telling = Telling(cdp, key, hear)

    async def begin(self, frame_id: str) -> None:
        """Have every document of the tab start with an ear; `frame_id` is Chromium's for the main frame."""
        await self.worlds.begin(frame_id)
        await self.telling.begin()
        await asyncio.gather(
            *(self._cdp.send("Page.addScriptToEvaluateOnNewDocument", one) for one in senses(self._key))
        )

    async def eye(self, frame: Frame) -> Eye:
        """The eye of the document that is in the frame now."""
        return self._eyes.get(frame) or (await self.do(frame, "place"))[1]

    async def opened(self, frames: list[Frame]) -> None:
        """Have the eyes of frames ready, side by side; a document that goes away meanwhile is found out later."""
        async with self._inside:  # who comes second finds them with their closed roots
            eyes = await asyncio.gather(*(self._opened(frame) for frame in frames if frame not in self._eyes))
            found = [eye for eye in eyes if eye]
            with contextlib.suppress(PlaywrightError, UnresponsiveError):
                if found and await self._lacks(found[0]):
                    await asyncio.gather(*map(self._adopted, found))

    async def _opened(self, frame: Frame) -> Eye | None:
        with contextlib.suppress(PlaywrightError, UnresponsiveError):
            return await self._ready(frame)
        return None

    async def _ready(self, frame: Frame) -> Eye:
        """The eye of the frame's document; deeds that come side by side open one for all of them."""
        async with self._opening.setdefault(frame, asyncio.Lock()):
            eye = self._eyes.get(frame)
            if eye is None:
                fresh = await self._open(frame)
                eye = self._eyes.setdefault(frame, fresh)
                if eye is not fresh:  # of a document that another one has followed meanwhile
                    fresh.let_go()
        eye.hear = self._hear
        return eye

    def known(self, frame: Frame) -> Eye | None:
        """The eye of the frame, if it has one already."""
        return self._eyes.get(frame)

    def has(self, eye: Eye) -> bool:
        """Whether this is the eye of a document that is open in this tab now."""
        return self._eyes.get(eye.frame) is eye

    def blink(self, frame: Frame) -> None:
        """The frame shows another document: its eye is gone."""
        self._opening.pop(frame, None)
        eye = self._eyes.pop(frame, None)
        if eye:
            self._numbers.forget(eye)

    def blink_all(self) -> None:
        """The tab shows another page."""
        for frame in [*self._eyes, *self._opening]:
            self.blink(frame)

    async def do(self, frame: Frame, deed: str, given: Any = None, *, seconds: float = EYE_S) -> tuple[Any, Eye]:
        """A deed in whatever document the frame shows: tried again when a navigation cuts in."""
        for attempt in range(RETRIES):
            try:
                return await self._do(frame, deed, given, seconds)
            except PlaywrightError as error:
                self.blink(frame)
                if isinstance(given, dict) and "since" in given:
                    given = {**given, "since": None}  # another document: nothing in it is "new since the last read"
                if attempt == RETRIES - 1 or frame.is_detached() or frame.page.is_closed() or "crashed" in str(error):
                    raise
                await asyncio.sleep(0.03 * (attempt + 1))  # the next document is about to be there
        raise AssertionError("unreachable")

    async def _do(self, frame: Frame, deed: str, given: Any, seconds: float) -> tuple[Any, Eye]:
        eye = await self._ready(frame)
        if eye.searched or frame.parent_frame is not None:
            found = await eye.do(deed, given, seconds=seconds)
            lacking = None if deed == "read" and found.get("declared") else False
        else:  # a new page: asked for once, along with the first deeds, which mostly wait
            eye.search = eye.search or asyncio.create_task(self._search(eye, early=True))
            found, lacking = await asyncio.gather(eye.do(deed, given, seconds=seconds), asyncio.shield(eye.search))
        if lacking is None and isinstance(found, dict) and found.get("elements", 0) <= MOST:
            lacking = await self._lacks(eye)
        if lacking and await self._adopted(eye):
            found = await eye.do(deed, given, seconds=seconds)  # once more, with what was closed
        eye.searched = True
        return found, eye

    async def _lacks(self, eye: Eye) -> bool:
        whole = self._eyes.get(eye.frame.page.main_frame, eye)  # it counts what is in frames of its origin, too
        return bool(await self._search(whole, early=False))

    async def _search(self, eye: Eye, *, early: bool) -> bool | None:
        async with self._debugging:
            return await lacks_roots(self._cdp, eye, early=early)

    async def _adopted(self, eye: Eye) -> bool:
        """Have the eye know the closed roots that HTML has declared. True when there are some."""
        async with self._debugging:
            self._lent = await lend_closed_roots(self._cdp) or self._lent
        return self._lent is not None and bool(await eye.do("adopt", self._lent))

    async def _open(self, frame: Frame) -> Eye:
        if frame.parent_frame is None:
            return await MainEye.open(frame, self.worlds, self._key)
        eye = await FrameEye.open(frame, self._key)
        if self._lent:
            await eye.do("adopt", self._lent)
        return eye
