"""Live frames: Chromium's screencast of the active tab, while somebody watches, and only then.

It follows the active tab, sends nothing while nothing changes, and keeps to a number of frames a second by
acknowledging late: Chromium then draws no more than are taken. It is as wide as the widest viewer shows it; while
somebody cannot keep up, a page that moves loses quality, and gets it back as soon as it stands still.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import Live, Wish
from tools.browser.meanwhile import meanwhile
from tools.browser.session import Session
from tools.browser.tab import Tab

MEDIA_TYPE = "image/jpeg"
THRIFTY = 1.0, 0.7, 0.45, 0.3  # of the quality, by how thrifty frames have to be
WORST = 10  # JPEG quality; less can be read by nobody
MOVES_AFTER = 4  # frames without a rest: the page moves
STILL_S = 1  # without a frame: the page stands still
IN_FLIGHT = 2  # frames not acknowledged; what is drawn while there are more is dropped by Chromium, and not sent later
SETTLE_S = 0.25  # viewers come and go in groups; the screencast starts again once for all of them


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
    async with meanwhile(_broadcast(session, live)):
        yield


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
            async with meanwhile(cast.run()):
                await _first(session.switched.wait(), live.wait(watched=False))
        finally:
            await cast.stop()


async def _first(*waits: Any) -> None:
    """Return as soon as one of them is over; the others are given up."""
    async with meanwhile(*waits) as waiting:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


@dataclass(frozen=True)
class Form:
    """How frames are taken."""

    width: int
    quality: int


class Cast:
    """The screencast of one tab."""

    def __init__(self, session: Session, live: Live, tab: Tab) -> None:
        self._session = session
        self._live = live
        self._tab = tab
        self._every_s = 1 / session.settings.fps
        self._still_s = max(STILL_S, 2 * self._every_s)
        self._form: Form | None = None
        self._last: str | None = None
        self._next_at = 0.0
        self._acks: set[asyncio.Task[None]] = set()
        self._frames = self._owed = 0  # that came; of them, not acknowledged
        self._dropped = False  # Chromium may have drawn what it did not send
        self._run = 0  # frames without a rest
        self._rest: asyncio.TimerHandle | None = None
        self._turned = asyncio.Event()  # the page has begun to move, or come to rest

    async def run(self) -> None:
        """Take frames in the form that is of use now, until cancelled; the first at once, also of a still page."""
        self._tab.cdp.on("Page.screencastFrame", self._on_frame)
        while True:
            self._turned.clear()
            wish = self._live.wish
            with contextlib.suppress(PlaywrightError):  # the tab went away meanwhile
                await self._start(self._form_of(wish))
            await _first(self._live.changed(wish), self._turned.wait())
            await asyncio.sleep(SETTLE_S)

    def _form_of(self, wish: Wish) -> Form:
        settings = self._session.settings
        share = THRIFTY[wish.thrift] if self._run >= MOVES_AFTER else 1  # what stands still is sharp
        quality = max(min(WORST, settings.quality), round(settings.quality * share))
        return Form(min(wish.width or settings.width, settings.width), quality)

    async def _start(self, form: Form) -> None:
        if form != self._form:
            await self._cast(form)
            self._form = form

    async def _cast(self, form: Form) -> None:
        """Start; one that runs goes over into the form, with a frame of its own."""
        size = {"maxWidth": form.width, "maxHeight": self._session.settings.height}
        await self._tab.cdp.send(
            "Page.startScreencast", {"format": "jpeg", "quality": form.quality, "everyNthFrame": 1, **size}
        )

    async def stop(self) -> None:
        """End; nothing is drawn for nobody."""
        self._tab.cdp.remove_listener("Page.screencastFrame", self._on_frame)
        if self._rest:
            self._rest.cancel()
        for ack in list(self._acks):
            ack.cancel()
        with contextlib.suppress(PlaywrightError):
            async with asyncio.timeout(2):
                await self._tab.cdp.send("Page.stopScreencast")

    def _on_frame(self, event: dict[str, Any]) -> None:
        if event["data"] != self._last and self._session.tabs.get(self._session.active_id) is self._tab:
            self._last = event["data"]
            self._live.show(base64.b64decode(event["data"]), MEDIA_TYPE, **about(self._session))
            self._moved()
        self._frames += 1
        self._owed += 1
        self._dropped |= self._owed >= IN_FLIGHT
        ack = asyncio.create_task(self._ack(event["sessionId"]))
        self._acks.add(ack)
        ack.add_done_callback(self._acks.discard)

    def _moved(self) -> None:
        self._run += 1
        if self._run == MOVES_AFTER:
            self._turned.set()
        if self._rest:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(self._still_s, self._rested)

    def _rested(self) -> None:
        self._run = 0
        self._turned.set()

    async def _ack(self, number: int) -> None:
        now = asyncio.get_running_loop().time()
        self._next_at = max(now, self._next_at) + self._every_s
        await asyncio.sleep(self._next_at - now)
        with contextlib.suppress(PlaywrightError):
            await self._tab.cdp.send("Page.screencastFrameAck", {"sessionId": number})
            self._owed -= 1
            if self._dropped and not self._owed:
                self._dropped = False
                await self._look_again()

    async def _look_again(self) -> None:
        """Ask for the page as it is, if no frame comes by itself: the last one may have been dropped."""
        frames = self._frames
        await asyncio.sleep(self._every_s)
        if frames == self._frames and self._form:
            await self._cast(self._form)
