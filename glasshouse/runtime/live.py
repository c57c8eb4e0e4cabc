"""The newest frame of one kit in one session, fanned out to the people who watch now. Nothing is stored.

A viewer takes the newest frame whenever it is ready for one, so a slow viewer sees fewer frames and holds nobody up.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Frame:
    """One picture and what is known about it (`url`, `title`, `width`, …)."""

    data: bytes
    media_type: str
    about: dict[str, Any] = field(hash=False)


class LiveView:
    """See `glasshouse.tool.Live`; `watch` is the viewers' side."""

    def __init__(self) -> None:
        self._newest: Frame | None = None
        self._changed = asyncio.Event()
        self._audience = asyncio.Event()
        self.viewers = 0
        self._ended = False

    def end(self) -> None:
        """Let every viewer end: the server stops."""
        self._ended = True
        self._changed.set()

    def show(self, frame: bytes, media_type: str, **about: Any) -> None:
        self._newest = Frame(frame, media_type, about)
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, *, watched: bool) -> None:
        while (self.viewers > 0) != watched:
            await self._audience.wait()

    async def watch(self) -> AsyncGenerator[Frame, None]:
        """Frames, the newest first of all; close it to stop watching."""
        self._count(+1)
        try:
            shown: Frame | None = None
            while not self._ended:
                changed, newest = self._changed, self._newest
                if newest is not None and newest is not shown:
                    shown = newest
                    yield newest
                else:
                    await changed.wait()
        finally:
            self._count(-1)
            if not self.viewers:
                self._newest = None  # the next audience starts with a fresh frame, not with an old one

    def _count(self, change: int) -> None:
        self.viewers += change
        self._audience.set()
        self._audience = asyncio.Event()
