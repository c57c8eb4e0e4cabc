"""The tools' side: which panel shows, what it draws, the replay, and the operator's hand."""

from playwright.async_api import expect

from tests.page.conftest import Open
from tests.page.pictures import Pictures, shows
from tests.page.stage import Stage
from tests.page.story import TREE, Story


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
    open_page: Open, story: Story, stage: Stage, picture: Pictures
) -> None:
    for name, colour in (("red", "#f00"), ("blue", "#00f")):
        stage.files[name] = (await picture(colour), "image/jpeg")
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
    page = await open_page(own=True, expect="repl|404")
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
