"""Holds an async context manager open across calls, entered and left by one task of its own.

Calls come from many tasks; a context that was entered in one task may not be left in another (time limits and task
groups inside it would break), so each held context has an owner task that does both.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Generic, TypeVar

T = TypeVar("T")


class Held(Generic[T]):
    """A context manager that is open from `open` to `close`."""

    def __init__(self, context: AbstractAsyncContextManager[T], name: str, variables: Context | None = None) -> None:
        """`variables`: what its task finds in context variables; nothing of whoever opened it, if not given."""
        self._context = context
        self._leave = asyncio.Event()
        self._entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(), name=f"own {name}", context=variables or Context())

    @property
    def value(self) -> T | None:
        """The value, if it is entered now."""
        entered = self._entered
        return entered.result() if entered.done() and not entered.cancelled() and not entered.exception() else None

    async def open(self) -> T:
        """The value, once entered; raises what entering raised. May be awaited by several, and be cancelled by each."""
        if self._entered.done():
            return self._entered.result()
        return await asyncio.shield(self._entered)

    @property
    def now(self) -> T | None:
        """The value if it is there by now, without waiting for it."""
        entered = self._entered
        return entered.result() if entered.done() and not entered.cancelled() and not entered.exception() else None

    async def close(self) -> None:
        """Leave the context and wait until that is done; raises what leaving raised."""
        self._leave.set()
        if not self._entered.done():
            self._owner.cancel()
        await asyncio.wait([self._owner])
        if not self._owner.cancelled() and (error := self._owner.exception()):
            raise error

    async def _own(self) -> None:
        try:
            value = await self._context.__aenter__()
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                self._entered.cancel()
                raise
            self._entered.set_exception(error)
            self._entered.exception()  # read once, so that an opening nobody waits for any more is not reported as lost
            return
        self._entered.set_result(value)
        await self._leave.wait()
        await self._context.__aexit__(None, None, None)
