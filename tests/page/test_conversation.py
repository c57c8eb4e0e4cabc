"""What people read: previews, calls, trouble, and nothing of it runs."""

from playwright.async_api import expect

from tests.page.conftest import Open
from tests.page.stage import Stage
from tests.page.story import HOSTILE, TREE, Story


async def test_a_preview_grows_and_is_replaced_by_the_whole_message(open_page: Open, story: Story) -> None:
    story.user("Hello")
    story.running()
    page = await open_page()
    await expect(page.locator(".item.user .bubble")).to_have_text("Hello")
    story.preview("sevt_9", "The **answ", "er** is")
    await expect(page.locator(".item.agent.streaming strong")).to_have_text("answer")
    story.agent("The **answer** is 42.", id="sevt_9")
    await expect(page.locator(".item.agent")).to_have_text("The answer is 42.")
    await expect(page.locator(".streaming")).to_have_count(0)


async def test_a_preview_whose_message_never_comes_is_dropped(open_page: Open, story: Story) -> None:
    story.user("Hello")
    page = await open_page()
    await expect(page.locator(".item.user")).to_be_visible()
    story.preview("sevt_9", "I was about to")
    await expect(page.locator(".streaming")).to_be_visible()
    story.put("user.interrupt", id="sevt_10")
    story.idle()
    await expect(page.locator(".streaming")).to_have_count(0)
    await expect(page.locator(".notice")).to_contain_text("Stopped")


async def test_an_event_seen_unprocessed_and_processed_is_one_message(open_page: Open, story: Story) -> None:
    story.user("Only once")
    page = await open_page()
    await expect(page.locator(".item.user")).to_have_count(1)
    await expect(page.get_by_text("Waiting to be read")).to_be_hidden()


async def test_hostile_text_is_shown_and_executes_nowhere(open_page: Open, story: Story) -> None:
    story.user(HOSTILE)
    story.agent(HOSTILE)
    story.agent("```html\n" + HOSTILE + "\n```")
    story.browse("browser_goto", HOSTILE, url="javascript:window.hacked=1", title=HOSTILE, notes=[HOSTILE])
    story.evaluate(HOSTILE, n=1, result=HOSTILE, console=[{"level": "log", "text": HOSTILE}])
    call = story.begin("browser_read", "browser", target=HOSTILE)
    story.end(call, "browser_read", "browser", HOSTILE)
    story.put("agent.brand_new", id="sevt_x", text=HOSTILE)
    story.put("session.error", id="sevt_e", error={"type": "<b>", "message": HOSTILE})
    page = await open_page()
    await expect(page.locator(".item.call")).to_have_count(3)
    for card in await page.locator(".item summary").all():
        await card.click()
    for tab in ("browser", "repl"):
        await page.click(f"#tab-{tab}")
    await expect(page.locator(".r-entry")).to_be_visible()
    assert await page.evaluate("window.hacked") is None
    await expect(page.locator(".item.agent").first).to_contain_text("<script>window.hacked=1</script>")
    bad = "iframe, form input[name=body], svg[onload], [onerror], .item [style], img[src^=http]"
    assert await page.locator(bad).count() == 0
    links = await page.locator(".items a, .panels a").evaluate_all("all => all.map((one) => one.protocol)")
    assert set(links) <= {"http:", "https:", ":"}  # ":" is a link to nowhere


async def test_hostile_names_are_shown_and_execute_nowhere(open_page: Open, story: Story, stage: Stage) -> None:
    stage.kits = {**stage.kits, "browser": HOSTILE}
    stage.session().title = HOSTILE
    share = {"id": "shr_1", "scope": "page", "kit": HOSTILE, "label": HOSTILE, "expires_at": HOSTILE, "viewers": 1}
    stage.answers["/sessions/sesn_a/shares"] = (200, {"data": [share]})
    story.put("runtime.attached", by=HOSTILE)
    story.put("session.thread_created", id="sevt_th", session_thread_id="sthr_1", agent_name=HOSTILE)
    own = {"name": HOSTILE, "input": {HOSTILE: HOSTILE}, "session_thread_id": "sthr_1"}
    story.put("agent.mcp_tool_use", id="sevt_m", mcp_server_name=HOSTILE, evaluated_permission="ask", **own)
    file = {"type": "image", "file": "javascript:window.hacked=1", "media_type": "text/html"}
    wrong = {"type": "image", "source": {"type": "base64", "media_type": "image/svg+xml", "data": "PHN2Zy8+"}}
    for id, block in (("sevt_f", file), ("sevt_w", wrong), ("sevt_k", {"type": HOSTILE, HOSTILE: 1})):
        story.put("agent.custom_tool_use", id=id, name=HOSTILE, input={"code": HOSTILE})
        story.put("call.finished", call_id=id, tool=HOSTILE, kit=HOSTILE, is_error=False, content=[block], ms=1)
    tabs = [{"id": n, "title": HOSTILE, "url": "javascript:window.hacked=1", "active": n == 1} for n in (1, 2)]
    target = {"n": 8, "role": HOSTILE, "name": HOSTILE, "box": [1, 1, 9, 9]}
    story.browse("browser_click", HOSTILE, tabs=tabs, target=target, point=[5, 5], text=HOSTILE)
    symbol = {"name": HOSTILE, "kind": HOSTILE, "type": HOSTILE, "size": 1, "preview": HOSTILE}
    story.evaluate(HOSTILE, n=1, result="1", tree=TREE | {"key": HOSTILE}, symbols={"set": [symbol], "removed": []})
    story.put(f"{HOSTILE}.reset")
    page = await open_page(expect="404|500|Failed to load")
    await expect(page.locator(".r-symbols code")).to_have_text(HOSTILE)
    await expect(page.locator("h1")).to_have_text(HOSTILE)
    for card in await page.locator(".call summary").all():
        await card.click()
    await page.click("#tab-browser")
    await page.get_by_role("button", name="Share").click()
    await expect(page.locator(".shares li")).to_contain_text(HOSTILE)
    assert await page.evaluate("window.hacked") is None
    bad = "iframe, form input[name=body], svg[onload], [onerror], .item [style], img[src^=http], img[src^=data]"
    assert await page.locator(bad).count() == 0
    assert await page.locator("[href^='javascript:'], [src^='javascript:']").count() == 0


async def test_a_card_tells_of_the_call_from_start_to_result(open_page: Open, story: Story, stage: Stage) -> None:
    page = await open_page()
    call = story.begin("browser_click", "browser", target="[8]")
    card = page.locator(".item.call")
    await expect(card).to_have_attribute("data-state", "running")
    await expect(card.locator(".args")).to_have_text("[8]")
    stage.files["f"] = (b"\x89PNG\r\n\x1a\n", "image/png")
    story.end(call, "browser_click", "browser", "The button is covered.", error=True, ms=1_250, file="f")
    await expect(card.locator(".outcome")).to_have_text("failed · 1.3 s")
    await card.locator("summary").click()
    await expect(card.locator("section").last).to_contain_text("The button is covered.")
    await expect(card.locator("img")).to_have_attribute("src", "/sessions/sesn_a/files/f")


async def test_a_call_answered_by_another_client_says_so(open_page: Open, story: Story) -> None:
    story.put("agent.custom_tool_use", id="sevt_1", name="weather", input={"city": "Graz"})
    content = [{"type": "text", "text": "Sunny"}]
    story.put("user.custom_tool_result", id="sevt_2", custom_tool_use_id="sevt_1", content=content)
    page = await open_page()
    await page.locator(".call summary").click()
    await expect(page.locator(".call-body")).to_contain_text("another client")
    await expect(page.locator(".call-body")).to_contain_text("Sunny")


async def test_a_call_that_needs_permission_is_allowed_or_denied(open_page: Open, story: Story, stage: Stage) -> None:
    story.put("agent.tool_use", id="sevt_1", name="bash", input={"command": "rm x"}, evaluated_permission="ask")
    story.idle("requires_action")
    page = await open_page()
    await expect(page.locator(".top .status")).to_have_text("Needs permission")
    await page.get_by_label("Reason for denying").fill("Not that one")
    await page.get_by_role("button", name="Deny").click()
    story.put("user.tool_confirmation", id="sevt_2", tool_use_id="sevt_1", result="deny", deny_message="Not that one")
    await expect(page.locator(".ask")).to_be_hidden()
    await expect(page.locator(".call .outcome")).to_have_text("denied")
    body = {"tool_use_id": "sevt_1", "result": "deny", "deny_message": "Not that one"}
    await stage.until_asked("POST", "/sessions/sesn_a/confirm", body)


async def test_an_answer_that_the_server_refuses_can_be_given_again(
    open_page: Open, story: Story, stage: Stage
) -> None:
    story.put("agent.tool_use", id="sevt_1", name="bash", input={"command": "rm x"}, evaluated_permission="ask")
    stage.answers["/sessions/sesn_a/confirm"] = (502, {"error": {"code": "api", "message": "The API is not there."}})
    page = await open_page(expect="502")
    await page.get_by_role("button", name="Allow").click()
    await expect(page.locator(".banner")).to_have_text("The API is not there.")
    del stage.answers["/sessions/sesn_a/confirm"]
    await page.get_by_role("button", name="Allow").click()
    await expect(page.locator(".banner")).to_be_hidden()


async def test_trouble_is_told_in_words(open_page: Open, story: Story) -> None:
    retrying = {"type": "model_overloaded_error", "retry_status": {"type": "retrying"}}
    story.put("session.error", id="sevt_1", error=retrying)
    story.put("agent.thread_context_compacted", id="sevt_2")
    story.put("runtime.failed", message="The API refused the key.")
    story.put("session.from_the_future", id="sevt_3", what=1)
    story.idle("refusal", stop_details={"type": "refusal", "explanation": "Not this."})
    page = await open_page()
    items = page.locator(".items")
    for text in (
        "overloaded",
        "trying again",
        "shortened",
        "refused the key",
        "from_the_future",
        "declined",
        "Not this.",
    ):
        await expect(items).to_contain_text(text)


async def test_dots_tell_that_the_agent_thinks_and_their_place_is_always_kept(open_page: Open, story: Story) -> None:
    story.user("Go")
    page = await open_page()
    height = "document.querySelector('.scroll').scrollHeight"
    await expect(page.get_by_text("Go", exact=True)).to_be_visible()
    await expect(page.locator(".doing")).to_be_hidden()
    before = await page.evaluate(height)
    story.running()
    await expect(page.locator(".doing")).to_be_visible()
    assert await page.evaluate(height) == before
    story.preview("sevt_m", "Well")
    await expect(page.locator(".doing")).to_be_hidden()
    story.agent("Well.", id="sevt_m")
    await expect(page.locator(".doing")).to_be_visible()
    story.begin("browser_goto", "browser", url="https://a.test/")
    await expect(page.locator(".doing")).to_be_hidden()
    story.idle()
    await expect(page.locator(".top .status")).to_have_text("Idle")
    await expect(page.locator(".doing")).to_be_hidden()


async def test_a_wide_table_scrolls_instead_of_breaking_its_words(open_page: Open, story: Story) -> None:
    rows = ["| " + " | ".join(f"column{i}" for i in range(30)) + " |", "|" + "--:|" * 30, "| value" * 30 + " |"]
    story.agent("\n".join(rows) + "\n\n7. seventh")
    page = await open_page()
    assert await page.locator(".prose ol").get_attribute("start") == "7"
    cell = page.locator(".prose td").first
    box = await cell.bounding_box()
    assert box
    assert box["height"] < 40
    assert await cell.evaluate("(node) => getComputedStyle(node).textAlign") == "end"
    assert await page.locator(".prose .wide").evaluate("(node) => node.scrollWidth > node.clientWidth")


async def test_tokens_are_summed_over_the_requests(open_page: Open, story: Story) -> None:
    story.spent(1_000, 100)
    story.spent(2_000, 150)
    page = await open_page()
    await expect(page.locator(".usage")).to_have_text("4.5K in · 250 out")
