"""The page on the real server: the demo from login to its end, then the operator's hand, words and share link."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.page.conftest import Open
from tests.server.stage import SMALL_VIEW

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TURN_S = 90  # the demo's whole turn, on a machine that does other things as well


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A demo in a process of its own: its `login` and `watch` addresses."""
    environment = {**os.environ, "GLASSHOUSE_DATA": str(tmp_path), "GLASSHOUSE_HOST": "127.0.0.1", **SMALL_VIEW}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "server.py", "demo", "--port", "0", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    told = ""
    async with asyncio.timeout(30):
        while "at work:" not in told:
            told += (await process.stdout.readline()).decode()
    found = re.search(r"log in: (\S+).*at work: (\S+)", told, re.S)
    assert found, told
    yield {"login": found[1], "watch": found[2]}
    process.terminate()
    async with asyncio.timeout(15):
        await process.communicate()


async def drawn(page: Page) -> None:
    """Wait until the browser's canvas shows more than one colour."""
    await page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".b-stage canvas");
            const pixels = canvas?.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data ?? [];
            return new Set(new Uint32Array(pixels.buffer ?? []).filter((_, i) => i % 31 === 0)).size > 20;
        }""",
        polling=100,
    )


async def page_as_it_was(page: Page) -> None:
    """The first moment: the live page's panel shows the document before the agent's first edit."""
    await page.click("#tab-livepage")
    await page.get_by_label("Moment of the session").press("Home")
    await expect(page.locator(".lp-state")).to_have_text("As it was")
    then = page.frame_locator(".lp-frame").locator("iframe.past:not(.coming)").last
    await expect(then.content_frame.locator("h1")).to_have_text("Live page")


@pytest.mark.timeout(180)
async def test_the_demo_is_watched_steered_and_shared(demo: dict[str, str], open_page: Open) -> None:
    page = await open_page(demo["login"], viewport={"width": 1000, "height": 640})
    await expect(page.locator(".sessions li")).to_contain_text("A set for two")
    await page.locator(".sessions a").click()
    await expect(page).to_have_url(demo["watch"])
    await expect(page.get_by_text("What next?")).to_be_visible(timeout=TURN_S * 1000)
    await expect(page.locator(".top .status")).to_have_text("Idle")
    await expect(page.locator(".call[data-state=failed]")).to_have_count(0)
    await page.click("#tab-repl")
    await expect(page.locator(".r-entry")).to_have_count(2)
    await page.click("#tab-livepage")
    await expect(page.locator("#panel-livepage iframe")).to_be_visible()
    await page_as_it_was(page)
    await page.get_by_role("button", name="Live", exact=True).click()
    await page.click("#tab-browser")
    await drawn(page)

    address = page.locator(".b-address")
    await expect(address).to_have_text(re.compile("/shop/cart$"))
    await page.get_by_role("button", name="Take control").click()
    await page.get_by_label("Address").fill(str(await address.text_content()).replace("/cart", "/"))
    await page.get_by_label("Address").press("Enter")
    await expect(address).to_have_text(re.compile("/shop/$"), timeout=20_000)
    await page.get_by_role("button", name="Give back").click()
    await expect(page.locator(".b-did")).to_have_text(re.compile("gives control back"), timeout=20_000)

    await page.get_by_label("Message", exact=True).fill("run shelf.length")
    await page.get_by_label("Message", exact=True).press("Enter")
    await expect(page.locator(".item.agent").last).to_have_text("12", timeout=30_000)

    await page.get_by_role("button", name="Share").click()
    await page.get_by_role("button", name="Make a link").click()
    viewer = await open_page(await page.get_by_label("Link").input_value())
    await expect(viewer.locator(".item.agent").last).to_have_text("12")
    await expect(viewer.get_by_label("Message", exact=True)).to_be_hidden()
    await viewer.click("#tab-browser")
    await drawn(viewer)
    await page_as_it_was(viewer)
