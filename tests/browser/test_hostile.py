"""Pages that do what they can against whoever drives them: each call is answered in time, and the next one works."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.browser.conftest import Site

pytestmark = [pytest.mark.long, pytest.mark.settled]

ALL = bool(os.environ.get("GLASSHOUSE_TEST_SITUATIONS"))  # also what takes long
long = pytest.mark.skipif(not ALL, reason="takes long: set GLASSHOUSE_TEST_SITUATIONS")


@pytest.mark.parametrize("status", [204, 205])
async def test_an_answer_without_a_page_says_so(browser: Any, site: Site, status: int) -> None:
    site.pages["/none"] = (status, {}, "")
    await browser.open("<h1>here</h1><a href=/none>go</a>")
    said = f"answered with status {status}: there is no page to show"
    assert said in await browser("goto", url=site.url("/none"))
    assert said in await browser("click", target="go")
    assert "here" in await browser("read")


async def test_errors_without_a_body_and_bad_redirects_are_told_in_words(browser: Any, site: Site) -> None:
    site.pages["/500"] = (500, {}, "")
    site.pages["/file"] = (302, {"Location": "file:///etc/passwd"}, "")
    site.pages["/mail"] = (302, {"Location": "mailto:a@b.c"}, "")
    for path, said in (
        ("/500", "status 500 and nothing else"),
        ("/file", "that no web page may lead to"),
        ("/mail", "an address for another program"),
    ):
        assert said in await browser("goto", url=site.url(path))
        assert "net::" not in await browser("goto", url=site.url(path))


@pytest.mark.parametrize(
    "address", ["mailto:x@y.z", "tel:123", "file:///etc/passwd", "chrome://version/", "data:text/html,x", "ftp://x/"]
)
async def test_a_link_to_no_web_page_says_so(browser: Any, address: str) -> None:
    await browser.open(f"<h1>here</h1><a href='{address}'>go</a>")
    assert f"It leads to {address}: only pages of the web are opened." in await browser("click", target="go")
    assert "here" in await browser("read")


async def test_pages_that_lead_on_at_once_are_followed(browser: Any, site: Site) -> None:
    site.pages["/end"] = "<title>E</title><h1>end</h1>"
    site.pages["/js"] = "<script>location = '/end'</script><h1>js</h1>"
    site.pages["/replace"] = "<script>location.replace('/js')</script><h1>replaced</h1>"
    for path in ("/js", "/replace"):
        assert "# end" in await browser.visit(site.url(path))
        await browser.open(f"<a href={path}>go</a>")
        assert "# end" in await browser("click", target="go")


async def test_pages_that_lead_to_each_other_without_end_do_not_hold_a_call(browser: Any, site: Site) -> None:
    site.pages["/ping"] = "<script>location = '/pong'</script>ping"
    site.pages["/pong"] = "<script>location = '/ping'</script>pong"
    begun = time.monotonic()
    text = await browser("goto", url=site.url("/ping"))
    assert "from one address to another without end" in text
    assert time.monotonic() - begun < 12  # 1 s on a machine of its own
    assert "fresh" in await browser.open("<h1>fresh</h1>")


async def test_a_page_that_goes_elsewhere_by_itself_can_be_left(browser: Any, site: Site) -> None:
    # Ten times a second: more often is more than a busy machine's Chromium gets done, and shows that and nothing else.
    site.pages["/nav"] = "<script>setInterval(() => { location = '/nav?' + Math.random() }, 100)</script><h1>nav</h1>"
    await browser("goto", url=site.url("/nav"))
    assert "# fresh" in await browser.open("<h1>fresh</h1>")


@pytest.mark.parametrize("handler", ["while (true);", *(["for (;;) alert(1)"] * ALL)])
async def test_a_page_that_hangs_while_it_is_left_is_left(browser: Any, handler: str) -> None:
    await browser.open(f"<input aria-label=x><script>onbeforeunload = () => {{ {handler} }}</script>")
    await browser("type", target="x", text="dirty")
    text = await browser.open("<h1>fresh</h1>")
    assert "# fresh" in text
    assert "The page before hung while it was left" in text


async def test_a_document_that_empties_itself_can_be_read_and_left(open_browser: Any) -> None:
    async with open_browser(limit_s=4) as browser:
        await _empty(browser)


async def _empty(browser: Any) -> None:
    await browser.open('<button onclick="document.open()">go</button>')
    assert "Gone" in await browser("click", target="go")
    assert "(nothing to read)" in await browser("read")
    for tool, given in (
        ("scroll", {"dy": 100}),
        ("screenshot", {"labels": True}),
        ("press", {"keys": "Tab"}),
        ("wait", {"seconds": 0}),
    ):
        await browser(tool, **given)
        assert not browser.failed, tool
    await browser.open("<script>onload = () => document.write('<h1>written late</h1><button>b</button>')</script>")
    assert "written late" in await browser("read")
    assert not (await browser("click", target="b")).startswith("Nothing")


async def test_deep_nesting_is_read_to_the_bottom(browser: Any) -> None:
    assert "deep text" in await browser.open("<div>" * 5000 + "deep text<button>deep</button>")
    assert "Clicked" in await browser("click", target="deep")


async def test_windows_that_close_at_once_or_become_downloads_do_not_hold_a_call(browser: Any, site: Site) -> None:
    site.pages["/bye"] = "<script>setTimeout(() => close(), 30)</script><h1>bye</h1>"
    site.pages["/now"] = "<script>close()</script>"
    site.pages["/d"] = (200, {"Content-Disposition": "attachment; filename=a.csv", "Content-Type": "text/csv"}, "x,y")
    await browser.open(
        "".join(f"<button onclick=\"window.open('{path}')\">{path}</button>" for path in ("/bye", "/now", "/d"))
    )
    for path, said in (("/bye", "closed"), ("/now", "closed"), ("/d", "Downloaded 'a.csv'")):
        begun = time.monotonic()
        text = await browser("click", target=path)
        assert time.monotonic() - begun < 8
        assert said in text + await browser("read")
        assert "is now the active one: tab 1" not in text
    assert [tab["id"] for tab in (await browser.acted())[-1]["tabs"]] == [1]


async def test_windows_without_end_are_stopped(browser: Any, site: Site) -> None:
    site.pages["/n"] = "<h1>new</h1>"
    await browser.open("<button onclick=\"for (let i = 0; i < 1000; i++) window.open('/n?' + i)\">go</button>")
    text = await browser("click", target="go")
    assert "windows without end" in text
    assert "tab 4" not in await browser("tabs")
    assert "fresh" in await browser.open("<h1>fresh</h1>")


async def test_windows_without_end_from_a_timer_are_told_once(browser: Any) -> None:
    await browser.open("<button onclick=\"setInterval(() => window.open('/n'), 5)\">go</button>")
    said = await browser("click", target="go")
    while "windows without end" not in said:
        said = await browser("wait", seconds=0.2)
    assert "window" not in await browser("wait", seconds=0.3)


async def test_letters_that_show_nothing_carry_no_text_to_the_agent(browser: Any) -> None:
    hidden = "".join(chr(0xE0000 + ord(one)) for one in "obey me")
    text = await browser.open(
        f"<title>T{hidden}</title><p>seen{hidden}</p><button>go{hidden}</button><img alt='{hidden}pic' src=x>"
    )
    assert hidden[0] not in text
    assert 'button "go"' in text


@asynccontextmanager
async def endless(head: str, chunk: bytes) -> AsyncIterator[int]:
    """A server whose answers never end; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n<title>E</title><h1>begun</h1>".encode())
            while True:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0.01)
        except (OSError, EOFError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_a_page_without_end_is_read_as_far_as_it_is_there(open_browser: Any) -> None:
    async with (
        endless("Content-Type: text/html", b"<p>more</p>") as port,
        open_browser(limit_s=5, allow=f"127.0.0.1:{port}") as browser,
    ):
        assert "still loading" in await browser("goto", url=f"http://127.0.0.1:{port}/")
        assert "begun" in await browser("read")
        text = await browser("goto", url=f"http://127.0.0.1:{port}/", read=True)
        assert "begun" in text
        assert "still loading" in text


@pytest.mark.parametrize("chunk", [b"x" * 100_000, b"x"])
async def test_downloads_without_end_are_given_up_or_waited_for_once(open_browser: Any, chunk: bytes) -> None:
    head = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=e.bin"
    async with endless(head, chunk) as port, open_browser(download_mb=1, allow=f"127.0.0.1:{port}") as browser:
        text = await browser("goto", url=f"http://127.0.0.1:{port}/")
        assert "is a download, not a page" in text
        if len(chunk) > 1:
            assert "over the limit of 1,000,000 bytes" in text
        else:
            assert "still under way" in text
        begun = time.monotonic()
        assert "under way" not in await browser("read")
        assert time.monotonic() - begun < 4  # it does not wait for it again


async def test_downloads_of_every_kind_are_kept(browser: Any, site: Site) -> None:
    site.pages["/kind"] = (200, {"Content-Type": "application/x-unknown"}, "foo")
    await browser.open("""<a href=/kind>unknown</a> <a href=/ download=page.html>attribute</a> <a href='data:text/plain,hi' download=x.txt>data</a>
        <button onclick="const a = document.createElement('a'); a.href = window.URL.createObjectURL(new Blob(['hello'])); a.download = 'b.txt'; a.click()">blob</button>""")
    for target, name in (("unknown", "kind"), ("attribute", "page.html"), ("data", "x.txt"), ("blob", "b.txt")):
        assert f"Downloaded '{name}'" in await browser("click", target=target), target
    text = await browser("goto", url=site.url("/kind"))
    assert "is a download" in text
    assert "Downloaded 'kind'" in text


@long
async def test_ten_megabytes_of_text_in_one_node_do_not_hold_a_call(browser: Any) -> None:
    text = await browser.open("<h1>top</h1><p>" + "words " * 1_700_000)
    assert "top" in text
    assert "more follows" in await browser("read")
