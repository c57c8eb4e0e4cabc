"""The panel in real Chromium: the page, its history, its links, and comments that reach the agent."""

import asyncio
import json

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.livepage.conftest import TOKEN, Site
from tests.page.axe import serious

pytestmark = pytest.mark.long


@pytest_asyncio.fixture(loop_scope="session")
async def panel(site: Site, browser: Browser) -> Page:
    """The panel after three edits, live."""
    await site.call("page_set_html", selector="h1", html="First")
    await site.call("page_set_html", selector="#content", html="<p id=a>alpha</p><p>beta</p>")
    await site.call("page_set_html", selector="h1", html="Second")
    context = await browser.new_context(extra_http_headers={"Authorization": f"Bearer {TOKEN}"})
    page = await context.new_page()
    await page.goto(f"{site.base}/stage")
    await tell(site, page)
    await page.locator(".lp-state[data-state=live]").wait_for()
    return page


async def tell(site: Site, page: Page, after: int = 0) -> None:
    """Give the panel the log's events, as the split view does."""
    events = [{"type": event.type, "at": event.at, "data": event.data} for event in await site.bench.events()]
    await page.evaluate("(events) => window.take(events)", events[after:])


async def test_it_shows_the_page_its_revision_and_who_watches(site: Site, panel: Page) -> None:
    await panel.locator(".lp-facts", has_text="Revision 3 · 1 watching").wait_for()
    await panel.frame_locator(".lp-frame").frame_locator("iframe").locator("h1", has_text="Second").wait_for()
    await site.call("page_set_html", selector="h1", html="Third")
    await panel.frame_locator(".lp-frame").frame_locator("iframe").locator("h1", has_text="Third").wait_for()
    await panel.locator(".lp-facts", has_text="Revision 4").wait_for()


async def test_a_revision_is_compared_and_brought_back(site: Site, panel: Page) -> None:
    await panel.click("button[title=History]")
    first = panel.locator(".lp-revisions li", has=panel.locator("b", has_text="1"))
    await first.get_by_text("Compare").click()
    await panel.locator(".lp-diff del", has_text="<h1>First</h1>").wait_for()
    await panel.locator(".lp-diff ins", has_text="<h1>Second</h1>").wait_for()
    await panel.click(".lp-wide button:has-text('Close')")
    await first.get_by_text("Bring back").click()
    await panel.frame_locator(".lp-frame").frame_locator("iframe").locator("h1", has_text="First").wait_for()
    await tell(site, panel, after=3)
    await panel.locator(".lp-revisions li.lp-now", has_text="brought back revision 1").wait_for()


async def test_a_link_is_made_and_revoked(site: Site, panel: Page) -> None:
    await panel.click("button[title=Share]")
    await panel.fill("input[name=label]", "<b>Anna</b>")
    await panel.click("text=Make a link")
    url = await panel.input_value(".lp-made input")
    assert (await site.http.get(url)).status_code == 200
    await panel.locator(".lp-links li", has_text="<b>Anna</b>").get_by_text("Revoke").click()
    await panel.locator(".lp-links li").wait_for(state="detached")
    assert (await site.http.get(url)).status_code == 404


async def test_a_comment_reaches_the_agent_with_the_place_it_is_about(site: Site, panel: Page) -> None:
    target = panel.frame_locator(".lp-frame").frame_locator("iframe").locator("#a")
    async with asyncio.timeout(10):
        while not await panel.locator(".lp-comment").is_visible():
            if await panel.get_attribute("button[title=Comment]", "aria-pressed") == "false":
                await panel.click("button[title=Comment]")
            await target.click()  # the order to point may still be on its way to the frame
    await panel.fill(".lp-comment textarea", "Make it bold.")
    await panel.click("text=Send to the agent")
    await panel.locator(".lp-comment").wait_for(state="hidden")
    assert site.said == [
        "About the <p> at #a on the live page (revision 3):\nMake it bold.\nIts text: " + json.dumps("alpha")
    ]


async def test_folding_events_leaves_older_states_as_they_were(panel: Page) -> None:
    same = await panel.evaluate(
        """async () => {
          const { panel } = await import("/kits/livepage/panel.js");
          const first = panel.start();
          const told = { type: "livepage.edited", at: "2026-01-01", data: { revision: 1, summary: "x" } };
          const second = panel.fold(first, told);
          const third = panel.fold(second, { type: "livepage.reset", data: {} });
          const same = panel.fold(second, { type: "other" }) === second;
          return [first.entries.length, second.revision, third.revision, same];
        }"""
    )
    assert same == [0, 1, 0, True]


async def heading(panel: Page, text: str) -> None:
    """Wait until the page in sight, now or as it was, has this heading."""
    frame = panel.frame_locator(".lp-frame").locator("iframe:not(.coming)").last
    await expect(frame.content_frame.locator("h1")).to_have_text(text)


async def test_a_replay_shows_the_page_as_it_was_at_that_moment(panel: Page) -> None:
    await panel.evaluate("past(1)")
    await heading(panel, "First")
    await panel.locator(".lp-state", has_text="As it was").wait_for()
    for name in ("Comment", "History", "Share", "Download"):
        assert not await panel.locator(f".lp-bar [title={name}]").is_visible()
    await panel.evaluate("past(0)")
    await heading(panel, "Live page")
    await panel.evaluate("past(2)")
    await panel.evaluate("past(3)")
    await heading(panel, "Second")
    await panel.evaluate("take([])")
    await panel.locator(".lp-state", has_text="Live").wait_for()
    assert await panel.frame_locator(".lp-frame").locator("iframe").count() == 1


async def test_the_past_is_sandboxed_like_the_present(panel: Page) -> None:
    await panel.evaluate("past(1)")
    await heading(panel, "First")
    frame = panel.frame_locator(".lp-frame").locator("iframe.past")
    assert await frame.get_attribute("sandbox") == "allow-scripts allow-forms"
    inside = frame.content_frame.locator("html")
    assert await inside.evaluate("() => window.origin") == "null"
    escapes = "() => { try { return parent.document.title } catch (error) { return error.name } }"
    assert await inside.evaluate(escapes) == "SecurityError"


async def test_a_page_from_before_a_reset_is_told_to_be_gone(site: Site, panel: Page) -> None:
    await site.bench.reset()
    await panel.evaluate("past(2)")
    await panel.locator(".lp-gone", has_text="reset since then").wait_for()
    await panel.evaluate("past(0)")
    await heading(panel, "Live page")
    assert not await panel.locator(".lp-gone").is_visible()


async def test_a_page_that_comes_late_is_waited_for_and_not_shown_empty(panel: Page) -> None:
    let_go = asyncio.Event()

    async def late(route: Route) -> None:
        await let_go.wait()
        await route.continue_()

    await panel.route("**/doc?revision=*", late)
    await panel.clock.install()
    await panel.evaluate("past(1)")
    shell = panel.frame_locator(".lp-frame")
    await shell.locator(".past.coming").wait_for(state="attached")
    await panel.clock.run_for(5_000)
    assert await shell.locator(".past:not(.coming)").count() == 0
    let_go.set()
    await heading(panel, "First")


async def test_a_revision_is_looked_at_from_the_history(site: Site, panel: Page) -> None:
    await panel.click("button[title=History]")
    await panel.locator("[data-rev='1']").get_by_text("Show").click()
    await heading(panel, "First")
    await panel.locator("[data-rev='1'].lp-now").wait_for()
    await site.call("page_set_html", selector="h1", html="Third")
    await panel.click("button[title='Back to now']")
    await heading(panel, "Third")


@pytest.mark.timeout(120)  # axe reads the whole page, and the frame in it, a dozen times
async def test_axe_finds_nothing_serious_in_any_state_of_the_panel(site: Site, panel: Page) -> None:
    await panel.click("button[title=History]")
    await panel.locator("[data-rev='1']").get_by_text("Show").click()
    await heading(panel, "First")
    assert await serious(panel) == [], "history"
    await panel.locator("[data-rev='1']").get_by_text("Compare").click()
    await panel.locator(".lp-diff ins").first.wait_for()
    assert await serious(panel) == [], "comparison"
    await panel.click(".lp-wide button:has-text('Close')")
    await panel.click("button[aria-label='Close the history']")
    await panel.click("button[title=Share]")
    await panel.click("text=Make a link")
    await panel.locator(".lp-links li").wait_for()
    assert await serious(panel) == [], "share"
    await panel.keyboard.press("Escape")
    await site.bench.reset()
    await panel.evaluate("past(2)")
    await panel.locator(".lp-gone").wait_for()
    assert await serious(panel) == [], "gone"
