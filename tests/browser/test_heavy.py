"""Very large pages: each call is answered within its limit, says that not all was looked at, and keeps the tab."""

import os
from typing import Any

import pytest

from tests.browser.conftest import Site

ALL = bool(os.environ.get("GLASSHOUSE_TEST_SITUATIONS"))  # also what takes long
ROW = "<div>a <b>word</b> here <a href=#>link</a></div>"
HURRY_JS = "() => { let now = 0; performance.now = () => (now += 50) }"  # in the eye's own world


async def test_what_there_was_no_time_for_is_said(browser: Any, site: Site) -> None:
    site.pages["/large"] = f"<!doctype html><h1>top</h1>{ROW * 1500}<p>the very end</p>"
    await browser("goto", url=site.url("/large"))
    assert "the very end" in await browser("read", query="very end")
    await (await browser.state()).tab.alone(HURRY_JS, None)
    text = await browser("read", query="very end")
    assert "% only plain text was searched" in text
    assert "the very end" in text
    text = await browser("read", query="not there")
    assert "Nothing on that part of the page contains" in text or "only plain text was searched" in text
    assert "It was read as far as" in await browser("read", offset=100_000)
    assert "more follows" in await browser("read")
    assert "elements have the text" in await browser("click", target="link")
    assert "Nothing to be seen on the page has changed" in await browser("click", target="h1")


async def test_what_lies_over_elements_is_looked_up_for_a_moment_only(browser: Any) -> None:
    text = await browser.open("<a href=#a>one</a> <a href=#b>two</a><div style='position:fixed;inset:0'>over</div>")
    assert text.count("covered by") == 2, text
    await (await browser.state()).tab.alone(HURRY_JS, None)
    text = await browser("read")
    assert 'link "one" (covered by' in text
    assert 'link "two"\n' in text
    assert "covered by" in await browser("click", target="two")


@pytest.mark.skipif(not ALL, reason="takes long: set GLASSHOUSE_TEST_SITUATIONS")
@pytest.mark.timeout(180)
async def test_four_hundred_thousand_elements_keep_their_tab(browser: Any, site: Site) -> None:
    site.pages["/huge"] = f"<!doctype html><h1>top</h1>{ROW * 133_000}<p>the very end</p>"
    assert "# top" in await browser("goto", url=site.url("/huge"), read=True)
    for tool, given in (
        ("read", {"query": "very end"}),
        ("read", {}),
        ("click", {"target": "h1"}),
        ("press", {"keys": "End"}),
    ):
        await browser(tool, **given)
        assert not browser.failed, tool
    assert [tab["id"] for tab in (await browser.acted())[-1]["tabs"]] == [1]
