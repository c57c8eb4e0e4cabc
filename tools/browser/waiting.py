"""Waiting for a text to come or go: the page itself says when it has changed, and only yes or no leaves it."""

import asyncio

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame

from tools.browser.eye import EYE_S, INNER_S, UnresponsiveError
from tools.browser.tab import Tab

LOOK_MS = 300  # between two looks at a page that does not change: its frames may
PAUSE_S = 0.1  # between two looks at one that cannot wait itself, as it is leaving, or forbids scripts
FRAMES = 10


async def awaited(tab: Tab, text: str | None, gone: str | None, seconds: float) -> bool:
    """Wait until a text is there and another is gone, across navigations. False when it takes longer than that."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    plainly = text is None and gone is None
    while not tab.page.is_closed():
        if not plainly and await _holds(tab, text, gone):
            return True
        begun = loop.time()
        if begun >= until:
            break
        left = until - begun
        if plainly:
            await asyncio.sleep(min(PAUSE_S, left))
            continue
        await _changed(tab, min(LOOK_MS, left * 1000))
        if loop.time() - begun < PAUSE_S / 2:
            await asyncio.sleep(PAUSE_S)
    return plainly


async def _changed(tab: Tab, most_ms: float) -> None:
    try:
        await tab.sight.do(tab.page.main_frame, "change", most_ms)
    except PlaywrightError:
        return  # it is navigating


async def _holds(tab: Tab, text: str | None, gone: str | None) -> bool:
    wanted = [one for one in (text, gone) if one is not None]
    looks = await asyncio.gather(*(_seen(tab, frame, wanted) for frame in tab.page.frames[:FRAMES]))
    if any(look is None for look in looks):
        return False
    seen = [any(found) for found in zip(*filter(None, looks), strict=True)]
    return (text is None or seen[0]) and (gone is None or not seen[-1])


async def _seen(tab: Tab, frame: Frame, texts: list[str]) -> list[bool] | None:
    """Which of the texts a frame shows; None when the page itself is navigating."""
    main = frame == tab.page.main_frame
    try:
        found: list[bool] = (await tab.sight.do(frame, "holds", texts, seconds=EYE_S if main else INNER_S))[0]
        return found
    except PlaywrightError:
        return None if main else [False] * len(texts)
    except UnresponsiveError:
        if main:
            raise
        return [False] * len(texts)  # it hangs, or has not come yet
