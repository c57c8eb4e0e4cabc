"""Whether Chromium and the driver still answer: a page can keep them busy for minutes, for all sessions."""

import asyncio
import contextlib

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

BEAT_S = 5.0  # between two questions; each costs some 2 ms
SILENT_S = 20.0  # far more than a busy machine takes, and well within the limit of a call


async def silence(browser: Browser) -> bool:
    """Wait until the browser answers no more: True when it is there but silent, False when it is gone."""
    with contextlib.suppress(PlaywrightError):
        cdp = await browser.new_browser_cdp_session()
        while browser.is_connected():
            await asyncio.sleep(BEAT_S)
            try:
                async with asyncio.timeout(SILENT_S):
                    await cdp.send("Browser.getVersion")
            except TimeoutError:
                return browser.is_connected()
    return False
