"""What is done after an action's answer, one after the other: its picture, its line in the log."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Recording:
    """The records of one session."""

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None

    def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this after the answer, and after all that was to be done before it."""
        self._last = asyncio.create_task(self._do(self._last, work))

    async def _do(self, earlier: asyncio.Task[None] | None, work: Coroutine[Any, Any, None]) -> None:
        if earlier:
            await earlier
        try:
            await work
        except Exception:
            log.exception("an action could not be recorded")

    async def done(self) -> None:
        """All actions are in the log, with their pictures."""
        if self._last:
            await asyncio.shield(self._last)
