"""The eye's worlds in the documents of the main frame, as Chromium reports them, and what the eyes tell unasked.

A document is told as soon as it can be read: who waits for it need not ask a renderer that is busy. What is told is
checked like anything from a stranger: a renderer may have been taken over by its page.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from playwright.async_api import CDPSession
from pydantic import BaseModel, ConfigDict, Field, ValidationError

WORLD = "glasshouse"  # the world's name; known to debuggers only
TELL = "tell"  # by which an eye tells something, in that world alone
LIMIT = 4000  # characters of a page that are told
TOLD_MAX = 400_000  # characters of all that is told, storage and marks included
MARK = re.compile("\x01(\\d{1,6})\x02")  # a number that counts from 1

Line = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=200_000)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Pixels = Annotated[int, Field(ge=-(10**9), le=10**9)]


class Box(BaseModel):
    """What is told of local or session storage: its sum, and its entries when they are few."""

    sum: Short
    entries: list[tuple[str, str]] | None = None


class Stored(BaseModel):
    """What the page has stored."""

    origin: Short
    local: Box
    session: Box


class Told(BaseModel):
    """What the eye of a new document tells: a reading, its numbers from 1 on and marked, and where the page stands."""

    model_config = ConfigDict(strict=True)

    lines: list[Line] = Field(max_length=20_000)
    more: bool
    late: bool
    shown: Count
    next: Annotated[int, Field(ge=1, le=100_000)]
    frames: list[Count] = Field(max_length=20_000)
    url: Short
    title: Short
    kind: Short
    x: Pixels
    y: Pixels
    height: Pixels
    full: Pixels
    elements: Count
    counted: Count | None
    stored: Stored

    def reading(self, base: int, known: dict[str, Any]) -> dict[str, Any]:
        """As a deed would have answered whose first number is `base`; `known` are sums of storage, by the tab."""
        found = self.model_dump(exclude_none=True, exclude={"counted"})
        lines = [MARK.sub(lambda mark: f"[{base - 1 + int(mark[1])}]", line) for line in self.lines]
        local, session = self.stored.local, self.stored.session
        sums = known["local"].get(self.stored.origin), known["session"]
        if any(box.entries is None and box.sum != sum for box, sum in zip((local, session), sums, strict=True)):
            found["stored"] = None  # more than is told: the page is asked
        return found | {"lines": lines, "next": base - 1 + self.next, "loading": False}


@dataclass(eq=False, slots=True)
class World:
    """The eye's world in one document."""

    id: int  # Chromium's; used again by later documents
    told: str | None = None  # what its eye has told unasked
    spent: bool = False  # a deed was asked of the eye, or what it told was taken: it tells no more
    base: int | None = None  # the number that the first of those it told has got


class Worlds:
    """The world that the main frame has now."""

    def __init__(self, cdp: CDPSession, lost: Callable[[], None]) -> None:
        """`lost` is called when the document has gone."""
        self.now: World | None = None
        self._cdp = cdp
        self._lost = lost
        self._main = ""
        self._news = asyncio.Event()

    async def begin(self, frame_id: str) -> None:
        """Listen; `frame_id` is Chromium's for the main frame. To be called before the eye is in any document."""
        self._main = frame_id
        self._cdp.on("Runtime.executionContextCreated", self._on_created)
        self._cdp.on("Runtime.executionContextDestroyed", self._on_destroyed)
        self._cdp.on("Runtime.executionContextsCleared", lambda _: self.leave(self.now))
        self._cdp.on("Runtime.bindingCalled", self._on_told)
        await asyncio.gather(
            self._cdp.send("Runtime.enable"),
            self._cdp.send("Runtime.addBinding", {"name": TELL, "executionContextName": WORLD}),
        )

    def leave(self, world: World | None) -> None:
        """This world is no more, or cannot be reached."""
        if world is not None and world is self.now:
            self.now = None
            self._lost()
            self._news.set()

    def of(self, context_id: int) -> World:
        """The world of the main frame that goes by this id."""
        if self.now is None or self.now.id != context_id:
            self.now = World(context_id)
        return self.now

    def forget(self) -> None:
        """What was told until now is old: the page may have changed since."""
        if self.now and self.now.told is not None:
            self.now.told, self.now.spent = None, True

    async def other_than(self, world: World | None, *, seconds: float) -> None:
        """Wait until the main frame has another world than this one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.now is None or self.now is world:
                    await self._next()

    async def told(self, *, seconds: float) -> tuple[World, Told] | None:
        """What the eye of the document tells that is there, or comes meanwhile. None: it has to be asked."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.now and not self.now.spent:
                    if self.now.told is not None:
                        return _checked(self.now)
                    await self._next()
        return None

    async def _next(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _on_created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"] == WORLD and context.get("auxData", {}).get("frameId") == self._main:
            self.leave(self.now)
            self.now = World(context["id"])
            self._news.set()

    def _on_destroyed(self, event: dict[str, Any]) -> None:
        if self.now and event["executionContextId"] == self.now.id:
            self.leave(self.now)

    def _on_told(self, event: dict[str, Any]) -> None:
        world = self.now
        if event["name"] != TELL or world is None or event["executionContextId"] != world.id or world.spent:
            return
        if world.told is not None or len(event["payload"]) > TOLD_MAX:
            world.spent = True  # an eye tells once, and little
        else:
            world.told = event["payload"]
        self._news.set()


def _checked(world: World) -> tuple[World, Told] | None:
    told, world.told, world.spent = world.told, None, True
    try:
        return world, Told.model_validate_json(told or "")
    except ValidationError:
        return None
