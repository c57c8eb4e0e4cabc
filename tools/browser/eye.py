"""The eye of one document: JavaScript that reads and aims. A page can neither see nor forge nor blind that of its tab.

The main frame's eye lives in a world that the page does not see (worlds.py), and is made for the first look at a
document. Frames inside may live in other processes: their eyes go through Playwright, and share the frame's own world.
"""

import asyncio
import contextlib
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import ElementHandle, Frame, JSHandle
from playwright.async_api import Error as PlaywrightError

from tools.browser.worlds import World, Worlds

FRAGMENTS = (
    "ask",
    "describe",
    "visible",
    "walk",
    "read",
    "target",
    "field",
    "change",
    "plain",
    "paint",
    "eye",
)  # in the order they are joined
EYE_S = 6  # a renderer that does not answer for so long is taken to hang
INNER_S = 1.5  # a frame inside the page: what is around it must not wait for one that hangs or never comes
EMBEDDED = 20  # frames inside a page among which that of an object is looked for

MAKE_JS = """(key) => {
  if (!Object.hasOwn(globalThis, "eye")) Object.defineProperty(globalThis, "eye", { value: (%s)(key) });
}"""
DO_JS = "(deed, given) => eye.do(deed, given)"
EAR_JS = "%s(%s, typeof getEventListeners === 'function' ? getEventListeners : null)"
OPEN_JS = """async (key) => {
  if (document.readyState === "loading") await new Promise((done) => {
    document.addEventListener("DOMContentLoaded", done, { once: true });
    setTimeout(done, 1000);
  });
  return (%s)(key);
}"""  # what a frame shows is mostly there soon after the page around it
BORROW_JS = "([name, i]) => window[name]?.[i]"


class UnresponsiveError(Exception):
    """The page's renderer did not answer in time."""


@cache
def source() -> str:
    """The eye: fragments of one closure, joined."""
    folder = files("tools.browser") / "eye"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in FRAGMENTS]
    return "(key) => {\n" + "\n".join(parts) + "\n}"


def senses(key: str) -> list[dict[str, Any]]:
    """What every document of a tab starts with in its own world, as CDP takes it: the ear, and what thins texts.

    Not the eye itself, nor its world: no page waits until Chromium has made these.
    """
    ear, thin = ((files("tools.browser") / name).read_text(encoding="utf-8").strip() for name in ("ear.js", "thin.js"))
    return [
        {"source": thin, "runImmediately": True},
        {"source": EAR_JS % (ear, json.dumps(key)), "includeCommandLineAPI": True, "runImmediately": True},
    ]


class Eye(ABC):
    """The eye of one document in one frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.hear: Callable[[str], None] = lambda told: None  # called with what the sentry has kept (sentry.py)
        self.children: dict[int, Frame] = {}  # frames inside, by the key the eye gave them
        self.search: asyncio.Task[bool | None] | None = None  # for closed shadow roots that the page has declared
        self.searched = False
        self.read_until: int | None = None  # the session's next number when the agent last read this document

    async def do(self, deed: str, given: Any = None, *, seconds: float = EYE_S) -> Any:
        """One deed of the eye. Raises UnresponsiveError, or Playwright's error when the document is gone."""
        try:
            async with asyncio.timeout(seconds):
                found = await self._do(deed, given)
        except TimeoutError:
            raise UnresponsiveError from None
        if isinstance(found, dict) and (told := found.pop("told", None)):
            self.hear(told)
        return found

    async def element(self, n: int) -> ElementHandle | None:
        """The element of a number, as Playwright's handle."""
        return (await self._borrow("element", [n]))[0]

    async def know_children(self, keys: list[int]) -> None:
        """Find out which frames the frame elements hold."""
        if any(frame.is_detached() for frame in self.children.values()):
            self.children.clear()  # places may have been told while frames came and went
        self.children |= await self._by_place([key for key in keys if key not in self.children])
        unknown = [key for key in keys if key not in self.children]
        if not unknown:
            return
        elements = await self._borrow("frame", unknown)
        frames = await asyncio.gather(*(_content(element, self.frame) for element in elements if element))
        known = [key for key, element in zip(unknown, elements, strict=True) if element]
        self.children |= {key: frame for key, frame in zip(known, frames, strict=True) if frame}

    async def _by_place(self, keys: list[int]) -> dict[int, Frame]:
        """The frames by their places among those inside, listed like those of the window, but for shadow roots.

        A handle of an element costs 30 ms instead: Playwright then loads scripts of its own.
        """
        before = list(self.frame.child_frames)
        if not keys or not before:
            return {}
        placed = await self.do("placed", keys)
        if placed["count"] != len(before) or self.frame.child_frames != before:
            return {}
        told = zip(keys, placed["at"], strict=False)  # by the page itself, where the eye shares a frame's world
        return {key: before[at] for key, at in told if type(at) is int and 0 <= at < len(before)}

    def child(self, key: int) -> Frame | None:
        """The frame that a frame element holds, once known."""
        frame = self.children.get(key)
        return None if frame is None or frame.is_detached() else frame

    def let_go(self) -> None:
        """The document is gone."""
        self.children.clear()

    @abstractmethod
    async def _do(self, deed: str, given: Any) -> Any:
        """Have the eye do a deed; its answer as JSON."""

    @abstractmethod
    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        """Handles of what the eye knows by the keys."""


class FrameEye(Eye):
    """The eye of a frame inside the page, held by Playwright's handle."""

    def __init__(self, frame: Frame, handle: JSHandle) -> None:
        super().__init__(frame)
        self._handle = handle
        self._disposing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, frame: Frame, key: str) -> "FrameEye":
        """Open the eye of the document that is in the frame now; `key` is the sentry's."""
        try:
            async with asyncio.timeout(INNER_S):
                return cls(frame, await frame.evaluate_handle(OPEN_JS % source(), key))
        except TimeoutError:
            raise UnresponsiveError from None

    async def _do(self, deed: str, given: Any) -> Any:
        return await self._handle.evaluate("(eye, [deed, given]) => eye.do(deed, given)", [deed, given])

    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        async def one(key: int) -> ElementHandle | None:
            handle = await self._handle.evaluate_handle("(eye, [deed, key]) => eye.do(deed, key)", [deed, key])
            return handle.as_element()

        return await asyncio.gather(*map(one, keys))

    def let_go(self) -> None:
        super().let_go()
        self._disposing = self._disposing or asyncio.create_task(dispose(self._handle))


class MainEye(Eye):
    """The eye of the main frame, in a world that the page does not see."""

    def __init__(self, frame: Frame, world: World) -> None:
        super().__init__(frame)
        self._world = world

    @classmethod
    async def open(cls, frame: Frame, worlds: Worlds, key: str) -> "MainEye":
        """The eye of the document that is shown now; `key` is the sentry's."""
        try:
            async with asyncio.timeout(EYE_S):
                with contextlib.suppress(PlaywrightError):  # that of the document before, whose end is not told yet
                    return cls(frame, await worlds.made(MAKE_JS % source(), key))
                return cls(frame, await worlds.made(MAKE_JS % source(), key))
        except TimeoutError:
            raise UnresponsiveError from None

    async def _do(self, deed: str, given: Any) -> Any:
        return await self._world.call(DO_JS, deed, given)

    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        """The elements lie under a random name for a moment: nothing else leads from CDP's handles to Playwright's."""
        name = f"_{secrets.token_hex(8)}"
        await self.do("lend", {"deed": deed, "keys": keys, "name": name})
        try:
            handles = await asyncio.gather(
                *(self.frame.evaluate_handle(BORROW_JS, [name, i]) for i in range(len(keys)))
            )
        finally:
            await self.do("lend", {"deed": deed, "keys": None, "name": name})
        return [handle.as_element() for handle in handles]


async def _content(element: ElementHandle, around: Frame) -> Frame | None:
    """The frame that an element holds; the handle is not needed any more."""
    try:
        return await element.content_frame() or await _embedded(element, around)
    finally:
        await dispose(element)


async def _embedded(element: ElementHandle, around: Frame) -> Frame | None:
    """The frame that an `object` or `embed` holds: Playwright tells of these from the inside only."""
    if await element.evaluate("el => el.localName") not in ("object", "embed"):
        return None
    for frame in around.child_frames[:EMBEDDED]:
        owner = await frame.frame_element()
        try:
            if await element.evaluate("(el, owner) => el === owner", owner):
                return frame
        finally:
            await dispose(owner)
    return None


async def dispose(handle: JSHandle) -> None:
    """Let go of a handle: the driver keeps it otherwise, as long as its tab (`tests/browser/test_objects.py`)."""
    with contextlib.suppress(PlaywrightError):  # it went with its tab
        await handle.dispose()
