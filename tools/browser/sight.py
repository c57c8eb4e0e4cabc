"""How the driver looks into documents: one eye a frame, and the numbers that its elements got.

Eyes are JavaScript objects kept alive by a handle; a navigation destroys them, so a stale number can never
resolve to another page's element. Numbers are counted for the whole session and never used twice.
"""

import asyncio
import contextlib
import secrets
from bisect import bisect_right
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import CDPSession, ElementHandle, Frame, JSHandle
from playwright.async_api import Error as PlaywrightError

FRAGMENTS = ("describe", "visible", "read", "target", "field", "change", "eye")  # in the order they are joined
EYE_S = 6  # a renderer that does not answer for so long is taken to hang
RETRIES = 4

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
  const frame = (win, depth) => {
    let doc;
    try { doc = win.document; } catch { return; }
    if (doc.getElementsByTagName("*").length > 8000) return;
    look(doc);
    Object.defineProperty(win, KEY, { value: found, configurable: true, enumerable: false });
    if (depth < 3) for (let i = 0; i < win.length && i < 20; i++) frame(win[i], depth + 1);
  };
  frame(window, 0);
})()
"""


class UnresponsiveError(Exception):
    """The page's renderer did not answer in time."""


class StaleError(Exception):
    """A number whose document is gone."""


@cache
def eye_source() -> str:
    """The eye's JavaScript: fragments of one closure, joined."""
    folder = files("tools.browser") / "eye"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in FRAGMENTS]
    return "() => {\n" + "\n".join(parts) + "\n}"


class Eye:
    """The eye of one document in one frame."""

    def __init__(self, frame: Frame, handle: JSHandle) -> None:
        self.frame = frame
        self.handle = handle
        self.children: dict[int, Frame] = {}  # frames inside, by the key the eye gave them
        self.read_until: int | None = None  # the session's next number when the agent last read this document

    async def do(self, deed: str, given: Any = None, *, listeners: str | None = None, seconds: float = EYE_S) -> Any:
        """One deed of the eye. Raises UnresponsiveError, or Playwright's error when the document is gone."""
        try:
            async with asyncio.timeout(seconds):
                return await self.handle.evaluate(
                    "(eye, [deed, given, key]) => eye.do(deed, given, key)", [deed, given, listeners]
                )
        except TimeoutError:
            raise UnresponsiveError from None

    async def element(self, n: int) -> ElementHandle | None:
        """The element of a number, as Playwright's handle."""
        return (await self.handle.evaluate_handle("(eye, n) => eye.do('element', n)", n)).as_element()

    async def child(self, key: int) -> Frame | None:
        """The frame that a frame element holds."""
        if key not in self.children:
            element = (await self.handle.evaluate_handle("(eye, key) => eye.do('frame', key)", key)).as_element()
            frame = await element.content_frame() if element else None
            if frame is None:
                return None
            self.children[key] = frame
        frame = self.children[key]
        return None if frame.is_detached() else frame


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

    def __init__(self, numbers: Numbers, cdp: CDPSession) -> None:
        self._numbers = numbers
        self._cdp = cdp
        self._eyes: dict[Frame, Eye] = {}

    async def eye(self, frame: Frame) -> Eye:
        """The eye of the document that is in the frame now."""
        known = self._eyes.get(frame)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(EYE_S):
                eye = Eye(
                    frame, await frame.evaluate_handle("() => { const make = (" + eye_source() + "); return make(); }")
                )
        except TimeoutError:
            raise UnresponsiveError from None
        self._eyes[frame] = eye
        return eye

    async def opened(self, frame: Frame) -> None:
        """Have the eye of the frame ready; a document that goes away meanwhile is found out later."""
        with contextlib.suppress(PlaywrightError):
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

    async def do(self, frame: Frame, deed: str, given: Any = None, *, listeners: str | None = None) -> tuple[Any, Eye]:
        """A deed in whatever document the frame shows: tried again when a navigation cuts in."""
        for attempt in range(RETRIES):
            try:
                eye = await self.eye(frame)
                return await eye.do(deed, given, listeners=listeners), eye
            except PlaywrightError as error:
                self.blink(frame)
                if isinstance(given, dict) and "since" in given:
                    given = {**given, "since": None}  # another document: nothing in it is "new since the last read"
                if attempt == RETRIES - 1 or frame.is_detached() or frame.page.is_closed() or "crashed" in str(error):
                    raise
                await asyncio.sleep(0.05 * (attempt + 1))  # the next document is about to be there
        raise AssertionError("unreachable")

    async def listeners(self) -> str | None:
        """Leave the elements that listen for clicks in the page under a random name, for the next deed to take."""
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
