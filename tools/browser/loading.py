"""Waiting for a document that is being loaded, which may break off before it is all there."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from playwright.async_api import Page

T = TypeVar("T")

BROKEN_OFF_S = 0.3  # for a document to be there after its loading has ended: both are told in any order


async def parsed(page: Page, told: asyncio.Event, stopped: asyncio.Event, seconds: float) -> bool:
    """Wait until the document is there, which it mostly has `told` before Playwright does.

    False when it takes longer than that, or has broken off (`stopped`).
    """
    telling = asyncio.ensure_future(told.wait())
    waiting = asyncio.ensure_future(page.wait_for_load_state("domcontentloaded", timeout=seconds * 1000))
    ending = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({telling, waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            await asyncio.wait({waiting}, timeout=BROKEN_OFF_S)
        return telling.done() or (waiting.done() and waiting.exception() is None)
    finally:
        for one in (telling, waiting, ending):
            one.cancel()
        await asyncio.gather(telling, waiting, ending, return_exceptions=True)


async def hurried(look: Coroutine[Any, Any, T], stopped: asyncio.Event, enough: Callable[[], Awaitable[object]]) -> T:
    """What a look gives that itself waits for the document; when that has broken off, `enough` ends its wait."""
    looking, ending = asyncio.ensure_future(look), asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({looking, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            await enough()
        return await looking
    finally:
        looking.cancel()
        ending.cancel()
        await asyncio.gather(looking, ending, return_exceptions=True)
