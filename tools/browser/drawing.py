"""Pages that ask for more than can be drawn: one process draws for all sessions, and would do nothing else for long."""

import asyncio
import contextlib
import logging

from playwright.async_api import Error as PlaywrightError

from tools.browser.eye import UnresponsiveError
from tools.browser.session import Session
from tools.browser.tab import Tab

log = logging.getLogger(__name__)

FRAMES = 10  # of a page that are looked at
ANEW_S = 3  # for the process that draws to be ended


async def lighten(session: Session, tab: Tab) -> None:
    """Take off what a page that could not be drawn has too much of, and have the drawing begun anew."""
    heavy = 0
    for frame in tab.page.frames[:FRAMES]:
        with contextlib.suppress(PlaywrightError, UnresponsiveError):
            heavy += (await tab.sight.do(frame, "lighten"))[0]
    if not heavy:
        return
    session.note(
        f"The page laid filters (blur and the like) over {heavy:,} million px, more than can be drawn: they were taken"
        " off, so it looks different."
    )
    log.warning("a page kept the browser from drawing; the process that draws is started anew")
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(ANEW_S):
            cdp = await (await session.chromium.browser()).new_browser_cdp_session()
            await cdp.send("Browser.crashGpuProcess")
            await cdp.detach()
