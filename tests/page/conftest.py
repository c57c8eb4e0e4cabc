"""A stage, and pages in a real Chromium that complain: an error or a refused script on the page fails the test."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.page.stage import Stage, open_stage
from tests.page.story import Story

Open = Callable[..., Awaitable[Page]]
GUARD_MS = 15_000  # a test that waits longer waits for nothing


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """The page's server, with an empty session `sesn_a`."""
    async with open_stage() as opened:
        opened.session()
        yield opened


@pytest.fixture
def story(stage: Stage) -> Story:
    """Writes the log of `sesn_a`."""
    return Story(stage.session())


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(stage: Stage, chromium: Browser) -> AsyncIterator[Open]:
    """`await open_page("/s/sesn_a", **options of the context)`; errors on the page fail the test at its end."""
    problems: list[str] = []
    expect.set_options(timeout=GUARD_MS)

    async def opened(path: str = "/s/sesn_a", *, expect: str = "", **options: Any) -> Page:
        context = await chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        context.set_default_timeout(GUARD_MS)
        page = await context.new_page()

        def heard(text: str) -> None:
            if not (expect and re.search(expect, text)):
                problems.append(text)

        page.on("pageerror", lambda error: heard(str(error)))
        page.on("console", lambda message: heard(message.text) if message.type == "error" else None)
        await page.goto(path if path.startswith("http") else stage.url + path)
        return page

    yield opened
    for context in chromium.contexts:
        await context.close()
    assert problems == []
