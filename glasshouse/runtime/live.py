"""The newest frame of one kit in one session, fanned out to the people who watch now. Nothing is stored.

A viewer takes the newest frame whenever it is ready for one, so a slow viewer sees fewer frames and holds nobody up.
What all of them together can make use of is the wish; a kit makes its frames by it, once for all.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection
from dataclasses import dataclass, field
from typing import Any

from glasshouse.tool import Wish

WINDOW = 16  # frames after which it is judged whether everybody keeps up: two seconds of what a browser shows
MANY = 4  # frames of a window that the slowest may skip
THRIFTIEST = 3
PATIENCE = 2, 32  # windows without a skip before frames get richer again: at first, and after they often were too rich


@dataclass(frozen=True)
class Frame:
    """One picture and what is known about it (`url`, `title`, `width`, …)."""

    data: bytes
    media_type: str
    about: dict[str, Any] = field(hash=False)


@dataclass(eq=False)
class Viewer:
    """One who watches: how wide the picture is there (None: unknown), the newest frame it took, how many it skipped."""

    width: int | None
    has: Frame | None = None
    skipped: int = 0


class Pace:
    """How thrifty frames have to be for everybody to keep up: one step at a time, and back with growing patience."""

    def __init__(self) -> None:
        self.thrift = 0
        self._frames = 0
        self._calm = 0
        self._patience = PATIENCE[0]

    def count(self, viewers: Collection[Viewer], frame: Frame | None) -> None:
        """This frame is over: who did not take it has skipped it."""
        for viewer in viewers:
            viewer.skipped += viewer.has is not frame
        self._frames += 1
        if self._frames < WINDOW:
            return
        # one who took none but the first is stuck: no frame is small enough for it, so it spoils none for the others
        self._judge(max((each.skipped for each in viewers if each.skipped < WINDOW - 1), default=0))
        self._frames = 0
        for viewer in viewers:
            viewer.skipped = 0

    def _judge(self, skipped: int) -> None:
        self._calm = 0 if skipped else self._calm + 1
        if skipped > MANY and self.thrift < THRIFTIEST:
            self.thrift += 1
            self._patience = min(2 * self._patience, PATIENCE[1])
        elif self._calm >= self._patience:
            self._calm = 0
            if not self.thrift:
                self._patience = PATIENCE[0]
            self.thrift = max(self.thrift - 1, 0)


class LiveView:
    """See `glasshouse.tool.Live`; `watch` is the viewers' side."""

    def __init__(self) -> None:
        self._newest: Frame | None = None
        self._changed = asyncio.Event()
        self._audience = asyncio.Event()
        self._viewers: set[Viewer] = set()
        self._pace = Pace()
        self._ended = False

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    @property
    def wish(self) -> Wish:
        widths = [viewer.width for viewer in self._viewers if viewer.width is not None]
        return Wish(max(widths) if widths and len(widths) == len(self._viewers) else None, self._pace.thrift)

    def end(self) -> None:
        """Let every viewer end: the server stops."""
        self._ended = True
        self._changed.set()

    def show(self, frame: bytes, media_type: str, **about: Any) -> None:
        thrift = self._pace.thrift
        if self._newest:
            self._pace.count(self._viewers, self._newest)
        self._newest = Frame(frame, media_type, about)
        self._changed.set()
        self._changed = asyncio.Event()
        if thrift != self._pace.thrift:
            self._stir()

    async def wait(self, *, watched: bool) -> None:
        while (self.viewers > 0) != watched:
            await self._audience.wait()

    async def changed(self, wish: Wish) -> None:
        while self.wish == wish:
            await self._audience.wait()

    async def watch(self, width: int | None = None) -> AsyncGenerator[Frame, None]:
        """Frames, the newest first of all; close it to stop watching. `width`: pixels across which they are shown."""
        viewer = Viewer(width)
        self._viewers.add(viewer)
        self._stir()
        try:
            while not self._ended:
                changed, newest = self._changed, self._newest
                if newest is not None and newest is not viewer.has:
                    viewer.has = newest
                    yield newest
                else:
                    await changed.wait()
        finally:
            self._viewers.discard(viewer)
            if not self._viewers:
                self._newest = None  # the next audience starts with a fresh frame, not with an old one
                self._pace = Pace()
            self._stir()

    def _stir(self) -> None:
        self._audience.set()
        self._audience = asyncio.Event()
