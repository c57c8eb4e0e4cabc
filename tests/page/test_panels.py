"""The tools' side: which panel shows, what it draws, the replay, and the operator's hand."""

import json

from playwright.async_api import Browser, Page, expect

from tests.page.conftest import Open
from tests.page.stage import Stage
from tests.page.story import TREE, Story


async def picture(chromium: Browser, colour: str, *, width: int = 640, height: int = 400) -> bytes:
    """A JPEG of one colour, as big as a page."""
    page = await chromium.new_page(viewport={"width": width, "height": height})
    await page.set_content(f"<body style='background:{colour}'>")
    data = await page.screenshot(type="jpeg")
    await page.close()
    return data


async def shows(page: Page, channel: int) -> None:
    """Wait until the canvas is mostly of one colour: 0 red, 1 green, 2 blue."""
    await page.wait_for_function(
        """(channel) => {
            const canvas = document.querySelector(".b-stage canvas");
            if (!canvas) return false;
            const pixel = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
            return pixel[channel] > 200 && pixel[(channel + 1) % 3] < 60;
        }""",
        arg=channel,
    )


async def test_the_panel_in_use_comes_to_the_front_until_the_reader_chooses(open_page: Open, story: Story) -> None:
    page = await open_page()
    tabs = page.get_by_role("tab")
    story.evaluate("1 + 1", n=1, result="2")
    await expect(page.locator("#tab-repl")).to_have_attribute("aria-selected", "true")
    story.browse("browser_goto", "Opened a page")
    await expect(page.locator("#tab-browser")).to_have_attribute("aria-selected", "true")
    await tabs.filter(has_text="Browser").click()
    story.evaluate("2 + 2", n=2, result="4")
    await expect(page.locator("#tab-repl")).to_have_class("tab news")
    await expect(page.locator("#tab-browser")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("button", name="Follow the agent").click()
    story.evaluate("3 + 3", n=3, result="6")
    await expect(page.locator("#tab-repl")).to_have_attribute("aria-selected", "true")
    await expect(page.locator(".r-entry")).to_have_count(3)


async def test_tools_that_change_fast_do_not_make_the_panels_flicker(open_page: Open, story: Story) -> None:
    page = await open_page()
    await expect(page.locator("#tab-repl")).to_be_visible()
    await page.evaluate("""() => {
        window.changes = [];
        const note = () => changes.push(document.querySelector("[role=tab][id][aria-selected=true]").id);
        new MutationObserver(note).observe(document.querySelector("#panel-repl"), { attributeFilter: ["hidden"] });
    }""")
    for n in range(4):
        story.evaluate(f"{n}", n=n + 1, result=f"{n}")
        await expect(page.locator(".item.call")).to_have_count(2 * n + 1)
        story.browse("browser_goto", f"Opened page {n}")
        await expect(page.locator(".item.call")).to_have_count(2 * n + 2)
    await expect(page.locator(".b-did")).to_have_text("Opened page 3")
    await expect(page.locator("#tab-browser")).to_have_attribute("aria-selected", "true")
    assert len(await page.evaluate("changes")) <= 4


async def test_a_card_drawn_before_its_panel_gets_its_icon(open_page: Open, story: Story) -> None:
    story.evaluate("1", n=1, result="1")
    page = await open_page()
    drawing = await page.locator("#tab-repl .icon path").get_attribute("d")
    await expect(page.locator(".call .mark path")).to_have_attribute("d", str(drawing))


async def test_what_the_operator_did_by_hand_is_a_moment(open_page: Open, story: Story) -> None:
    story.agent("Hello")
    act = {"author": "operator", "label": "click at 10, 20", "call_id": None, "url": "https://a.test/", "frame": None}
    story.put("browser.acted", **act)
    page = await open_page()
    await expect(page.locator(".moment")).to_have_text("2 moments")
    await page.keyboard.press(",")
    await page.keyboard.press(".")
    await expect(page.locator(".moment")).to_contain_text("click at 10, 20")


async def test_the_browser_shows_frame_address_target_and_trouble(
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    stage.files["red"] = (await picture(chromium, "#f00"), "image/jpeg")
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
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    green, blue = await picture(chromium, "#0f0"), await picture(chromium, "#00f")
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
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    path = "/sessions/sesn_a/kits/browser/browser_control"
    stage.answers[path] = (200, {"is_error": False, "content": []})
    target = {"n": 8, "role": "button", "name": "Add", "box": [100, 200, 80, 40]}
    viewport = {"width": 1366, "height": 768}
    page = await open_page()
    story.browse("browser_click", "Clicked", target=target, point=[683, 384], viewport=viewport)
    frame = await picture(chromium, "#0f0", width=320, height=180)  # 1366 × 768 made 320 wide, rounded
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
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    stage.files["red"] = (await picture(chromium, "#f00"), "image/jpeg")
    path = "/sessions/sesn_a/kits/browser/browser_control"
    stage.answers[path] = (200, {"is_error": False, "content": []})
    story.browse("browser_goto", "Opened a page", "red")
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


async def test_the_notebook_shows_console_result_error_line_and_symbols(open_page: Open, story: Story) -> None:
    names = [{"name": n, "kind": "const", "type": "Map", "size": 1, "preview": f"Map of {n}"} for n in ("mugs", "cups")]
    story.evaluate(
        "const mugs = new Map();\nmugs", n=1, result="Map(0) {}", symbols={"set": names, "removed": []},
        console=[{"level": "log", "text": "hello"}, {"level": "warn", "text": "careful"}],
    )  # fmt: skip
    error = {"text": "Uncaught TypeError: no", "line": 2, "column": 3, "kind": "TypeError"}
    story.evaluate("1;\nnull.x", n=2, error=error, symbols={"set": [], "removed": ["cups"]})
    page = await open_page()
    entries = page.locator(".r-entry")
    await expect(entries).to_have_count(2)
    await expect(entries.first.locator(".r-code .hljs-keyword").first).to_have_text("const")
    await expect(entries.first.locator(".r-console .warn")).to_contain_text("careful")
    await expect(entries.last.locator(".r-error")).to_contain_text("line 2, column 3")
    await expect(entries.last.locator(".r-bad-line")).to_be_attached()
    await expect(page.locator(".r-symbols li")).to_have_count(1)
    await page.get_by_label("Find a symbol").fill("nothing")
    await expect(page.locator(".r-symbols li")).to_have_count(0)


async def test_a_result_opens_as_a_tree_by_keyboard_and_by_mouse(open_page: Open, story: Story) -> None:
    story.evaluate("m", n=1, result="Map(2) {…}", tree=TREE)
    page = await open_page()
    items = page.get_by_role("treeitem")
    await expect(items).to_have_text(["Map(2) {…}"])
    await items.first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(items).to_have_count(4)
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):  # to the first child, open it, to its first child
        await page.keyboard.press(key)
    await expect(page.locator(":focus > .r-row")).to_have_text("0: 1")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(":focus")).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("End")
    await expect(page.locator(":focus > .r-row")).to_have_text("d: '<img src=x onerror=hacked=1>'")
    await page.get_by_text("{ c: 1 }").click()
    await expect(page.get_by_text("… 7 more")).to_be_visible()
    await items.first.locator("> .r-row").click()
    await expect(page.locator(".r-row:visible")).to_have_count(1)


async def test_the_operator_runs_code_in_the_same_context(open_page: Open, story: Story, stage: Stage) -> None:
    answer = {"is_error": False, "content": [{"type": "text", "text": "2"}]}
    stage.answers["/sessions/sesn_a/kits/repl/js_repl"] = (200, answer)
    story.evaluate("1", n=1, result="1")
    page = await open_page()
    box = page.get_by_label("Code to run")
    await box.fill("1 + 1")
    await box.press("Enter")
    await expect(box).to_have_value("")
    assert ("POST", "/sessions/sesn_a/kits/repl/js_repl", {"code": "1 + 1"}) in stage.asked
    await box.press("ArrowUp")
    await expect(box).to_have_value("1 + 1")


async def test_the_replay_shows_the_panels_and_the_conversation_at_that_moment(
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    for name, colour in (("red", "#f00"), ("blue", "#00f")):
        stage.files[name] = (await picture(chromium, colour), "image/jpeg")
    story.agent("Before")
    story.browse("browser_goto", "Opened the first page", "red", url="https://first.test/")
    story.evaluate("1", n=1, result="1")
    story.browse("browser_goto", "Opened the second page", "blue", url="https://second.test/")
    page = await open_page()
    await shows(page, 2)
    slider = page.get_by_label("Moment of the session")
    await slider.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator("#tab-repl")).to_have_attribute("aria-selected", "true")
    await expect(page.locator(".r-entry")).to_have_count(1)
    await page.keyboard.press("ArrowLeft")
    await shows(page, 0)
    await expect(page.locator(".b-address")).to_have_text("https://first.test/")
    await expect(page.locator(".item.later")).to_have_count(2)
    await expect(page.get_by_role("button", name="Take control")).to_be_hidden()
    await expect(page.locator(".b-did")).to_have_text("Opened the first page")
    story.browse("browser_goto", "Opened the third page", "red", url="https://third.test/")
    await expect(page.locator(".item.call")).to_have_count(4)
    await expect(page.locator(".b-address")).to_have_text("https://first.test/")
    await page.get_by_role("button", name="Live").click()
    await expect(page.locator(".b-address")).to_have_text("https://third.test/")
    await expect(page.locator(".item.later")).to_have_count(0)


async def test_a_moment_has_what_its_call_brought_also_when_that_was_told_after_the_end(
    open_page: Open, story: Story
) -> None:
    for n in (1, 2):
        call = story.begin("browser_goto", "browser", url=f"https://a.test/{n}")
        story.end(call, "browser_goto", "browser", "Done")
        story.agent(f"Went to {n}.")
        act = {"author": "agent", "tool": "browser_goto", "label": f"Opened {n}", "url": f"https://a.test/{n}"}
        story.put("browser.acted", call_id=call, frame=None, **act)
    page = await open_page()
    await expect(page.locator(".moment")).to_have_text("4 moments")
    await page.get_by_label("Moment of the session").press("Home")
    for label, opened in (("browser_goto", 1), ("The agent wrote", 1), ("browser_goto", 2), ("The agent wrote", 2)):
        await expect(page.locator(".moment span")).to_have_text(label)
        await expect(page.locator(".b-did")).to_have_text(f"Opened {opened}")
        await page.keyboard.press("ArrowRight")


async def test_a_panel_that_cannot_be_loaded_says_so_and_the_others_work(
    open_page: Open, story: Story, stage: Stage
) -> None:
    stage.kits["broken"] = "Broken"
    story.evaluate("1", n=1, result="1")
    page = await open_page(expect="roken|404")
    await page.get_by_role("tab", name="Broken").click()
    await expect(page.locator("#panel-broken")).to_contain_text("Broken cannot be shown")
    await page.get_by_role("tab", name="REPL").click()
    await expect(page.locator(".r-entry")).to_be_visible()


async def test_a_panel_that_could_not_be_loaded_is_loaded_when_asked_again(
    open_page: Open, story: Story, stage: Stage
) -> None:
    story.evaluate("1", n=1, result="1")
    stage.broken.add("/kits/repl/panel.js")
    page = await open_page(expect="repl|404")
    await page.get_by_role("tab", name="REPL").click()
    await expect(page.locator("#panel-repl")).to_contain_text("REPL cannot be shown")
    stage.broken.clear()
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".r-entry")).to_be_visible()


async def test_only_what_happens_after_the_opening_is_news(open_page: Open, story: Story) -> None:
    story.evaluate("1", n=1, result="1")
    story.browse("browser_goto", "Opened a page")
    page = await open_page()
    await expect(page.locator(".b-did")).to_have_text("Opened a page")
    await expect(page.locator("#tab-repl")).to_have_class("tab")
    await page.get_by_role("tab", name="Browser").click()
    await expect(page.locator(".items")).not_to_have_attribute("aria-busy", "true")  # the log's past is here
    story.evaluate("2", n=2, result="2")
    await expect(page.locator("#tab-repl")).to_have_class("tab news")


async def test_a_shared_view_only_looks(open_page: Open, story: Story, stage: Stage) -> None:
    stage.sessions["token_1"] = stage.session()
    story.agent("Hello")
    story.evaluate("1", n=1, result="1")
    page = await open_page("/v/token_1")
    await expect(page.get_by_text("Hello")).to_be_visible()
    await expect(page.get_by_text("View only")).to_be_visible()
    for name in ("Message", "Code to run"):
        await expect(page.get_by_label(name, exact=True)).to_be_hidden()
    for name in ("Share", "Take control", "Send"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert all(path.startswith("/v/token_1/") for path, _ in stage.streams)
    assert all(method == "GET" for method, _, _ in stage.asked)


async def test_a_phone_taps_drags_and_types_with_its_own_keyboard(
    open_page: Open, story: Story, stage: Stage, chromium: Browser
) -> None:
    stage.files["red"] = (await picture(chromium, "#f00"), "image/jpeg")
    path = "/sessions/sesn_a/kits/browser/browser_control"
    stage.answers[path] = (200, {"is_error": False, "content": []})
    story.browse("browser_goto", "Opened a page", "red")
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
