"""What a session's browser keeps, who else may have a hand on it, and what the people watching get."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Site

STATEFUL = """<!doctype html><title>Shop</title><h1>Shop</h1><p id=o></p><div style="height:3000px"></div>
<button onclick="localStorage.cart = 'mug'; sessionStorage.step = '3'; document.cookie = 'user=ann; max-age=9999'">Keep</button>
<script>o.textContent = `cart ${localStorage.cart} step ${sessionStorage.step} cookie ${document.cookie}`</script>"""


@pytest.mark.parametrize("how", ["sleep", "crash"])
async def test_a_session_goes_on_where_it_was(browser: Any, site: Site, how: str) -> None:
    site.pages["/shop"] = STATEFUL
    site.pages["/other"] = "<title>Other</title><h1>other</h1>"
    await browser("goto", url=site.url("/other"))
    await browser("goto", url=site.url("/shop"))
    await browser("click", target="Keep")
    await browser("tabs", action="new", url=site.url("/other"))
    await browser("tabs", action="select", tab=1)
    await browser("scroll", to="top")
    await browser("scroll", dy=1200)
    await getattr(browser.bench, how)()
    text = await browser("read")
    assert "The browser was asleep: the pages were loaded again" in text
    assert "cart mug step 3 cookie user=ann" in text
    assert "viewport 1200–1600" in text
    text = await browser("click", target="[1]")
    assert "before the page was loaded again" in text
    text = await browser("tabs")
    assert f"→ tab 1  {site.url('/shop')}" in text
    assert f"  tab 2  {site.url('/other')}" in text
    text = await browser("back")
    assert "# other" in text
    restored = [event.data for event in await browser.bench.events() if event.type == "browser.restored"]
    assert restored[0]["url"] == site.url("/shop")


async def test_numbers_go_on_after_a_crash(browser: Any) -> None:
    text = await browser.open("<button>A</button>")
    assert '[1] button "A"' in text
    await browser.bench.crash()
    assert '[2] button "A"' in await browser("read")


async def test_sessions_do_not_see_each_other(browser: Any, site: Site) -> None:
    site.pages["/shop"] = STATEFUL
    names = [f"sesn_{i}" for i in range(6)]

    async def shop(name: str) -> str:
        await browser.bench.call("browser_goto", session=name, url=site.url("/shop"))
        if name == names[0]:
            await browser.bench.call("browser_click", session=name, target="Keep")
        result = await browser.bench.call("browser_goto", session=name, url=site.url("/shop"), read=True)
        return str(result.content[0].text)

    texts = await asyncio.gather(*map(shop, names))
    assert "cart mug" in texts[0]
    assert all("cart undefined" in text for text in texts[1:])


async def test_each_call_leaves_a_picture_and_its_data_in_the_log(browser: Any, site: Site) -> None:
    await browser.open(
        "<button style='position:absolute;left:100px;top:200px;width:80px;height:40px;margin:0'>Go</button>"
    )
    await browser("click", target="Go")
    acted = (await browser.acted())[-1]
    assert acted["target"] == {"n": 1, "role": "button", "name": "Go", "box": [100, 200, 80, 40]}
    assert acted["point"] == [140, 220]
    assert acted["label"] == 'click button "Go"'
    assert acted["tabs"] == [{"id": 1, "title": "T", "url": site.url(), "active": True}]
    data, media_type = await (await browser.state()).ctx.file(acted["frame"])
    assert media_type == "image/jpeg"
    assert data.startswith(b"\xff\xd8")
    await browser("click", target="nothing like this")
    failed = (await browser.acted())[-1]
    assert failed["error"]
    assert "Nothing on the page matches" in failed["said"]


async def test_screenshots_are_image_blocks_within_limits(browser: Any) -> None:
    await browser.open("<button>Go</button><div style='height:9000px;background:linear-gradient(red,blue)'></div>")
    for given in ({}, {"target": "Go"}, {"full_page": True}, {"labels": True}):
        await browser("screenshot", **given)
        image = browser.result.content[-1]
        assert image.media_type == "image/jpeg"
        assert len(image.data) < 3_000_000
    assert "labels" not in await browser("read")


async def test_frames_are_sent_only_while_somebody_watches(browser: Any) -> None:
    await browser.open("<h1>still</h1><button onclick=\"this.textContent='moved'\">Go</button>")
    live = browser.bench.live()
    frames: list[Any] = []

    came = asyncio.Condition()

    async def watch() -> None:
        async for frame in live.watch():
            async with came:
                frames.append(frame)
                came.notify_all()

    async def until(count: int) -> None:
        async with asyncio.timeout(10), came:
            await came.wait_for(lambda: len(frames) >= count)

    watcher = asyncio.create_task(watch())
    await until(1)
    assert frames[0].about["url"] == browser.site.url()
    assert frames[0].data.startswith(b"\xff\xd8")
    seen = len(frames)
    await browser("click", target="Go")
    await until(seen + 1)
    await browser("tabs", action="new")
    await until(seen + 2)
    watcher.cancel()
    await asyncio.gather(watcher, return_exceptions=True)
    seen = len(frames)
    await browser.open("<h1>nobody watches</h1>")
    assert len(frames) == seen


async def test_the_agent_waits_while_the_operator_has_the_controls(open_browser: Any, site: Site) -> None:
    async with open_browser(limit_s=4) as browser:
        await browser.open("<input style='position:absolute;left:0;top:0;width:200px;height:50px'><h1>form</h1>")
        control = browser.bench.control
        assert (await control("browser_control", action="click", x=1, y=1)).is_error
        await control("browser_control", action="take")
        reading = asyncio.create_task(browser("read"))
        await control("browser_control", action="click", x=100, y=20)
        await control("browser_control", action="type", text="by hand")
        await control("browser_control", action="press", keys="Shift+A")
        await control("browser_control", action="scroll", x=100, y=100, dy=10)
        assert not reading.done()
        await control("browser_control", action="release")
        text = await reading
        assert 'value="by handA"' in text
        assert "The operator had the controls meanwhile: click at 100, 20" in text
        assert "by hand" not in str([event["label"] for event in await browser.acted()])
        await control("browser_control", action="take")
        text = await browser("read")
        assert browser.failed
        assert "The operator has the controls" in text
        await control("browser_control", action="goto", url=site.url("/none"))
        await control("browser_control", action="give")
        assert "/none" in await browser("read")


async def test_idle_controls_go_back_by_themselves(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.browser.hands.CONTROL_IDLE_S", 0.2)
    await browser.open("<h1>x</h1>")
    await browser.bench.control("browser_control", action="take")
    assert "# x" in await browser("read")


async def test_an_interrupted_call_leaves_the_browser_usable(browser: Any, site: Site) -> None:
    site.slow["/slow"] = asyncio.Event()
    await browser.open("<h1>here</h1>")
    call = asyncio.create_task(browser("goto", url=site.url("/slow")))
    await asyncio.wait_for(site.waiting.wait(), 5)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert "here" in await browser("read")


def process_file(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    below = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return below + [deeper for child in below for deeper in descendants(child)]


async def test_nothing_of_the_servers_environment_reaches_any_process_of_the_browser(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-of-the-server")
    before = set(descendants(os.getpid()))
    async with open_browser(own=True) as browser:
        await browser.open("<h1>x</h1>")
        children = set(descendants(os.getpid())) - before
        names = {process_file(pid, "cmdline").split(b"\0")[0].rpartition(b"/")[2] for pid in children}
        assert len(children) >= 4
        assert {b"node", b"chromium"} <= names
        for pid in children:
            assert b"ANTHROPIC" not in process_file(pid, "environ")
            assert b"sk-secret" not in process_file(pid, "environ")
    assert "PLAYWRIGHT_NODEJS_PATH" not in os.environ
