"""Live frames: Chromium's screencast of the active tab, while somebody watches, and only then.

It follows the active tab, sends nothing while nothing changes, and keeps to a number of frames a second by
acknowledging late: Chromium then draws no more than are taken.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import Live
from tools.browser.session import Session
from tools.browser.tab import Tab

MEDIA_TYPE = "image/jpeg"


def about(session: Session) -> dict[str, Any]:
    """What is known about the picture of the active tab."""
    tab = session.tab
    settings = session.settings
    return {
        "url": tab.page.url,
        "title": tab.title,
        "loading": tab.loading,
        "width": settings.width,
        "height": settings.height,
    }


@contextlib.asynccontextmanager
async def on_air(session: Session, live: Live) -> AsyncIterator[None]:
    """Show live frames of the session for as long as this is entered."""
    task = asyncio.create_task(_broadcast(session, live), name=f"live view of {session.ctx.session_id}")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _broadcast(session: Session, live: Live) -> None:
    while True:
        await live.wait(watched=True)
        session.switched.clear()
        tab = session.tabs.get(session.active_id)
        if tab is None or tab.crashed:
            await _first(session.switched.wait(), live.wait(watched=False))
            continue
        cast = Cast(session, live, tab)
        try:
            await cast.start()
            await _first(session.switched.wait(), live.wait(watched=False))
        except PlaywrightError:
            await _first(session.switched.wait(), live.wait(watched=False))  # the tab went away meanwhile
        finally:
            await cast.stop()


async def _first(*waits: Any) -> None:
    """Return as soon as one of them is over; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Cast:
    """The screencast of one tab."""

    def __init__(self, session: Session, live: Live, tab: Tab) -> None:
        self._session = session
        self._live = live
        self._tab = tab
        self._every_s = 1 / session.settings.fps
        self._last: str | None = None
        self._next_at = 0.0
        self._acks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin; the first frame comes at once, also of a page that stands still."""
        settings = self._session.settings
        self._tab.cdp.on("Page.screencastFrame", self._on_frame)
        size = {"maxWidth": settings.width, "maxHeight": settings.height}
        await self._tab.cdp.send(
            "Page.startScreencast", {"format": "jpeg", "quality": settings.quality, "everyNthFrame": 1, **size}
        )

    async def stop(self) -> None:
        """End; nothing is drawn for nobody."""
        self._tab.cdp.remove_listener("Page.screencastFrame", self._on_frame)
        for ack in list(self._acks):
            ack.cancel()
        with contextlib.suppress(PlaywrightError):
            async with asyncio.timeout(2):
                await self._tab.cdp.send("Page.stopScreencast")

    def _on_frame(self, event: dict[str, Any]) -> None:
        if event["data"] != self._last and self._session.tabs.get(self._session.active_id) is self._tab:
            self._last = event["data"]
            self._live.show(base64.b64decode(event["data"]), MEDIA_TYPE, **about(self._session))
        ack = asyncio.create_task(self._ack(event["sessionId"]))
        self._acks.add(ack)
        ack.add_done_callback(self._acks.discard)

    async def _ack(self, number: int) -> None:
        now = asyncio.get_running_loop().time()
        self._next_at = max(now, self._next_at) + self._every_s
        await asyncio.sleep(self._next_at - now)
        with contextlib.suppress(PlaywrightError):
            await self._tab.cdp.send("Page.screencastFrameAck", {"sessionId": number})
