"""A real Chromium, a stage, and pages that complain: an error or a refused script on the page fails the test."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.page.stage import Stage, open_stage
from tests.page.story import Story

Open = Callable[..., Awaitable[Page]]


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all these tests, so that they share one browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser."""
    async with async_playwright() as playwright:
        executable = os.environ.get("GLASSHOUSE_BROWSER_EXECUTABLE", "/usr/bin/chromium")
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(stage: Stage, chromium: Browser) -> AsyncIterator[Open]:
    """`await open_page("/s/sesn_a", **options of the context)`; errors on the page fail the test at its end."""
    problems: list[str] = []

    async def opened(path: str = "/s/sesn_a", *, expect: str = "", **options: Any) -> Page:
        context = await chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        context.set_default_timeout(5_000)
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
