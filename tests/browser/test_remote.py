"""A Chromium that is not started here, reached by CDP."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.browser.conftest import Site
from tools.browser.settings import BrowserSettings


async def started(folder: Path, port: int = 0) -> tuple[asyncio.subprocess.Process, str]:
    """A Chromium of somebody else's, and its address."""
    process = await asyncio.create_subprocess_exec(
        *(BrowserSettings().chromium(), "--headless", "--no-sandbox", f"--remote-debugging-port={port}"),
        *(f"--user-data-dir={folder}", "about:blank"),
        stderr=subprocess.PIPE,
    )
    assert process.stderr
    async with asyncio.timeout(20):
        while b"DevTools listening on" not in (line := await process.stderr.readline()):
            assert line, "Chromium ended"
    return process, line.decode().split("ws://")[1].split("/")[0]


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint(tmp_path: Path) -> AsyncIterator[str]:
    """The CDP address of a Chromium of somebody else's."""
    process, address = await started(tmp_path)
    try:
        yield f"http://{address}"
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
        assert "There is no browser now" in await browser("read")
        assert browser.failed


async def test_a_remote_chromium_that_dies_is_told_and_the_tabs_are_there_when_it_is_back(
    open_browser: Any, tmp_path: Path
) -> None:
    process, address = await started(tmp_path / "one")
    async with open_browser(own=True, cdp=f"http://{address}") as browser:
        await browser.open("<h1>here</h1><script>fetch('/none')</script>")
        call = asyncio.create_task(browser("wait", text="never", seconds=10))
        await (await browser.state()).recorded()
        process.kill()
        await process.communicate()
        for text in (await call, await browser("read")):
            assert browser.failed
            assert "There is no browser now" in text
            assert "GLASSHOUSE_BROWSER_CDP" in text
        process, _ = await started(tmp_path / "two", int(address.split(":")[1]))
        text = await browser("read")
        assert "# here" in text
        assert "Chromium had died: the pages were loaded again" in text
        assert "closed by its page" not in text
    process.terminate()
    await process.communicate()
