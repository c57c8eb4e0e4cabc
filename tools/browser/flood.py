"""What a page may make happen in a second: every event of it goes through the one driver that all sessions share."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, WebSocket, Worker

from tools.browser.renderer import Renderer
from tools.browser.sight import Sight

MOST = 1500  # events a second: large pages load some hundred things, a loop makes tens of thousands
MESSAGES = 2000  # of WebSockets a second, for a page's workers to be ended; its own sockets are closed by sentry.js
GRACE_S = 1.0  # after it was stopped, for what has happened before to come in
MUTE_JS = "() => { for (const name in console) if (typeof console[name] === 'function') console[name] = () => {} }"
AGAIN_S = 10  # a page that goes on so soon after its script was stopped is closed


class Flood:
    """Counts the events of one page; more than a page needs stop its script, and then its renderer."""

    def __init__(
        self, stop: Callable[[], Awaitable[bool]], crash: Callable[[], Awaitable[None]], *, most: int = MOST
    ) -> None:
        """`stop` says whether it found what there is to stop."""
        self._most = most
        self._stop = stop
        self._crash = crash
        self._since = monotonic()
        self._count = 0
        self._stopped_at = float(-AGAIN_S)
        self._stopping: asyncio.Task[None] | None = None
        self._deaf_until = 0.0

    def count(self, *_: object) -> None:
        """One event."""
        now = monotonic()
        if now < self._deaf_until:
            return
        if now - self._since > 1:
            self._since, self._count = now, 0
        self._count += 1
        if self._count == self._most:
            self._deaf_until = now + AGAIN_S
            self._stopping = asyncio.create_task(self._end(again=now - self._stopped_at < AGAIN_S))

    async def _end(self, *, again: bool) -> None:
        with contextlib.suppress(PlaywrightError, TimeoutError):
            if again:
                await self._crash()
            elif await self._stop():
                self._stopped_at = monotonic()
        self._deaf_until = monotonic() + GRACE_S


class Floods:
    """What is counted of a page: what it makes happen itself, and the messages of its workers."""

    def __init__(self, page: Page, renderer: Renderer, sight: Sight, note: Callable[[str], None]) -> None:
        self._page = page
        self._renderer = renderer
        self._sight = sight
        self._note = note
        self.events = Flood(self._stop_script, renderer.crash)
        self._messages = Flood(self._stop_messages, renderer.crash, most=MESSAGES)
        page.on("pageerror", self.events.count)
        page.on("frameattached", self.events.count)
        page.on("websocket", self._on_socket)
        page.on("worker", Hush())

    async def _stop_script(self) -> bool:
        self._note("The page did something without end (errors, requests or frames), so its script was stopped.")
        await self._renderer.terminate()
        await self._dismiss()
        return True

    async def _stop_messages(self) -> bool:
        ended = await self._dismiss()
        if ended:
            self._note("The page's workers got or sent messages without end (WebSocket), so they were ended.")
        return ended

    async def _dismiss(self) -> bool:
        """End the workers of the page and its frames. Whether there were some."""
        looks = (self._sight.do(frame, "dismiss") for frame in self._page.frames)
        found = await asyncio.gather(*looks, return_exceptions=True)
        return any(one[0] for one in found if not isinstance(one, BaseException))

    def _on_socket(self, socket: WebSocket) -> None:
        self.events.count()
        socket.on("framereceived", self._messages.count)
        socket.on("framesent", self._messages.count)


class Hush:
    """Takes the console of workers away: nobody reads it, as with documents (sentry.js)."""

    def __init__(self) -> None:
        self._muting: set[asyncio.Task[None]] = set()

    def __call__(self, worker: Worker) -> None:
        muting = asyncio.create_task(self._mute(worker))
        self._muting.add(muting)
        muting.add_done_callback(self._muting.discard)

    async def _mute(self, worker: Worker) -> None:
        with contextlib.suppress(PlaywrightError):  # it has ended
            await worker.evaluate(MUTE_JS)
