"""How the driver looks into documents: one eye a frame, and the numbers that its elements got.

A navigation destroys the eyes, so a stale number can never resolve to another page's element. Numbers are counted for
the whole session and never used twice.
"""

import asyncio
import contextlib
import secrets
from bisect import bisect_right
from typing import Any

from playwright.async_api import CDPSession, Frame
from playwright.async_api import Error as PlaywrightError

from tools.browser.closed import lend_closed_roots
from tools.browser.eye import EYE_S, Eye, FrameEye, MainEye, UnresponsiveError

RETRIES = 4

# Frames of the page's own origin: the debugger of the page can see who listens in them.
LISTENERS_JS = """
(() => {
  const found = new WeakSet();
  const types = ["click", "mousedown", "mouseup", "pointerdown", "pointerup", "dblclick"];
  const look = (root) => {
    for (const el of root.querySelectorAll("*")) {
      const had = getEventListeners(el);
      if (types.some((type) => had[type])) found.add(el);
      if (el.shadowRoot) look(el.shadowRoot);
    }
  };
  const inside = (win, depth) => {
    for (let i = 0; i < win.length && i < 20 && depth < 4; i++) frame(win[i], depth);
  };
  const frame = (win, depth) => {
    let doc;
    try { doc = win.document; } catch { return; }
    if (doc.getElementsByTagName("*").length > 8000) return;
    look(doc);
    Object.defineProperty(win, KEY, { value: found, configurable: true, enumerable: false });
    inside(win, depth + 1);
  };
  inside(window, 0);
})()
"""


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
        dead.children.clear()


class Sight:
    """The eyes of one tab."""

    def __init__(self, numbers: Numbers, cdp: CDPSession, token: str) -> None:
        self._numbers = numbers
        self._cdp = cdp
        self._token = token
        self._lent: str | None = None  # the name under which closed roots lie in the frames of the page
        self._eyes: dict[Frame, Eye] = {}

    async def eye(self, frame: Frame) -> Eye:
        """The eye of the document that is in the frame now."""
        return self._eyes.get(frame) or (await self.do(frame, "place"))[1]

    async def opened(self, frame: Frame) -> None:
        """Have the eye of the frame ready; a document that goes away meanwhile is found out later."""
        with contextlib.suppress(PlaywrightError, UnresponsiveError):
            await self.eye(frame)

    def known(self, frame: Frame) -> Eye | None:
        """The eye of the frame, if it has one already."""
        return self._eyes.get(frame)

    def has(self, eye: Eye) -> bool:
        """Whether this is the eye of a document that is open in this tab now."""
        return self._eyes.get(eye.frame) is eye

    def blink(self, frame: Frame) -> None:
        """The frame shows another document: its eye is gone."""
        eye = self._eyes.pop(frame, None)
        if eye:
            self._numbers.forget(eye)

    def blink_all(self) -> None:
        """The tab shows another page."""
        for frame in list(self._eyes):
            self.blink(frame)

    async def do(
        self, frame: Frame, deed: str, given: Any = None, *, listeners: str | None = None, seconds: float = EYE_S
    ) -> tuple[Any, Eye]:
        """A deed in whatever document the frame shows: tried again when a navigation cuts in."""
        for attempt in range(RETRIES):
            try:
                return await self._do(frame, deed, given, listeners, seconds)
            except PlaywrightError as error:
                self.blink(frame)
                if isinstance(given, dict) and "since" in given:
                    given = {**given, "since": None}  # another document: nothing in it is "new since the last read"
                if attempt == RETRIES - 1 or frame.is_detached() or frame.page.is_closed() or "crashed" in str(error):
                    raise
                await asyncio.sleep(0.03 * (attempt + 1))  # the next document is about to be there
        raise AssertionError("unreachable")

    async def _do(self, frame: Frame, deed: str, given: Any, listeners: str | None, seconds: float) -> tuple[Any, Eye]:
        known = self._eyes.get(frame)
        if known is None and frame.parent_frame is None:
            opened, found = await MainEye.open(frame, self._cdp, self._token, deed, given, seconds=seconds)
            self._eyes[frame] = opened
            if await self._adopted(opened):
                found = await opened.do(deed, given, seconds=seconds)  # once more, with what was closed
            return found, opened
        eye = known or self._eyes.setdefault(frame, await self._open_frame(frame))
        found = await eye.do(deed, given, listeners=listeners, seconds=seconds)
        if deed == "read" and found.get("declared") and await self._adopted(eye):
            found = await eye.do(deed, given, seconds=seconds)
        return found, eye

    async def _adopted(self, eye: Eye) -> bool:
        """Have the eye know the closed roots that HTML has declared. True when there are new ones."""
        self._lent = await lend_closed_roots(self._cdp, eye) or self._lent
        return self._lent is not None and bool(await eye.do("adopt", self._lent))

    async def _open_frame(self, frame: Frame) -> Eye:
        eye = await FrameEye.open(frame, self._token)
        if self._lent:
            await eye.do("adopt", self._lent)
        return eye

    async def listeners(self) -> str | None:
        """Leave who listens for clicks in frames of the page's origin under a random name, for their eyes to take."""
        key = f"_{secrets.token_hex(8)}"
        try:
            async with asyncio.timeout(EYE_S):
                await self._cdp.send(
                    "Runtime.evaluate",
                    {
                        "expression": LISTENERS_JS.replace("KEY", f'"{key}"'),
                        "includeCommandLineAPI": True,
                        "silent": True,
                    },
                )
        except TimeoutError:
            raise UnresponsiveError from None
        except PlaywrightError:
            return None
        return key
