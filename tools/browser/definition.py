"""The kit's definition; its tools and controls register themselves on it (actions.py and its neighbours)."""

import contextlib
from collections.abc import AsyncIterator

from glasshouse.tool import Context, Kit
from tools.browser.chromium import Chromium, guards, open_chromium
from tools.browser.keeping import Keeper, recall
from tools.browser.live import on_air
from tools.browser.session import Session
from tools.browser.settings import BrowserSettings


@contextlib.asynccontextmanager
async def open_session(ctx: Context) -> AsyncIterator[Session]:
    """The session's browser, from what was kept of it; what is open is kept again at the end."""
    session = Session(ctx, Keeper(await recall(ctx.memory)))
    async with on_air(session, ctx.live):
        try:
            yield session
        finally:
            await session.close()


kit: Kit[Session] = Kit(
    name="browser",
    title="Browser",
    state=open_session,
    check="browser_read",
    settings=BrowserSettings,
    server=open_chromium,
    guards=guards,
    figures=Chromium.figures,
    live=True,
)
