"""Waiting for a document that is being loaded, which may break off before it is all there."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from playwright.async_api import Page

from tools.browser.meanwhile import meanwhile

T = TypeVar("T")

BROKEN_OFF_S = 0.3  # for a document to be there after its loading has ended: both are told in any order


async def parsed(page: Page, told: asyncio.Event, stopped: asyncio.Event, seconds: float) -> bool:
    """Wait until the document is there, which it mostly has `told` before Playwright does.

    False when it takes longer than that, or has broken off (`stopped`).
    """
    there = page.wait_for_load_state("domcontentloaded", timeout=seconds * 1000)
    async with meanwhile(told.wait(), there, stopped.wait()) as (telling, waiting, ending):
        await asyncio.wait({telling, waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            await asyncio.wait({waiting}, timeout=BROKEN_OFF_S)
        return telling.done() or (waiting.done() and waiting.exception() is None)


async def hurried(look: Coroutine[Any, Any, T], stopped: asyncio.Event, enough: Callable[[], Awaitable[object]]) -> T:
    """What a look gives that itself waits for the document; when that has broken off, `enough` ends its wait."""
    async with meanwhile(look, stopped.wait()) as (looking, ending):
        await asyncio.wait({looking, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            await enough()
        found: T = await looking
        return found
