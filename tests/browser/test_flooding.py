"""Pages and workers that send without end: they are stopped, and other sessions do not notice."""

import asyncio
import os
from time import perf_counter
from typing import Any

import pytest

from tests.browser.conftest import Page, Site
from tests.server.awkward import Awkward
from tools.browser import flood
from tools.browser.ranks import LOWEST, worker_threads

SCRIPT = {"Content-Type": "text/javascript"}
SOCKET = "new WebSocket('ws://' + location.host + '/flood').onmessage = () => {}"
GUARD_S = 20


async def test_workers_that_get_messages_without_end_are_ended_and_hold_nobody_up(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "MESSAGES", 60)  # the flood comes from this process, and workers have the lowest rank
    pages: dict[str, Page] = {"/": "<h1>x</h1><script>new Worker('/w.js')</script>", "/w.js": (200, SCRIPT, SOCKET)}
    async with Awkward(pages, burst=40).open() as site, open_browser(allow=site.host) as browser:
        other = browser.bench
        await other.call("browser_goto", session="sesn_b", url="about:blank")
        begun = perf_counter()
        await other.call("browser_read", session="sesn_b")
        usual_s = perf_counter() - begun
        said = await browser("goto", url=site.url("/"))
        async with asyncio.timeout(GUARD_S):
            while "The page's workers got or sent messages without end" not in said:
                said = await browser("read")
        begun = perf_counter()
        await other.call("browser_read", session="sesn_b")
        assert perf_counter() - begun < 3 + 10 * usual_s
        assert "# x" in await browser("read")
        assert not browser.failed


async def test_what_pages_and_workers_write_to_the_console_goes_no_further(browser: Any, site: Site) -> None:
    site.pages["/w.js"] = (200, SCRIPT, "onmessage = () => { console.log('worker'); postMessage(console.log.length) }")
    await browser.open("<p>-</p>")
    page = (await browser.state()).tab.page
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    async with page.expect_event("worker") as hired:
        await page.evaluate("() => { console.log('page'); console.error('page'); window.w = new Worker('/w.js') }")
    await (await hired.value).evaluate("1")  # it is answered after what was asked before: that its console be muted
    await page.evaluate("() => new Promise(done => { w.onmessage = done; w.postMessage(0) })")
    assert said == []
    await browser("read")
    assert (await browser.acted())[-1]["counts"]["console_errors"] == 1


async def test_a_page_that_cannot_be_drawn_keeps_nobody_from_clicking(browser: Any, site: Site) -> None:
    site.pages["/calm"] = "<button onclick='this.textContent = 7'>go</button>"
    other = browser.bench
    await other.call("browser_goto", session="sesn_b", url=site.url("/calm"))
    site.pages["/"] = f"<style>div {{ filter: blur(20px); width: 5000px; height: 5000px }}</style>{'<div>' * 60}x"
    await browser("goto", url=site.url("/"))
    clicked = await other.call("browser_click", session="sesn_b", target="go")
    assert "Clicked" in clicked.content[0].text
    await (await browser.state()).recorded()
    assert "laid filters (blur and the like) over" in await browser("read")
    shot = await other.call("browser_screenshot", session="sesn_b")
    assert not shot.is_error


async def test_a_screenshot_is_taken_while_the_drawing_begins_anew(browser: Any) -> None:
    await browser.open("<p>here")
    chromium = await (await browser.state()).chromium.browser()
    cdp = await chromium.new_browser_cdp_session()
    for _ in range(3):
        await cdp.send("Browser.crashGpuProcess")
        await browser("screenshot")
        assert not browser.failed


def _ranks() -> list[int]:
    """Of the threads of workers."""
    return [os.getpriority(os.PRIO_PROCESS, thread) for thread in worker_threads()]


async def test_workers_have_what_others_leave_of_the_processors(browser: Any, site: Site) -> None:
    site.pages["/w.js"] = (200, SCRIPT, "new Worker('/n.js').onmessage = () => { postMessage(0); for (;;); }")
    site.pages["/n.js"] = (200, SCRIPT, "postMessage(0); for (;;);")
    await browser.open("<p id=o>-</p><script>new Worker('/w.js').onmessage = () => { o.textContent = 'busy' }</script>")
    assert "is on the page" in await browser("wait", text="busy", seconds=5)
    async with asyncio.timeout(GUARD_S):
        while len(found := _ranks()) < 2 or set(found) != {LOWEST}:
            await browser("read")
    assert "busy" in await browser("read")


async def test_a_page_whose_workers_were_not_to_blame_keeps_them(browser: Any, site: Site) -> None:
    site.pages["/w.js"] = (200, SCRIPT, "onmessage = () => postMessage('at work')")
    await browser.open(
        "<p id=o>-</p><script>w = new Worker('/w.js'); w.onmessage = e => { o.textContent = e.data }</script>"
    )
    page = (await browser.state()).tab.page
    assert await page.evaluate("[new Worker('/w.js') instanceof Worker, Worker.name, w.constructor === Worker]") == [
        True, "Worker", True,
    ]  # fmt: skip
    await page.evaluate("w.postMessage(0)")
    assert "is on the page" in await browser("wait", text="at work", seconds=3)
