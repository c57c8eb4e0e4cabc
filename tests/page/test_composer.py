"""Writing to the agent: sent at once, held while calls are open, kept over a reload."""

from playwright.async_api import expect

from tests.page.conftest import Open
from tests.page.stage import Stage
from tests.page.story import Story

SENT = ("POST", "/sessions/sesn_a/messages", {"text": "Go on"})


async def test_enter_sends_and_shift_enter_breaks_the_line(open_page: Open, story: Story, stage: Stage) -> None:
    story.idle()
    page = await open_page()
    box = page.get_by_label("Message", exact=True)
    await box.press_sequentially("Go")
    await box.press("Shift+Enter")
    await box.press_sequentially("on")
    await box.press("Enter")
    await expect(box).to_have_value("")
    await stage.until_asked("POST", "/sessions/sesn_a/messages", {"text": "Go\non"})


async def test_a_message_is_held_while_calls_are_open_and_sent_when_they_are_answered(
    open_page: Open, story: Story, stage: Stage
) -> None:
    story.running()
    call = story.begin("browser_click", "browser", target="[1]")
    story.idle("requires_action")
    page = await open_page()
    box = page.get_by_label("Message", exact=True)
    await expect(page.locator(".hint").last).to_contain_text("1 call")
    await box.fill("Go on")
    await box.press("Enter")
    await expect(page.locator(".composer")).to_have_class("composer held")
    await expect(page.locator("#composer-hint")).to_contain_text("Held until 1 call is answered")
    assert SENT not in stage.asked
    story.end(call, "browser_click", "browser", "Clicked")
    story.running()
    await expect(box).to_have_value("")
    assert stage.asked.count(SENT) == 1


async def test_a_held_message_can_be_taken_back(open_page: Open, story: Story, stage: Stage) -> None:
    story.begin("browser_click", "browser", target="[1]")
    page = await open_page()
    box = page.get_by_label("Message", exact=True)
    await expect(page.locator("#composer-hint")).to_contain_text("1 call")
    await box.fill("Go on")
    await box.press("Enter")
    await page.get_by_role("button", name="Take the message back").click()
    await expect(box).to_be_editable()
    await expect(box).to_have_value("Go on")
    assert SENT not in stage.asked


async def test_a_refused_message_stays_and_says_why(open_page: Open, story: Story, stage: Stage) -> None:
    story.idle()
    stage.answers["/sessions/sesn_a/messages"] = (429, {"error": {"code": "slow_down", "message": "Wait a minute."}})
    page = await open_page(expect="429")
    box = page.get_by_label("Message", exact=True)
    await box.fill("Go on")
    await box.press("Enter")
    await expect(page.locator("#composer-hint")).to_have_text("Wait a minute.")
    await expect(box).to_have_value("Go on")


async def test_a_draft_survives_a_reload(open_page: Open, story: Story) -> None:
    story.idle()
    page = await open_page()
    await page.get_by_label("Message", exact=True).fill("Half a thou")
    await page.reload()
    await expect(page.get_by_label("Message", exact=True)).to_have_value("Half a thou")


async def test_stop_is_there_while_the_agent_works(open_page: Open, story: Story, stage: Stage) -> None:
    story.running()
    page = await open_page()
    await page.get_by_role("button", name="Stop the agent").click()
    story.idle()
    await expect(page.get_by_role("button", name="Stop the agent")).to_be_hidden()
    await stage.until_asked("POST", "/sessions/sesn_a/interrupt", {})
