"""The stream under the page, and the reader's place in a conversation that grows."""

from playwright.async_api import Page, expect

from tests.page.conftest import Open
from tests.page.stage import Stage, open_stage
from tests.page.story import Story


async def texts(page: Page) -> list[str]:
    """What the agent said, as it is shown."""
    return await page.locator(".item.agent .text").all_inner_texts()


async def test_a_dropped_stream_is_followed_again_without_gap_or_double(
    open_page: Open, story: Story, stage: Stage
) -> None:
    story.agent("one")
    page = await open_page()
    await expect(page.locator(".item.agent")).to_have_count(1)
    stage.cut()
    await expect(page.locator(".banner")).to_contain_text("connection is lost")
    story.agent("two")
    await expect(page.locator(".item.agent")).to_have_count(2)
    story.agent("three")
    await expect(page.locator(".item.agent")).to_have_count(3)
    await expect(page.locator(".banner")).to_be_hidden()
    assert await texts(page) == ["one", "two", "three"]
    assert [after for _, after in stage.streams] == [0, 1]


async def test_a_server_that_is_killed_and_comes_back_is_followed_without_reload(open_page: Open) -> None:
    lost = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY|ERR_CONNECTION_RESET"
    async with open_stage() as stage:
        story = Story(stage.session())
        story.agent("one")
        page = await open_page(stage.url + "/s/sesn_a", expect=lost)
        await expect(page.locator(".item.agent")).to_have_count(1)
        await expect(page.get_by_role("tab", name="REPL")).to_be_visible()
    await expect(page.locator(".banner")).to_contain_text("connection is lost")
    await expect(page.locator(".top .status")).to_have_text("Disconnected")
    box = page.get_by_label("Message", exact=True)
    await box.fill("Are you there?")
    await box.press("Enter")
    await expect(page.locator("#composer-hint")).to_have_text("Held until the server is back.")
    async with open_stage(stage):
        story.agent("two")
        await expect(page.locator(".item.agent")).to_have_count(2, timeout=20_000)
        assert await texts(page) == ["one", "two"]
        await expect(box).to_have_value("")
        assert [after for _, after in stage.streams] == [0, 1]
        assert [path for method, path, _ in stage.asked if method == "POST"] == ["/sessions/sesn_a/messages"]
        await page.close()


async def test_a_number_that_is_missing_is_asked_for_again(open_page: Open, story: Story, stage: Stage) -> None:
    stage.hide_once = 2
    for text in ("one", "two", "three"):
        story.agent(text)
    page = await open_page()
    await expect(page.locator(".item.agent")).to_have_count(3)
    assert await texts(page) == ["one", "two", "three"]
    assert [after for _, after in stage.streams] == [0, 1]


async def test_a_session_that_does_not_exist_says_so(open_page: Open) -> None:
    page = await open_page("/s/sesn_nobody", expect="404")
    await expect(page.locator(".starting")).to_contain_text("no such session")
    await expect(page.get_by_role("link", name="All sessions").last).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_be_hidden()
    await expect(page.locator(".top .status")).to_have_text("Disconnected")


async def test_the_end_is_followed_only_while_the_reader_is_there(open_page: Open, story: Story) -> None:
    for i in range(40):
        story.agent(f"Message {i}\n\nwith a second line")
    page = await open_page()
    scroll = page.locator(".scroll")
    gap = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    await expect(page.get_by_text("Message 39")).to_be_in_viewport()
    story.agent("Message 40")
    await expect(page.get_by_text("Message 40")).to_be_in_viewport()

    await scroll.hover()
    await page.mouse.wheel(0, -600)
    await page.wait_for_function(f"() => ({gap})(document.querySelector('.scroll')) > 300")
    before = await scroll.evaluate("node => node.scrollTop")
    story.agent("Message 41")
    await expect(page.locator(".pill")).to_be_visible()
    assert abs(await scroll.evaluate("node => node.scrollTop") - before) < 2
    await page.locator(".pill").click()
    await expect(page.get_by_text("Message 41")).to_be_in_viewport()
    assert await scroll.evaluate(gap) < 48
    await expect(page.locator(".pill")).to_be_hidden()


async def test_five_thousand_events_open_at_the_end_and_draw_only_what_is_near(open_page: Open, story: Story) -> None:
    for i in range(1_000):
        story.agent(f"Message **{i}**")
        call = story.begin("js_repl", "repl", code=f"{i}")
        story.end(call, "js_repl", "repl", f"{i}")
    assert story.session.count == 6_000
    page = await open_page()
    await expect(page.get_by_text("Message 999")).to_be_in_viewport()
    assert await page.locator(".item").count() <= 400
    for i in range(1_000, 1_400):
        story.agent(f"Message **{i}**")
    await expect(page.get_by_text("Message 1399")).to_be_in_viewport()
    assert await page.locator(".item").count() <= 400
    await page.locator(".scroll").focus()
    await page.keyboard.press("Home")
    await expect(page.get_by_text("Message 1250", exact=True)).to_be_attached()


async def test_going_up_brings_earlier_items_without_a_jump(open_page: Open, story: Story) -> None:
    for i in range(200):
        story.agent(f"Message {i} " + "word " * (i % 30))
    page = await open_page()
    await expect(page.get_by_text("Message 199")).to_be_in_viewport()
    seen = page.get_by_text("Message 165 ")
    await seen.scroll_into_view_if_needed()
    await expect(page.get_by_text("Message 100 ")).to_be_attached()  # earlier ones came in above
    await expect(seen).to_be_in_viewport()


async def test_text_in_a_streamed_message_stays_selected(open_page: Open, story: Story) -> None:
    story.user("Hi")
    page = await open_page()
    await expect(page.locator(".item.user")).to_be_visible()
    story.preview("sevt_9", "First paragraph.\n\n", "Second")
    first = page.locator(".streaming .block p").first
    await expect(first).to_have_text("First paragraph.")
    await first.click(click_count=3)
    story.preview("sevt_9", " goes on.")
    await expect(page.locator(".streaming")).to_contain_text("goes on")
    assert "First paragraph." in str(await page.evaluate("String(getSelection())"))
