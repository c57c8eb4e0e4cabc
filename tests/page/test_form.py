"""Keyboard, phone, themes, titles, home, and what axe-core finds."""

import pytest
from playwright.async_api import Page, expect

from tests.page.axe import serious
from tests.page.conftest import Open
from tests.page.play import tell
from tests.page.stage import Stage
from tests.page.story import HOSTILE, TREE, Story

pytestmark = pytest.mark.long

PHONE = {"viewport": {"width": 360, "height": 720}, "has_touch": True, "reduced_motion": "reduce"}
SESSIONS = {
    "sessions": [
        {
            "id": "sesn_a", "title": "Compare the mugs", "agent": {"id": "agent_1", "name": "Shopper"},
            "status": "running", "stop_reason": None, "running": 1, "updated_at": "2026-10-01T09:00:00Z",
            "kits": ["browser", "repl"],
        },
        {
            "id": "sesn_b", "title": HOSTILE, "agent": {"id": "agent_1", "name": "Writer"}, "status": "idle",
            "stop_reason": "end_turn", "running": 0, "updated_at": "2026-10-01T08:00:00Z",
        },
    ]
}  # fmt: skip


async def take_control(page: Page) -> None:
    """The operator's hand on the browser."""
    await page.get_by_role("button", name="Take control").click()
    await expect(page.get_by_role("button", name="Give back")).to_be_visible()


async def in_replay(page: Page) -> None:
    """Four moments ago."""
    await page.get_by_label("Moment of the session").focus()
    for _ in range(4):
        await page.keyboard.press("ArrowLeft")
    await expect(page.locator("body.replaying")).to_be_attached()


@pytest.mark.timeout(120)  # axe reads the whole page a dozen times
@pytest.mark.parametrize("size", [{}, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_serious_in_any_state_of_a_session(
    open_page: Open, story: Story, stage: Stage, size: dict[str, object]
) -> None:
    themes = ("light",) if size else ("light", "dark")  # what is dark in a wide one is as dark in a narrow one
    tell(story)
    story.evaluate("m", n=4, result="Map(2) {\n…}", tree=TREE)
    story.put("agent.tool_use", id="sevt_ask", name="bash", input={"command": "rm x"}, evaluated_permission="ask")
    shares = {"data": [{"id": "shr_1", "scope": "session", "label": "", "expires_at": None, "viewers": 2}]}
    stage.answers["/sessions/sesn_a/shares"] = (200, shares)
    page = await open_page(**size, expect="ERR_FAILED")
    await expect(page.locator(".ask").last).to_be_visible()
    await page.locator(".item.call summary").nth(5).click()
    assert await serious(page, themes=themes) == [], "conversation"
    await page.click("#tab-repl")
    assert await serious(page, themes=themes) == [], "REPL"
    await page.click("#tab-browser")
    await take_control(page)
    assert await serious(page, themes=themes) == [], "take control"
    await in_replay(page)
    assert await serious(page, themes=themes) == [], "replay"
    await page.get_by_role("button", name="Live").click()
    await page.get_by_role("button", name="Share").click()
    await expect(page.locator(".shares li")).to_have_count(1)
    assert await serious(page, themes=themes) == [], "share"
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    assert await serious(page, themes=themes) == [], "keys"
    await page.keyboard.press("Escape")
    await page.route("**/events", lambda route: route.abort())
    stage.cut()
    await expect(page.locator(".banner")).to_contain_text("connection is lost")
    assert await serious(page, themes=themes) == [], "disconnected"


def ended(story: Story) -> None:
    """A session that ended in the middle of things, with every notice there is."""
    story.put("session.error", id="sevt_e2", error={"type": "billing_error", "message": "No credit."})
    story.put("agent.thread_context_compacted", id="sevt_cc")
    story.put("agent.tool_use", id="sevt_d", name="bash", input={"command": "rm x"}, evaluated_permission="ask")
    story.put("user.tool_confirmation", id="sevt_dd", tool_use_id="sevt_d", result="deny", deny_message="No.")
    story.begin("browser_click", "browser", target="[3]")
    story.idle("refusal", stop_details={"explanation": "It cannot be handled."})
    story.idle("budget_reached")
    story.put("session.some_new_thing", id="sevt_new", x=1)
    story.put("session.status_terminated", id="sevt_end")


@pytest.mark.timeout(120)
async def test_axe_finds_nothing_serious_when_a_session_failed_or_ended(open_page: Open, story: Story) -> None:
    story.user("Go on")
    story.put("session.error", id="sevt_e1", error={"type": "model_request_failed_error", "message": "It failed."})
    story.idle("retries_exhausted")
    page = await open_page(expect="404")
    await expect(page.locator(".top .status")).to_have_text("Error")
    assert await serious(page) == [], "failed"
    tell(story)
    ended(story)
    await expect(page.locator(".top .status")).to_have_text("Ended")
    await expect(page.get_by_text("This session has ended.")).to_be_visible()
    await page.locator(".call summary").last.click()
    assert await serious(page) == [], "ended"
    await in_replay(page)
    assert await serious(page) == [], "ended, in replay"
    await page.goto(page.url.replace("sesn_a", "nothing"))
    await expect(page.get_by_text("This session cannot be shown")).to_be_visible()
    assert await serious(page) == [], "refused"


async def test_axe_finds_nothing_serious_where_there_is_nothing_to_see(open_page: Open, stage: Stage) -> None:
    page = await open_page()
    await expect(page.get_by_text("Nothing has been said yet")).to_be_visible()
    assert await serious(page) == [], "new"
    await page.goto(f"{stage.url}/v/sesn_a")
    await expect(page.get_by_text("View only")).to_be_visible()
    assert await serious(page) == [], "view only"


async def test_axe_finds_nothing_serious_where_one_logs_in(open_page: Open) -> None:
    page = await open_page("/login?wrong")
    await expect(page.get_by_label("Token")).to_be_focused()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await serious(page) == []


async def test_axe_finds_nothing_serious_in_any_state_of_home(open_page: Open, stage: Stage) -> None:
    stage.answers |= {
        "/sessions": (200, SESSIONS),
        "/agents": (200, {"agents": [{"id": "agent_1", "name": "Shopper", "model": "claude-opus-5-5"}]}),
        "/environments": (200, {"environments": [{"id": "env_1", "name": "Default", "type": "cloud"}]}),
    }
    page = await open_page("/", expect="503")
    await expect(page.locator(".sessions li")).to_have_count(2)
    assert await page.evaluate("window.hacked") is None
    assert await serious(page) == [], "sessions"
    await page.keyboard.press("n")
    await expect(page.get_by_label("First message")).to_be_focused()
    await page.get_by_label("Agent", exact=True).select_option("A new agent…")
    assert await serious(page) == [], "new session"
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    assert await serious(page) == [], "attach"
    await page.keyboard.press("Escape")
    stage.answers["/sessions"] = (503, {"error": {"code": "unavailable", "message": "The API cannot be reached."}})
    await expect(page.locator(".banner")).to_contain_text("cannot be reached")
    assert await serious(page) == [], "error"


async def test_everything_in_a_session_is_reached_by_tab_and_shows_its_focus(open_page: Open, story: Story) -> None:
    tell(story)
    story.browse("browser_goto", "Opened a page")
    page = await open_page()
    await expect(page.locator("#panel-browser")).to_be_visible()
    await expect(page.locator(".item.call").last).to_be_visible()
    reached: list[str] = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        name = await page.evaluate("""() => {
            const node = document.activeElement;
            if (node === document.body) return "";
            const { outlineStyle, outlineWidth } = getComputedStyle(node);
            const field = node.closest(".field"); // the composer shows its focus around the whole field
            const seen = (outlineStyle !== "none" && outlineWidth !== "0px") || field?.matches(":focus-within");
            return (seen ? "" : "UNSEEN ") + (node.ariaLabel || node.title || node.textContent.trim().slice(0, 40));
        }""")
        if not name:
            break
        reached.append(name)
    assert [name for name in reached if name.startswith("UNSEEN")] == []
    for name in ("All sessions", "Share", "Keys", "Messages", "Message", "Width of the conversation", "Browser"):
        assert name in reached, reached
    for name in ("Take control", "Full screen", "Moment of the session", "Play from here", "Live"):
        assert name in reached, reached


async def test_the_line_between_the_panes_moves_by_keyboard_and_is_remembered(open_page: Open) -> None:
    page = await open_page()
    line = page.get_by_role("separator")
    await line.focus()
    await page.keyboard.press("ArrowRight")
    await expect(line).to_have_attribute("aria-valuenow", "42")
    box = await page.locator(".conversation").bounding_box()
    width = box["width"] if box else 0
    assert abs(width - 1280 * 0.42) < 3
    await page.reload()
    await expect(page.get_by_role("separator")).to_have_attribute("aria-valuenow", "42")


async def test_tabs_and_shortcuts_work_by_keyboard(open_page: Open, story: Story) -> None:
    story.idle()
    page = await open_page()
    await page.locator("#tab-browser").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-repl")).to_be_focused()
    await expect(page.locator("#panel-repl")).to_be_visible()
    await page.keyboard.press("1")
    await expect(page.locator("#panel-browser")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("One moment back")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.keyboard.type("?1")
    await expect(page.get_by_label("Message", exact=True)).to_have_value("?1")


async def test_a_phone_shows_one_pane_at_a_time_and_nothing_sticks_out(open_page: Open, story: Story) -> None:
    tell(story)
    page = await open_page(**PHONE)
    fits = "document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"
    await expect(page.locator(".conversation")).to_be_visible()
    await expect(page.locator(".panels")).to_be_hidden()
    assert await page.evaluate(fits)
    await page.get_by_role("tab", name="REPL").tap()
    await expect(page.locator(".r-entry").last).to_be_in_viewport()
    await expect(page.locator(".conversation")).to_be_hidden()
    assert await page.evaluate(fits)
    story.browse("browser_goto", "Opened a page")
    await expect(page.locator("#tab-browser")).to_have_class("tab news")
    await page.get_by_role("tab", name="Chat").tap()
    await expect(page.locator(".item.call").last).to_be_in_viewport()
    story.put("session.updated", id="sevt_t", title="A title that is much too long for a phone of this size")
    story.put("agent.tool_use", id="sevt_ask", name="bash", input={"command": "x " * 99}, evaluated_permission="ask")
    await expect(page.locator(".top .status")).to_have_text("Needs permission")
    await expect(page.get_by_role("button", name="Share")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Allow")).to_be_in_viewport(ratio=1)
    assert await page.evaluate(fits)


async def test_the_theme_goes_round_and_is_remembered(open_page: Open) -> None:
    page = await open_page(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    for _ in range(2):  # system → light → dark
        await page.get_by_role("button", name="Theme").click()
    assert await page.evaluate(ground) != light
    await page.reload()
    assert await page.evaluate(ground) != light


async def test_title_and_icon_tell_the_status(open_page: Open, story: Story) -> None:
    page = await open_page()
    story.running()
    await expect(page).to_have_title("● Compare the mugs · Glasshouse")
    busy = await page.locator("link[rel=icon]").get_attribute("href")
    story.put("session.updated", id="sevt_1", title="Mugs, compared")
    story.idle()
    await expect(page).to_have_title("Mugs, compared · Glasshouse")
    assert await page.locator("link[rel=icon]").get_attribute("href") != busy


async def test_nothing_moves_when_a_frame_or_a_call_comes(open_page: Open, story: Story) -> None:
    tell(story)
    page = await open_page()
    await expect(page.get_by_text("Prices are without tax")).to_be_visible()
    await page.evaluate("""() => {
        window.shifts = [];
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
            for (const { node, previousRect: a, currentRect: b } of entry.sources)
                if (!node?.parentElement?.closest(".items")) shifts.push([node?.className, a.x, a.y, b.x, b.y]);
        })).observe({ type: "layout-shift" });
    }""")
    story.browse("browser_click", "Clicked", target={"n": 1, "role": "button", "name": "Add", "box": [1, 1, 9, 9]})
    await expect(page.locator(".b-did")).to_have_text("Clicked")
    story.running()
    await expect(page.get_by_role("button", name="Stop the agent")).to_be_visible()
    assert await page.evaluate("shifts") == []


async def test_home_lists_finds_and_filters_sessions_and_stays_true(open_page: Open, stage: Stage) -> None:
    stage.answers["/sessions"] = (200, SESSIONS)
    page = await open_page("/")
    rows = page.locator(".sessions li")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Working")
    await page.get_by_label("Find a session").fill("writer")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Find a session").fill("nobody")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await page.get_by_label("Find a session").fill("")
    await page.get_by_role("button", name="Active").click()
    await expect(rows).to_have_count(1)
    stage.answers["/sessions"] = (200, {"sessions": []})
    await expect(page.get_by_text("No session yet")).to_be_visible()


async def test_home_says_for_what_a_session_waits(open_page: Open, stage: Stage) -> None:
    waits: list[tuple[str, list[dict[str, str]], str]] = [
        ("sesn_1", [{"name": "get_weather", "needs": "answer"}], "WaitingFor an answer to get_weather"),
        (
            "sesn_2",
            [{"name": "js_repl", "needs": "answer"}, {"name": "bash", "needs": "permission"}],
            "WaitingAllow bash?",
        ),
        ("sesn_3", [{"name": HOSTILE, "needs": "permission"}], f"WaitingAllow {HOSTILE}?"),
    ]
    listed = {"status": "idle", "stop_reason": "requires_action", "updated_at": "2026-10-01T09:00:00Z"}
    sessions = [{"id": id, "title": HOSTILE, "running": 0, "waiting_for": calls, **listed} for id, calls, _ in waits]
    stage.answers["/sessions"] = (200, {"sessions": sessions})
    page = await open_page("/")
    await expect(page.locator(".how")).to_have_text([said for _, _, said in waits])
    await page.get_by_role("button", name="Needs you").click()
    await expect(page.locator(".sessions li")).to_have_count(3)
    assert await page.evaluate("window.hacked") is None
    await expect(page).to_have_title("◆ Sessions · Glasshouse")


async def test_home_says_that_the_server_refuses(open_page: Open, stage: Stage) -> None:
    stage.answers["/sessions"] = (401, {"error": {"code": "login_needed", "message": "Open the login link."}})
    page = await open_page("/", expect="401")
    await expect(page.locator(".banner")).to_have_text("Open the login link.")


async def test_a_new_session_is_made_from_the_dialog(open_page: Open, stage: Stage) -> None:
    stage.answers |= {
        "/agents": (200, {"agents": [{"id": "agent_1", "name": "Shopper", "model": "claude-opus-5-5"}]}),
        "/environments": (200, {"environments": [{"id": "env_1", "name": "Default", "type": "cloud"}]}),
    }
    page = await open_page("/", expect="Cannot read")  # the stage answers /sessions with {}
    await page.get_by_role("button", name="New session").click()
    await page.get_by_label("First message").fill("Compare the mugs")
    await page.get_by_label("REPL").uncheck()
    stage.answers["/sessions"] = (201, {"id": "sesn_a", "sessions": []})
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/s/sesn_a")
    made = [body for method, path, body in stage.asked if (method, path) == ("POST", "/sessions")]
    assert made == [
        {"kits": ["browser"], "agent_id": "agent_1", "environment_id": "env_1", "message": "Compare the mugs"}
    ]


async def test_a_session_link_is_made_and_revoked(open_page: Open, stage: Stage) -> None:
    share = {"id": "shr_1", "scope": "session", "label": "", "expires_at": None, "viewers": 2}
    shares = "/sessions/sesn_a/shares"
    stage.answers[shares] = (200, {"data": [share]})
    page = await open_page()
    await page.get_by_role("button", name="Share").click()
    await expect(page.locator(".shares li")).to_contain_text("2 watching")
    await page.get_by_label("Expires").select_option("In a day")
    stage.answers[shares] = (200, {"data": [share], "url": "/v/secret", **share})
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.get_by_label("Link")).to_have_value(f"{stage.url}/v/secret")
    await page.get_by_role("button", name="Revoke").first.click()
    await expect(page.locator(".shares li")).to_have_count(1)
    await stage.until_asked("POST", shares, {"scope": "session", "expires_in_s": 86_400})
    await stage.until_asked("DELETE", f"{shares}/shr_1", None)
