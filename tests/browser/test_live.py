"""Live frames: only while somebody watches, only what has changed, no more a second than are allowed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tools.browser.live import on_air

ANIMATED = """<canvas id=c width=600 height=400></canvas><script>let i = 0; (function draw() {
    const p = c.getContext('2d'); i++; p.fillStyle = `hsl(${i * 40}, 90%, 50%)`; p.fillRect(i % 500, 0, 90, 300);
    requestAnimationFrame(draw) })()</script>"""


class Watchers:
    """The people who watch, as the kit sees them: frames are offered once, however many there are."""

    def __init__(self) -> None:
        self.viewers = 0
        self.frames: list[bytes] = []
        self.shown = asyncio.Event()
        self._changed = asyncio.Event()

    def come(self, count: int) -> None:
        self.viewers = count
        self._changed.set()

    def show(self, frame: bytes, media_type: str, **about: Any) -> None:
        assert media_type == "image/jpeg"
        self.frames.append(frame)
        self.shown.set()

    async def wait(self, *, watched: bool) -> None:
        while (self.viewers > 0) != watched:
            self._changed.clear()
            await self._changed.wait()


@asynccontextmanager
async def watching(browser: Any) -> AsyncIterator[tuple[Watchers, list[str]]]:
    """Watchers of the session, and the captures that Chromium was asked for from now on."""
    session = await browser.state()
    await session.recorded()
    asked: list[str] = []
    cdp = session.tab.cdp
    send = cdp.send

    async def noted(method: str, params: Any = None) -> Any:
        if method in ("Page.captureScreenshot", "Page.startScreencast"):
            asked.append(method)
        return await send(method, params)

    cdp.send = noted
    watchers = Watchers()
    async with on_air(session, watchers):
        yield watchers, asked
    cdp.send = send


async def test_with_no_viewer_one_picture_is_taken_after_each_call_and_none_else(browser: Any) -> None:
    await browser.open(ANIMATED)
    async with watching(browser) as (watchers, asked):
        for _ in range(3):
            await browser("read")
        await (await browser.state()).recorded()
        assert asked == ["Page.captureScreenshot"] * 3
        assert watchers.frames == []


async def test_a_page_that_stands_still_is_sent_once_and_a_change_once_more(browser: Any) -> None:
    await browser.open("<h1 id=h>still</h1>")
    async with watching(browser) as (watchers, asked):
        watchers.come(1)
        async with asyncio.timeout(5):
            await watchers.shown.wait()
        session = await browser.state()
        for _ in range(20):  # twenty drawn frames in which nothing changes
            await session.tab.page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
        assert len(set(watchers.frames)) == len(watchers.frames) <= 2
        before = len(watchers.frames)
        watchers.shown.clear()
        await session.tab.page.evaluate("() => { h.textContent = 'changed' }")
        async with asyncio.timeout(5):
            await watchers.shown.wait()
        assert before < len(watchers.frames) <= before + 2
        assert asked == ["Page.startScreencast"]


async def test_frames_keep_to_the_rate_and_ten_viewers_cost_no_more_than_one(open_browser: Any) -> None:
    async with open_browser(fps=5) as browser:
        await browser.open(ANIMATED)
        async with watching(browser) as (watchers, asked):
            watchers.come(1)
            async with asyncio.timeout(5):
                await watchers.shown.wait()
            watchers.come(10)
            loop = asyncio.get_running_loop()
            start, had = loop.time(), len(watchers.frames)
            async with asyncio.timeout(5):
                while len(watchers.frames) < had + 6:
                    watchers.shown.clear()
                    await watchers.shown.wait()
            assert loop.time() - start >= 5 / 5  # six frames are five intervals at the least, less one on its way
            assert asked == ["Page.startScreencast"]
            watchers.come(0)
            await browser("read")
            watchers.shown.clear()
            had = len(watchers.frames)
            await (await browser.state()).recorded()
            assert len(watchers.frames) == had
