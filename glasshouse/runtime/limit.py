"""A time limit around a piece of work: what `asyncio.timeout` does, for half of its price.

It has one use and so no way to be moved or asked; each action of each kit is run in one.
"""

import asyncio
from types import TracebackType


class TimeLimit:
    """`with TimeLimit(seconds):` cancels the task when the time is up, and raises TimeoutError for it."""

    __slots__ = ("_after_s", "_before", "_task", "_timer", "_up")

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._up = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task
        self._task, self._before = task, task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._after_s, self._ring)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        if self._up and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error  # unless somebody else cancelled the task as well

    def _ring(self) -> None:
        self._up = True
        self._task.cancel()
