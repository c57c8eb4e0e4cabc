"""A stage, and pages in a real Chromium that complain: an error or a refused script on the page fails the test.

The stages of all tests of a process have one address, and a usual page is left empty for the next test: in a page and
a cache that are there, ours loads at a third of the cost.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.page.pictures import Pictures
from tests.page.stage import Stage, Theatre, open_theatre
from tests.page.story import Story

Open = Callable[..., Awaitable[Page]]
GUARD_MS = 15_000  # a test that waits longer waits for nothing
USUAL = {"viewport": {"width": 1280, "height": 800}}


class Usual:
    """The page of the usual size that tests leave to each other, one at a time."""

    def __init__(self, chromium: Browser) -> None:
        self.taken = False
        self._chromium = chromium
        self._page: Page | None = None

    async def take(self) -> Page:
        """The page, made if there is none."""
        self.taken = True
        if self._page is None or self._page.is_closed():
            self._page = await new_page(self._chromium, USUAL)
        return self._page

    async def leave(self, origin: str) -> None:
        """Make it as if new, for the next test."""
        if not self.taken:
            return
        self.taken = False
        if not self._page or self._page.is_closed():
            return
        page = self._page
        await page.unroute_all()
        await page.goto("about:blank")
        await page.mouse.move(0, 0)
        await page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
        client = await page.context.new_cdp_session(page)
        await client.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        await client.detach()
        for other in page.context.pages:
            if other is not page:
                await other.close()


async def new_page(chromium: Browser, options: dict[str, Any]) -> Page:
    """A page in a context of its own."""
    context = await chromium.new_context(**options)
    context.set_default_timeout(GUARD_MS)
    return await context.new_page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre() -> AsyncIterator[Theatre]:
    """The address of all stages."""
    async with open_theatre() as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def usual(chromium: Browser) -> Usual:
    """The page that tests leave to each other."""
    return Usual(chromium)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def picture(chromium: Browser) -> Pictures:
    """`await picture("#f00")`: a JPEG."""
    return Pictures(chromium)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(theatre: Theatre) -> AsyncIterator[Stage]:
    """The page's server, with an empty session `sesn_a`."""
    opened = Stage()
    opened.session()
    theatre.show(opened)
    yield opened
    opened.cut()


@pytest.fixture
def story(stage: Stage) -> Story:
    """Writes the log of `sesn_a`."""
    return Story(stage.session())


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(stage: Stage, chromium: Browser, usual: Usual) -> AsyncIterator[Open]:
    """`await open_page("/s/sesn_a", **options of the context)`; errors on the page fail the test at its end.

    With `own=True` it has nothing in its cache yet, as with options.
    """
    problems: list[str] = []
    ears: list[tuple[Page, str, Any]] = []
    made: list[Page] = []
    expect.set_options(timeout=GUARD_MS)

    async def opened(path: str = "/s/sesn_a", *, expect: str = "", own: bool = False, **options: Any) -> Page:
        if own or options or usual.taken or path.startswith("http"):
            made.append(page := await new_page(chromium, USUAL | options))
        else:
            page = await usual.take()

        def heard(text: str) -> None:
            if not (expect and re.search(expect, text)):
                problems.append(text)

        def on(event: str, ear: Callable[[Any], None]) -> None:
            page.on(event, ear)  # type: ignore[call-overload]
            ears.append((page, event, ear))

        on("pageerror", lambda error: heard(str(error)))
        on("console", lambda message: heard(message.text) if message.type == "error" else None)
        await page.goto(path if path.startswith("http") else stage.url + path)
        return page

    yield opened
    for page, event, ear in ears:
        page.remove_listener(event, ear)
    for page in made:
        await page.context.close()
    await usual.leave(stage.url)
    assert problems == []
