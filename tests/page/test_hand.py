"""The browser's panel: the frames it draws, and the operator's hand in them."""

import json

from playwright.async_api import Page, expect

from tests.page.conftest import Open
from tests.page.pictures import Pictures, shows
from tests.page.stage import Stage
from tests.page.story import Story


async def red_page(stage: Stage, story: Story, picture: Pictures) -> str:
    """The agent has opened a page that is all red; the path by which the operator takes the controls."""
    path = "/sessions/sesn_a/kits/browser/browser_control"
    stage.answers[path] = (200, {"is_error": False, "content": []})
    stage.files["red"] = (await picture("#f00"), "image/jpeg")
    story.browse("browser_goto", "Opened a page", "red")
    return path


async def test_the_browser_shows_frame_address_target_and_trouble(
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    stage.files["red"] = (await picture("#f00"), "image/jpeg")
    target = {"n": 8, "role": "button", "name": "Add", "box": [100, 200, 80, 40]}
    counts = {"console_errors": 2, "failed_requests": 1}
    tabs = [{"id": i, "title": f"Tab {i}", "url": "https://a.test/", "active": i == 2} for i in (1, 2)]
    page = await open_page()
    story.browse("browser_goto", "Opened shop.test/mugs")
    story.browse(
        "browser_click", 'Clicked [8] button "Add"', "red", target=target, point=[140, 220], counts=counts, tabs=tabs
    )
    await shows(page, 0)
    await expect(page.locator(".b-address")).to_have_text("https://shop.test/mugs")
    await expect(page.locator(".b-did")).to_have_text('Clicked [8] button "Add"')
    await expect(page.locator(".b-counts")).to_have_attribute("aria-label", "2 console errors, 1 failed request")
    await expect(page.locator(".b-tabs [aria-current]")).to_have_text("Tab 2")
    assert await page.locator(".b-marks .outline").get_attribute("x") == "96"
    assert await page.locator(".b-marks .point").get_attribute("cx") == "140"


async def test_live_frames_are_drawn_while_the_panel_is_seen(
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    green, blue = await picture("#0f0"), await picture("#00f")
    page = await open_page()
    about = {"media_type": "image/jpeg", "url": "https://live.test/", "title": "Live", "width": 640, "height": 400}
    stage.frames.show(green, loading=True, **about)
    await shows(page, 1)
    await expect(page.locator(".b-address")).to_have_text("https://live.test/")
    await expect(page.locator(".b-loading")).to_be_visible()
    place = await page.locator(".b-address").bounding_box()
    stage.frames.show(blue, loading=False, **about)
    await shows(page, 2)
    await expect(page.locator(".b-loading")).to_be_hidden()
    assert await page.locator(".b-address").bounding_box() == place


async def seen(page: Page) -> int:
    """The width that the stage needs, in steps."""
    await page.locator(".b-stage").wait_for()
    return -(-int(await page.evaluate("document.querySelector('.b-stage').clientWidth")) // 160) * 160


async def test_live_frames_are_asked_for_as_wide_as_they_are_seen(open_page: Open, stage: Stage) -> None:
    page = await open_page(viewport={"width": 1440, "height": 900})
    wide = await seen(page)
    await stage.until_watched(wide)
    await page.set_viewport_size({"width": 1000, "height": 700})
    narrow = await seen(page)
    assert narrow < wide
    await stage.until_watched(narrow)
    await page.get_by_role("tab", name="REPL").click()
    await stage.until_watched()
    await page.get_by_role("tab", name="Browser").click()
    await stage.until_watched(narrow)


async def test_a_window_that_is_hidden_watches_nothing(open_page: Open, stage: Stage) -> None:
    page = await open_page()
    width = await seen(page)
    await stage.until_watched(width)
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(hide, True)
    await stage.until_watched()
    await page.evaluate(hide, False)
    await stage.until_watched(width)


async def test_a_phone_watches_smaller_frames_and_none_while_it_shows_the_conversation(
    open_page: Open, stage: Stage
) -> None:
    phone = {"viewport": {"width": 360, "height": 720}, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}
    page = await open_page(**phone)
    await page.get_by_role("tab", name="Browser").tap()
    await stage.until_watched(800)  # 340 px, twice as dense, in steps of 160
    await page.get_by_role("tab", name="Chat").tap()
    await stage.until_watched()


async def test_what_is_drawn_over_a_small_frame_and_clicked_in_it_is_in_the_pages_pixels(
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    path = "/sessions/sesn_a/kits/browser/browser_control"
    stage.answers[path] = (200, {"is_error": False, "content": []})
    target = {"n": 8, "role": "button", "name": "Add", "box": [100, 200, 80, 40]}
    viewport = {"width": 1366, "height": 768}
    page = await open_page()
    story.browse("browser_click", "Clicked", target=target, point=[683, 384], viewport=viewport)
    frame = await picture("#0f0", width=320, height=180)  # 1366 × 768 made 320 wide, rounded
    stage.frames.show(frame, media_type="image/jpeg", url="https://live.test/", title="Live", loading=False, **viewport)
    await shows(page, 1)
    box = await page.locator(".b-stage").bounding_box()
    point = await page.locator(".b-marks .point").bounding_box()
    assert box
    assert point
    assert abs(box["width"] / box["height"] - 1366 / 768) < 0.01
    assert abs(point["x"] + point["width"] / 2 - box["x"] - box["width"] / 2) < 1
    assert abs(point["y"] + point["height"] / 2 - box["y"] - box["height"] / 2) < 1
    await page.get_by_role("button", name="Take control").click()
    await expect(page.get_by_role("button", name="Give back")).to_be_visible()
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    await page.get_by_role("button", name="Give back").click()
    await stage.until_asked("POST", path, {"action": "release"})
    click = next(body for _, where, body in stage.asked if where == path and body["action"] == "click")
    assert abs(click["x"] - 683) <= 2
    assert abs(click["y"] - 192) <= 2


async def test_the_hand_clicks_types_and_scrolls_in_the_pages_own_pixels(
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    path = await red_page(stage, story, picture)
    page = await open_page()
    await shows(page, 0)
    await page.get_by_role("button", name="Take control").click()
    await expect(page.get_by_role("button", name="Give back")).to_be_visible()
    place = page.locator(".b-stage")
    box = await place.bounding_box()
    assert box
    await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    await page.keyboard.type("hi?")
    await page.keyboard.press("Enter")
    await page.mouse.wheel(0, 120)
    await expect(page.locator("dialog[open]")).to_have_count(0)  # "?" was typed into the page, not at ours
    await page.get_by_role("button", name="Reload").click()
    await page.get_by_label("Address").fill("shop.test")
    await page.get_by_label("Address").press("Enter")
    await page.get_by_role("button", name="Give back").click()
    await expect(page.get_by_role("button", name="Take control")).to_be_visible()
    await stage.until_asked("POST", path, {"action": "release"})
    acts = [body for _, where, body in stage.asked if where == path and body["action"] != "move"]
    typed = [act["text"] for act in acts if act["action"] == "type"]  # in as many goes as the network was free
    assert "".join(typed) == "hi?"
    click, press, scroll = (next(act for act in acts if act["action"] == kind) for kind in ("click", "press", "scroll"))
    assert ((click["x"], click["y"]), press["keys"], scroll["dy"]) == ((640, 200), "Enter", 120)
    order = [act["action"] for act in acts if act["action"] != "type"]
    assert order == ["take", "click", "press", "scroll", "reload", "goto", "release"], json.dumps(acts)


async def test_a_phone_taps_drags_and_types_with_its_own_keyboard(
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    path = await red_page(stage, story, picture)
    page = await open_page(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True)
    await page.get_by_role("tab", name="Browser").tap()
    await shows(page, 0)
    await page.get_by_role("button", name="Take control").tap()
    await expect(page.get_by_label("Type into the page")).to_be_focused()
    box = await page.locator(".b-stage").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.touchscreen.tap(x, y)
    await expect(page.get_by_label("Type into the page")).to_be_focused()
    client = await page.context.new_cdp_session(page)
    await client.send("Input.insertText", {"text": "süß"})  # what a keyboard on the screen sends: text, no keys
    await client.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    await client.send("Input.insertText", {"text": "日"})
    await page.evaluate("() => { document.execCommand('delete') }")
    for kind, at in (("touchStart", y), ("touchMove", y - 20), ("touchMove", y - 40)):
        await client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at}]})
    await client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await page.get_by_role("button", name="Give back").click()  # a tap right after a fling only ends the fling
    await stage.until_asked("POST", path, {"action": "release"})
    acts = [body for _, where, body in stage.asked if where == path and body["action"] != "move"]
    assert "".join(act["text"] for act in acts if act["action"] == "type") == "süß日"
    order = [act["action"] for act in acts if act["action"] != "type"]
    assert order == ["take", "click", "press", "scroll", "release"], json.dumps(acts)
    click, press, scroll = acts[1], *(one for one in acts if one["action"] in ("press", "scroll"))
    assert ((click["x"], click["y"]), press["keys"]) == ((640, 400), "Backspace")
    assert scroll["dy"] > 0
