"""What a page may make happen in a second: every event of it goes through the one driver that all sessions share."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

from playwright.async_api import Error as PlaywrightError

MOST = 1500  # events a second: large pages load some hundred things, a loop makes tens of thousands
AGAIN_S = 10  # a page that goes on so soon after its script was stopped is closed


class Flood:
    """Counts the events of one page; more than a page needs stop its script, and then its renderer."""

    def __init__(self, stop: Callable[[], Awaitable[None]], crash: Callable[[], Awaitable[None]]) -> None:
        self._stop = stop
        self._crash = crash
        self._since = monotonic()
        self._count = 0
        self._stopped_at = float(-AGAIN_S)
        self._stopping: asyncio.Task[None] | None = None

    def count(self, *_: object) -> None:
        """One event."""
        now = monotonic()
        if now - self._since > 1:
            self._since, self._count = now, 0
        self._count += 1
        if self._count == MOST:
            again = now - self._stopped_at < AGAIN_S
            self._stopped_at = now
            self._stopping = asyncio.create_task(self._do(self._crash if again else self._stop))

    async def _do(self, work: Callable[[], Awaitable[None]]) -> None:
        with contextlib.suppress(PlaywrightError, TimeoutError):
            await work()
