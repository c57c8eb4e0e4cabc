"""A Chromium that is not started here, reached by CDP."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.browser.conftest import Site
from tools.browser.settings import BrowserSettings


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint(tmp_path: Path) -> AsyncIterator[str]:
    """The CDP address of a Chromium of somebody else's."""
    process = await asyncio.create_subprocess_exec(
        *(BrowserSettings().chromium(), "--headless", "--no-sandbox", "--remote-debugging-port=0"),
        *(f"--user-data-dir={tmp_path}", "about:blank"),
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    try:
        async with asyncio.timeout(20):
            while b"DevTools listening on" not in (line := await process.stderr.readline()):
                assert line, "Chromium ended"
        yield "http://" + line.decode().split("ws://")[1].split("/")[0]
    finally:
        process.terminate()
        await process.communicate()


async def test_a_chromium_reached_by_cdp_works_and_is_guarded_and_outlives_the_session(
    open_browser: Any, site: Site, forbidden: Site, endpoint: str
) -> None:
    site.pages["/bad"] = (
        f"<img src={forbidden.url('/img')}><h1>page</h1><button onclick=\"o.textContent='yes'\">Go</button><p id=o>"
    )
    for _ in range(2):
        async with open_browser(own=True, cdp=endpoint) as browser:
            assert "page" in await browser("goto", url=site.url("/bad"))
            assert "yes" in await browser("click", target="Go")
            text = await browser("goto", url=forbidden.url("/"))
            assert browser.failed
            assert "refused" in text
    assert forbidden.connections == 0


async def test_a_chromium_that_is_not_there_names_the_setting(open_browser: Any) -> None:
    async with open_browser(own=True, cdp="http://127.0.0.1:1") as browser:
        await browser("read")
        assert browser.failed
