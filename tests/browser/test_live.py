"""Live frames: only while somebody watches, only what has changed, no more and no larger than are of use."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from glasshouse.tool import Wish
from tools.browser.live import on_air

pytestmark = pytest.mark.sized

ANIMATED = """<canvas id=c width=600 height=400></canvas><script>let i = 0; (function draw() {
    const p = c.getContext('2d'); i++; p.fillStyle = `hsl(${i * 40}, 90%, 50%)`; p.fillRect(i % 500, 0, 90, 300);
    requestAnimationFrame(draw) })()</script>"""


class Watchers:
    """The people who watch, as the kit sees them: frames are offered once, however many there are."""

    def __init__(self) -> None:
        self.viewers = 0
        self.wish = Wish()
        self.about: dict[str, Any] = {}
        self.frames: list[bytes] = []
        self.shown = asyncio.Event()
        self._changed = asyncio.Event()

    def come(self, count: int, wish: Wish | None = None) -> None:
        self.viewers = count
        self.wish = wish or self.wish
        self._changed.set()
        self._changed = asyncio.Event()

    def show(self, frame: bytes, media_type: str, **about: Any) -> None:
        assert media_type == "image/jpeg"
        self.about = about
        self.frames.append(frame)
        self.shown.set()

    async def wait(self, *, watched: bool) -> None:
        while (self.viewers > 0) != watched:
            await self._changed.wait()

    async def changed(self, wish: Wish) -> None:
        while self.wish == wish:
            await self._changed.wait()

    async def until(self, good: Callable[[bytes], bool]) -> bytes:
        """The newest frame, once it is such a one."""
        async with asyncio.timeout(20):
            while not (self.frames and good(self.frames[-1])):
                self.shown.clear()
                await self.shown.wait()
        return self.frames[-1]


class Asked(list[str]):
    """The captures asked for; `forms` has width and quality of each."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[int | None, int]] = []


def size(frame: bytes) -> tuple[int, int]:
    """Width and height of a JPEG."""
    at = 2
    while frame[at + 1] not in (0xC0, 0xC2):  # the segments that tell it
        at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    height, width = struct.unpack_from(">HH", frame, at + 5)
    return width, height


@asynccontextmanager
async def watching(browser: Any) -> AsyncIterator[tuple[Watchers, Asked]]:
    """Watchers of the session, and the captures that Chromium was asked for from now on."""
    session = await browser.state()
    await session.recorded()
    asked = Asked()
    cdp = session.tab.cdp
    send = cdp.send

    async def noted(method: str, params: Any = None) -> Any:
        if method in ("Page.captureScreenshot", "Page.startScreencast"):
            form = ((params or {}).get("maxWidth"), params["quality"])
            if method == "Page.startScreencast" and form in asked.forms[-1:]:
                return await send(method, params)  # another look in the same form
            asked.append(method)
            asked.forms.append(form)
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
        async with asyncio.timeout(20):
            await watchers.shown.wait()
        session = await browser.state()
        for _ in range(20):  # twenty drawn frames in which nothing changes
            await session.tab.page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
        assert len(set(watchers.frames)) == len(watchers.frames) <= 2
        before = len(watchers.frames)
        watchers.shown.clear()
        await session.tab.page.evaluate("() => { h.textContent = 'changed' }")
        async with asyncio.timeout(20):
            await watchers.shown.wait()
        assert before < len(watchers.frames) <= before + 2
        assert asked == ["Page.startScreencast"]


async def test_frames_keep_to_the_rate_and_ten_viewers_cost_no_more_than_one(open_browser: Any) -> None:
    async with open_browser(fps=5) as browser:
        await browser.open(ANIMATED)
        async with watching(browser) as (watchers, asked):
            watchers.come(1)
            await watchers.until(lambda _: len(watchers.frames) >= 3)  # Chromium sends as many before it waits for us
            watchers.come(10)
            loop = asyncio.get_running_loop()
            start, had = loop.time(), len(watchers.frames)
            async with asyncio.timeout(20):
                while len(watchers.frames) < had + 6:
                    watchers.shown.clear()
                    await watchers.shown.wait()
            assert loop.time() - start >= 5 / 5  # six frames are five intervals at the least
            assert asked == ["Page.startScreencast"]
            watchers.come(0)
            await browser("read")
            watchers.shown.clear()
            had = len(watchers.frames)
            await (await browser.state()).recorded()
            assert len(watchers.frames) == had


async def test_frames_are_as_wide_as_the_widest_viewer_shows_them_and_never_wider_than_the_page(browser: Any) -> None:
    await browser.open("<h1 style='font: 60px serif'>still</h1>" + "<p>words of a page</p>" * 20)
    async with watching(browser) as (watchers, asked):
        watchers.come(1, Wish(480))
        small = await watchers.until(lambda frame: size(frame) == (480, 300))
        assert (watchers.about["width"], watchers.about["height"]) == (1280, 800)  # what clicks are measured in
        for width in (640, 720, 800):  # a group comes in: the screencast starts again once
            watchers.come(3, Wish(width))
        await watchers.until(lambda frame: size(frame) == (800, 500))
        watchers.come(4, Wish(9_999))
        large = await watchers.until(lambda frame: size(frame) == (1280, 800))
        assert 3 * len(small) < len(large)
        assert asked.forms == [(480, 60), (800, 60), (1280, 60)]
        watchers.come(5, Wish(None))  # no other frames for the page: nothing is asked for again
        await browser("read")
        assert asked[3:] in ([], ["Page.captureScreenshot"])


async def test_the_picture_for_the_log_is_whole_whatever_the_viewers_show(browser: Any) -> None:
    await browser.open("<h1>still</h1>")
    async with watching(browser) as (watchers, _):
        watchers.come(1, Wish(320))
        await watchers.until(lambda frame: size(frame) == (320, 200))
        await browser("scroll")
        frame = (await browser.acted())[-1]["frame"]
        data, _ = await (await browser.state()).ctx.file(frame)
        assert size(data) == (1280, 800)


async def test_a_page_that_moves_is_thrifty_for_those_who_lag_and_sharp_when_it_stands_still(open_browser: Any) -> None:
    async with open_browser(fps=30) as browser:
        await browser.open(
            ANIMATED.replace("requestAnimationFrame(draw)", "window.over || requestAnimationFrame(draw)")
        )
        page = (await browser.state()).tab.page
        async with watching(browser) as (watchers, asked):
            watchers.come(1, Wish(640, thrift=3))
            await watchers.until(lambda _: asked.forms[-1:] == [(640, 18)])
            assert asked.forms[0] == (640, 60)  # a first frame is sharp, as most pages stand still
            watchers.come(1, Wish(640, thrift=1))
            await watchers.until(lambda _: asked.forms[-1] == (640, 42))
            await page.evaluate("window.over = true")
            poor = watchers.frames[-1]
            sharp = await watchers.until(lambda frame: asked.forms[-1] == (640, 60) and frame != poor)
            # on a machine so busy that a second passes without a frame, the page has stood still before
            assert set(asked.forms) == {(640, 60), (640, 18), (640, 42)}
            assert size(sharp) == (640, 400)
            forms, count = len(asked), len(watchers.frames)
            await page.evaluate("document.body.append('more')")
            await watchers.until(lambda _: len(watchers.frames) > count)
            assert len(asked) == forms  # one change is no movement: it stays sharp


BURST = """<canvas id=c width=900 height=600></canvas><script>
function burst(left) {
    const p = c.getContext('2d');
    if (left) { p.fillStyle = `hsl(${left * 40}, 90%, 50%)`; p.fillRect(0, 0, 900, 600); requestAnimationFrame(() => burst(left - 1)); return; }
    for (let i = 0; i < 4000; i++) { p.fillStyle = `hsl(${i * 7}, 90%, 50%)`; p.fillRect((i * 37) % 900, (i * 91) % 600, 9, 9); }
}</script>"""  # noqa: E501


async def test_the_end_of_a_burst_of_changes_is_shown_although_chromium_dropped_it(open_browser: Any) -> None:
    async with open_browser(fps=2) as browser:
        await browser.open(BURST)
        async with watching(browser) as (watchers, _):
            watchers.come(1)
            plain = len(await watchers.until(bool))
            await (await browser.state()).tab.page.evaluate("burst(12)")
            await watchers.until(lambda frame: len(frame) > 4 * plain)
