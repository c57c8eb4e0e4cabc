"""What pages take hold of: file choosers, the whole screen, the pointer, requests (service workers), their renderer's life."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import os
import signal
from typing import Any

import pytest

from tests.browser.conftest import Site

pytestmark = pytest.mark.settled

GOT = "this.files[0].text().then(t => o.textContent = 'got ' + t)"


@pytest.mark.parametrize(
    "click",
    [
        "f.click()",
        "f.showPicker()",
        "const i = document.createElement('input'); i.type = 'file'; i.onchange = f.onchange; i.click()",
    ],
)
async def test_a_file_chooser_is_told_and_given_a_file(browser: Any, site: Site, click: str) -> None:
    site.pages["/d"] = (200, {"Content-Disposition": 'attachment; filename="a.csv"'}, "x,y")
    await browser.open(
        f'<a href=/d>get</a><input type=file id=f onchange="{GOT}"><button onclick="{click}">Pick</button><p id=o></p>'
    )
    await browser("click", target="get")
    assert "is not a file field" in await browser("upload", target="Pick", files=["a.csv"])
    assert "The page asks for a file: browser_upload" in await browser("click", target="Pick")
    await browser("upload", target="Pick", files=["a.csv"])
    assert not browser.failed
    assert "got x,y" in await browser("read")
    assert "The page asks for a file" in await browser("click", target="#f")


async def test_a_file_chooser_that_playwright_tells_of_late_is_told_at_once_and_waited_for(
    browser: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/d"] = (200, {"Content-Disposition": 'attachment; filename="a.csv"'}, "x,y")
    await browser.open(
        f'<a href=/d>get</a><input type=file id=f onchange="{GOT}"><button onclick="f.click()">Pick</button><p id=o></p>'
    )
    await browser("click", target="get")
    tab = (await browser.state()).tab
    late: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    waiting = asyncio.Event()
    chooser = tab.choosing.chooser

    async def waited_for() -> Any:
        waiting.set()
        return await chooser()

    monkeypatch.setattr(tab.choosing, "chooser", waited_for)
    tab.page.remove_listener("filechooser", tab.choosing.take)
    tab.page.on("filechooser", lambda chooser: late.set_result(chooser))
    text = await browser("click", target="Pick")
    assert text.count("The page asks for a file") == 1
    assert "times" not in text
    upload = asyncio.create_task(browser("upload", target="Pick", files=["a.csv"]))
    await waiting.wait()
    tab.choosing.take(await late)
    assert "asks for a file" not in await upload
    assert not browser.failed
    assert "got x,y" in await browser("read")


async def test_a_file_chooser_of_another_site_s_frame_is_told(open_browser: Any, site: Site) -> None:
    site.pages["/frame"] = "<input type=file id=f hidden><button onclick='f.click()'>Pick</button>"
    async with open_browser(allow=f"{site.host},localhost:{site.port}") as browser:
        text = await browser.open(f"<h1>top</h1><iframe src=http://localhost:{site.port}/frame></iframe>")
        assert "Pick" in text
        clicked = await browser("click", target="Pick")
        assert "asks for a file" in clicked + await browser("wait", seconds=0.5)


async def test_fullscreen_and_a_locked_pointer_do_not_stand_in_the_way_of_clicks(browser: Any) -> None:
    await browser.open("""<p id=o></p><button onclick="document.documentElement.requestFullscreen().then(() => o.textContent = 'full')">Full</button>
        <button onclick="document.body.requestPointerLock().then(() => o.textContent = 'locked')">Lock</button>
        <button onclick="o.textContent = 'clicked'">Click</button>""")
    assert "full" in await browser("click", target="Full")
    assert "locked" in await browser("click", target="Lock")
    text = await browser("click", target="Click")
    assert "clicked" in text
    assert "instead" not in text


async def test_an_element_removed_in_mousedown_is_told(browser: Any) -> None:
    await browser.open("<h1>here</h1><button onmousedown='this.remove()'>Gone</button>")
    text = await browser("click", target="Gone")
    assert not browser.failed
    assert "Gone: " in text
    assert "here" in await browser("read")


WORKER = """onactivate = e => e.waitUntil(clients.claim());
onfetch = e => { if (e.request.url.endsWith('/made')) e.respondWith(new Response('<title>M</title><h1>made by the worker</h1>', { headers: { 'content-type': 'text/html' } })) }"""


async def test_pages_of_a_service_worker_are_read_and_what_they_store_survives(browser: Any, site: Site) -> None:
    site.pages["/sw.js"] = (200, {"Content-Type": "text/javascript"}, WORKER)
    await browser.open("""<p id=o></p><p id=r></p><a href=/made>made</a><button onclick="o.textContent = 'kept ' + localStorage.k">Show</button>
        <button onclick="localStorage.k = 'v'">Keep</button><script>navigator.serviceWorker.register('/sw.js');
        navigator.serviceWorker.ready.then(() => { r.textContent = 'ready' })</script>""")
    await browser("wait", text="ready", seconds=5)
    await browser("click", target="Keep")
    assert "made by the worker" in await browser.visit(site.url("/made"))
    await browser("back")
    assert "made by the worker" in await browser("click", target="made")
    assert not any("/made" in line for line in site.asked)
    await browser("back")
    await browser.bench.sleep("sesn_a")
    assert "was asleep" in await browser("read")
    assert "kept v" in await browser("click", target="Show")


async def kill_renderers(browser: Any) -> None:
    chromium = await (await browser.state()).chromium.browser()
    cdp = await chromium.new_browser_cdp_session()
    for process in (await cdp.send("SystemInfo.getProcessInfo"))["processInfo"]:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    await cdp.detach()


@pytest.mark.parametrize("during", [False, True])
async def test_a_renderer_that_is_killed_is_told_and_the_next_call_works(browser: Any, during: bool) -> None:
    await browser.open("<h1>here</h1>")
    session = await browser.state()
    await session.recorded()
    tab = session.tab
    call = asyncio.create_task(browser("wait", text="never", seconds=10)) if during else None
    if call:
        asked = asyncio.Event()
        tab.page.on("request", lambda _: asked.set())
        await tab.page.evaluate("() => void fetch('/none')")
        await asked.wait()
    await kill_renderers(browser)
    text = await call if call else ""
    await tab.ended.wait()
    text += await browser("read")
    assert "crashed: an empty tab" in text
    assert "# again" in await browser.open("<h1>again</h1>")
