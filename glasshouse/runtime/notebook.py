"""The writes of one session in their order: what must be stored now, and what may wait a moment to be stored together.

An event of the API or the mark that a result was posted can be had again from the API after a crash, so they wait up to
`SOON_S`; a claim and a result cannot, so they are written at once, behind everything that waits.
"""

import asyncio
import logging
from collections.abc import Callable

from glasshouse.log import Log, Writer

logger = logging.getLogger(__name__)

SOON_S = 0.01  # nobody who watches notices; a busy session's dozen events a call become one transaction

Write = Callable[[Writer], None]


class Notebook:
    """Used by one session; `now` with nothing flushes what waits."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: list[Write] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flushing: asyncio.Task[None] | None = None

    def soon(self, write: Write) -> None:
        """Store a moment later."""
        self._waiting.append(write)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON_S, self._ring)

    async def now(self, *writes: Write) -> None:
        """Store what waits and then these, in one transaction; if it fails, what waited waits on."""
        waited, self._waiting = self._waiting, []
        if self._timer:
            self._timer.cancel()
            self._timer = None
        try:
            async with self._log.transaction() as writer:
                for write in (*waited, *writes):
                    write(writer)
        except BaseException:
            self._waiting[:0] = waited
            raise

    def _ring(self) -> None:
        self._timer = None
        self._flushing = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            await self.now()
        except Exception:
            logger.exception("events could not be stored; they are tried again with the next ones")
