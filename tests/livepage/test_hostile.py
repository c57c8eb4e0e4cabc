"""A hostile document gets nothing and sends nothing out; the shell around it stays alive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from glasshouse.store import Session
from tests.livepage.conftest import COOKIE, Site, at_revision

pytestmark = pytest.mark.long

_SECTIONS = (Path(__file__).parent / "hostile.js").read_text().split("//// ")[1:]
ATTEMPTS = {name: js for name, _, js in (section.partition("\n") for section in _SECTIONS)}


TICKS = """() => new Promise((done) => {
  let count = 0;
  const timer = setInterval(() => ++count === 20 && (clearInterval(timer), done(count)), 20);
})"""


class Listener:
    """An evil host: everything that reaches it is evidence."""

    def __init__(self) -> None:
        self.got = b""
        self.datagrams = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            self.got += data
        writer.close()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.listener.datagrams += 1


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, str]]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Datagrams(listener), local_addr=("127.0.0.1", port)
    )
    try:
        yield listener, f"http://127.0.0.1:{port}/"
    finally:
        transport.close()
        server.close()


async def test_a_hostile_document_gets_nothing_and_sends_nothing_out(site: Site, browser: Browser) -> None:
    context = await browser.new_context()
    await context.add_cookies([{"name": COOKIE, "value": "the operator's", "url": site.base}])
    async with store_sessions(site, len(ATTEMPTS)) as sessions:
        attempts = zip(sessions, ATTEMPTS.items(), strict=True)
        await asyncio.gather(*(attempt(site, context, session, *each) for session, each in attempts))


async def attempt(site: Site, context: BrowserContext, session: str, name: str, js: str) -> None:
    """One attempt, watched by somebody whose browser has the operator's cookie too."""
    async with listening() as (listener, out):
        url, _ = await site.link(session=session)
        page = await context.new_page()
        popups: list[Page] = []
        page.on("popup", lambda popup: popups.append(popup))
        await page.goto(site.base + url)
        await at_revision(page, 0)
        prelude = f"const out = {out!r}; window.seen = []; const put = (x) => window.seen.push(String(x));"
        await site.call("page_set_script", js=f"{prelude}\n{js}", session=session)
        await at_revision(page, 1)
        await page.wait_for_timeout(700)  # time for what must not happen
        assert listener.got == b"", name
        assert listener.datagrams == 0, name
        assert popups == [], name
        assert page.url == site.base + url, name
        if name in ("reads", "calls our API"):
            assert set(await page.frames[1].evaluate("() => window.seen")) == {"blocked"}, name
        assert len(await site.house.store.shares(session)) == 1, name
        await page.close()


@asynccontextmanager
async def store_sessions(site: Site, count: int) -> AsyncIterator[list[str]]:
    """As many sessions as asked, so that attempts do not meet."""
    names = [f"sesn_h{number}" for number in range(count)]
    async with site.house.store.transaction() as tx:
        for name in names:
            tx.put_session(Session(name, name, "agent_1", "Agent", "idle", None, "page", "2026-01-01", "2026-01-01"))
    yield names


async def test_the_shell_is_alive_while_the_page_loops_for_ever(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await (await browser.new_context()).new_page()
    await page.goto(site.base + url)
    await at_revision(page, 0)
    await site.call("page_set_script", js="setTimeout(() => { for (;;); })")
    await page.wait_for_function("() => document.documentElement.dataset.revision.endsWith(':1')")
    assert await page.evaluate(TICKS) == 20
    await site.call("page_set_script", js="window.cured = true")
    await page.wait_for_function("() => document.documentElement.dataset.loaded?.endsWith(':2')", timeout=15_000)
    assert await page.frames[1].evaluate("() => window.cured") is True


async def test_a_page_that_went_elsewhere_is_brought_back(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await (await browser.new_context()).new_page()
    await page.goto(site.base + url)
    await at_revision(page, 0)
    await page.frames[1].evaluate("() => { location = 'http://127.0.0.1:9/' }")
    await page.wait_for_function("() => frames.length === 1")
    await site.call("page_set_html", selector="h1", html="back")
    await page.frame_locator("iframe").locator("h1", has_text="back").wait_for(timeout=10_000)


async def test_a_link_in_the_page_asks_before_it_leaves(site: Site, browser: Browser) -> None:
    await site.call("page_set_html", selector="#content", html="<a id=a href='https://example.com/x'>go</a>")
    url, _ = await site.link()
    page = await (await browser.new_context()).new_page()
    await page.goto(site.base + url)
    await at_revision(page, 1)
    await page.frame_locator("iframe").locator("#a").click()
    await page.locator(".leave .address", has_text="https://example.com/x").wait_for()
    await page.click(".leave button[value=no]")
    assert page.url == site.base + url
