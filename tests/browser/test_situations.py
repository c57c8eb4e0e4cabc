"""Hard situations: each call is answered within its limit with a line that says what happened, and the next call works."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import time
from typing import Any

import pytest

from tests.browser.conftest import Site
from tools.browser import renderer

pytestmark = pytest.mark.long


async def test_dialogs_during_load_and_without_end_do_not_freeze_a_call(browser: Any) -> None:
    start = time.monotonic()
    text = await browser.open("<script>alert('loading')</script><h1>loaded</h1>")
    assert "loaded" in text
    assert "alert 'loading' was closed." in text
    text = await browser.open("<h1>first</h1><button onclick='for (;;) alert(1)'>loop</button>")
    begun = time.monotonic()
    text = await browser("click", target="loop")
    assert "opened dialogs without end, so its script was told to stop" in text
    assert time.monotonic() - begun < 8  # 1 to 2 s on a machine of its own
    if "did not stop, so tab 1 was closed" not in text:
        assert "first" in await browser("read")
    await browser.open("<script>onbeforeunload = e => e.preventDefault()</script><input aria-label=x>")
    await browser("type", target="x", text="dirty")
    text = await browser("goto", url=browser.site.url("/none"))
    assert "status 404" in text
    assert time.monotonic() - start < 25


async def test_downloads_are_kept_and_listed_and_large_ones_are_not(open_browser: Any, site: Site) -> None:
    site.pages["/d"] = (200, {"Content-Disposition": 'attachment; filename="a.csv"', "Content-Type": "text/csv"}, "x,y")
    site.pages["/big"] = (200, {"Content-Disposition": "attachment; filename=big.bin"}, "z" * 1_200_000)
    async with open_browser(download_mb=1) as browser:
        await browser.open("<a href=/d>get</a><a href=/big>big</a>")
        text = await browser("click", target="get")
        assert "Downloaded 'a.csv' (3 bytes): kept as file " in text
        assert (await browser.acted())[-1]["downloads"][0]["name"] == "a.csv"
        await browser.open(
            "<input type=file aria-label=F onchange='this.files[0].text().then(t => o.textContent = t)'><p id=o></p>"
        )
        assert "takes files: use browser_upload" in await browser("type", target="F", text="x")
        text = await browser("upload", target="F", files=["a.csv"])
        assert "Put a.csv into" in text
        assert "x,y" in await browser("read")
        assert "no file 'nope'" in await browser("upload", target="F", files=["nope"])
        await browser.open("<a href=/d>get</a><a href=/big>big</a>")
        assert "was not kept" in await browser("click", target="big")
        text = await browser("goto", url=site.url("/d"))
        assert "is a download, not a page" in text
        assert 'link "get"' in await browser("read")


async def test_a_page_that_hangs_is_stopped_and_the_next_call_works(open_browser: Any) -> None:
    async with open_browser(limit_s=2) as browser:
        await browser.open("<h1>here</h1><button onclick='while (true);'>hang</button>")
        start = time.monotonic()
        text = await browser("click", target="hang")
        assert browser.failed
        assert "hung in a script that did not end" in text, text
        assert time.monotonic() - start < 12
        assert "here" in await browser("read")
        assert not browser.failed
        text = await browser.open("<h1>top</h1><script>while (true);</script><p>rest</p>")
        assert "hung" in text
        assert "top" in await browser.open("<h1>top</h1>")


@pytest.mark.parametrize("recorded", [True, False])
async def test_a_dead_chromium_comes_back_with_the_same_pages(browser: Any, recorded: bool) -> None:
    await browser.open("<h1>here</h1>")
    session = await browser.state()
    if recorded:
        await session.recorded()
    await (await session.chromium.browser()).close()
    text = await browser("read")
    assert "here" in text
    assert "Chromium had died: the pages were loaded again" in text


async def test_slow_and_endless_loads_end_in_time(open_browser: Any, site: Site) -> None:
    site.slow["/slow"] = asyncio.Event()
    site.slow["/img"] = asyncio.Event()
    async with open_browser(limit_s=3) as browser:
        text = await browser("goto", url=site.url("/slow"))
        assert browser.failed
        assert "did not answer within 1 s" in text
        text = await browser.open("<h1>there</h1><img src=/img>")
        assert "there" in text
        assert not browser.failed


async def test_a_link_that_leads_nowhere_leaves_the_page_usable(open_browser: Any, site: Site) -> None:
    site.slow["/slow"] = asyncio.Event()
    async with open_browser(limit_s=6) as browser:
        await _leave(browser)


async def _leave(browser: Any) -> None:
    await browser.open(
        "<h1>here</h1><a href=/slow>go</a><button onclick=\"setTimeout(() => location = '/slow', 100)\">later</button>"
    )
    text = await browser("click", target="go")
    assert "has not answered in 1 s, so it was given up" in text
    text = await browser("click", target="later")
    text = await browser("read")
    assert "here" in text


async def test_what_is_no_html_is_told(browser: Any, site: Site) -> None:
    site.pages["/j"] = (200, {"Content-Type": "application/json"}, '{"a": [1, 2]}')
    site.pages["/t"] = (200, {"Content-Type": "text/plain"}, "plain words")
    site.pages["/i"] = (
        200,
        {"Content-Type": "image/svg+xml"},
        "<svg xmlns='http://www.w3.org/2000/svg'><text>in svg</text></svg>",
    )
    site.pages["/x"] = (200, {"Content-Type": "application/xml"}, "<a><b>xml text</b></a>")
    site.pages["/p"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4\n%%EOF")
    for path, said in (("/j", '"a": [1, 2]'), ("/t", "plain words"), ("/x", "xml text")):
        text = await browser("goto", url=site.url(path))
        assert said in text, text
        assert "It is not an HTML page but " in text
    await browser("goto", url=site.url("/i"))
    assert not browser.failed
    text = await browser("goto", url=site.url("/p"))
    assert "pdf" in text.lower(), text


async def test_addresses_that_lead_nowhere_say_so(browser: Any, site: Site) -> None:
    text = await browser("goto", url="http://nothing.invalid/")
    assert browser.failed
    assert "there is no such host" in text
    site.pages["/loop"] = (302, {"Location": "/loop"}, "")
    assert "redirects without end" in await browser("goto", url=site.url("/loop"))
    site.pages["/r"] = (302, {"Location": "/t"}, "")
    site.pages["/t"] = "<h1>target</h1>"
    text = await browser("goto", url=site.url("/r"), read=True)
    assert "It redirected from" in text
    assert "target" in text
    for bad in ("", "   ", "http://", "http://[::1", "mailto:a@b"):
        text = await browser("goto", url=bad)
        assert browser.failed, bad


async def test_a_navigation_by_an_action_gives_the_new_page(browser: Any, site: Site) -> None:
    site.pages["/two"] = "<title>Two</title><h1>second</h1>"
    await browser.open(
        "<form action=/two><input aria-label=q name=q></form><button onclick='setTimeout(() => location = \"/two\", 0)'>go</button>"
    )
    text = await browser("type", target="q", text="cats", submit=True)
    assert "second" in text
    assert any("/two?q=cats" in line for line in site.asked)
    await browser("back")
    assert "second" in await browser("click", target="go")


async def test_a_fetched_answer_is_in_the_result_of_the_click(browser: Any, site: Site) -> None:
    site.pages["/data"] = (200, {"Content-Type": "text/plain"}, "42 results")
    site.slow["/data"] = asyncio.Event()
    await browser.open(
        "<button onclick=\"fetch('/data').then(r => r.text()).then(t => o.textContent = t)\">load</button><p id=o></p>"
    )
    asyncio.get_running_loop().call_later(0.4, site.slow["/data"].set)
    assert "42 results" in await browser("click", target="load")


async def test_a_wait_sees_texts_in_shadow_roots_and_frames_and_goes_on_over_navigations(
    browser: Any, site: Site
) -> None:
    site.pages["/next"] = "<title>N</title><h1>arrived there</h1>"
    site.pages["/inner"] = "<p id=p>loading</p><script>setTimeout(() => p.remove(), 100)</script>"
    await browser.open(
        "<div id=host></div><iframe src=/inner></iframe><script>setTimeout(() => {"
        "host.attachShadow({ mode: 'closed' }).innerHTML = '<p>in  the\\nshade</p>' }, 100)</script>"
    )
    assert "'In the shade' is on the page." in await browser("wait", text="In the shade", seconds=5)
    assert "'loading' is gone." in await browser("wait", gone="loading", seconds=5)
    await browser.open("<script>setTimeout(() => { location = '/next' }, 300)</script>")
    text = await browser("wait", text="arrived there", seconds=5)
    assert "'arrived there' is on the page." in text
    assert "still not so" in await browser("wait", text="never", seconds=0.2)
    assert browser.failed


async def test_keys_that_go_nowhere_are_told(browser: Any) -> None:
    await browser.open("<input aria-label=x>")
    assert "Nothing on the page has the focus" in await browser("press", keys="a b Enter")
    await browser("click", target="x")
    assert 'The focus is on textbox "x"' in await browser("press", keys="a")


@pytest.mark.parametrize("how", ["goto", "click"])
async def test_a_server_that_takes_its_time_is_not_taken_for_a_page_that_hangs(
    browser: Any, site: Site, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(renderer, "HANG_S", 0.8)
    site.pages["/slow"] = "<h1>at last</h1>"
    await browser.open("<a href=/slow>go</a>")
    site.slow["/slow"] = asyncio.Event()
    going = asyncio.ensure_future(
        browser("goto", url=site.url("/slow")) if how == "goto" else browser("click", target="go")
    )
    await site.waiting.wait()
    assert not (await asyncio.wait({going}, timeout=1.5))[0]
    site.slow["/slow"].set()
    assert "hung" not in await going
    assert "# at last" in await browser("read")


@pytest.mark.parametrize("moment", ["onpointerdown", "onclick"])
async def test_a_click_that_closes_its_tab_is_a_click(browser: Any, site: Site, moment: str) -> None:
    site.pages["/own"] = f"<title>Own</title><button {moment}='window.close()'>Close</button>"
    await browser.open("<button onclick=\"window.open('/own')\">Open</button>")
    await browser("click", target="Open")
    text = await browser("click", target="Close")
    assert not browser.failed, text
    assert 'button "Close"' in text
    assert "Tab 2 was closed by its page." in text
    assert '"T"' in text
