"""Work that goes on beside other work, and ends with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any


@contextlib.asynccontextmanager
async def meanwhile(*works: Awaitable[Any]) -> AsyncIterator[list[asyncio.Future[Any]]]:
    """Have works done side by side for as long as this is entered; what is not done by then is given up."""
    futures: list[asyncio.Future[Any]] = [asyncio.ensure_future(work) for work in works]
    try:
        yield futures
    finally:
        for one in futures:
            one.cancel()
        await asyncio.gather(*futures, return_exceptions=True)
