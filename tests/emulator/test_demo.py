"""The demo's story, played on the shop with the real browser, the real live page and V8."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from py_mini_racer import MiniRacer

from glasshouse.emulator import Answer, Emulator, SessionHandle
from glasshouse.emulator.demo import demo, reading, report
from glasshouse.emulator.demo.tour import NEEDED
from glasshouse.tool import Result, Text
from tests.conftest import OpenWorkbench
from tests.emulator.conftest import TOOL, message, result, send
from tools.browser import kit as browser
from tools.livepage import kit as livepage

SHELF = """https://shop.test/  "Shop"  viewport 0–800 of 1168 px
[3] link "Basket (0)"
## *[7] link "Ember mug"
€14.50
Holds a long breakfast.
## [9] link "Quarry plate"
€18.00 sold out
[12] link "Back"
"""
Serve = Callable[[str, dict[str, Any]], Awaitable[Result]]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(story=demo) as running:
        yield running


async def serve(client: AsyncAnthropic, session: SessionHandle, run: Serve, opened: asyncio.Event) -> None:
    """Answer the session's calls until cancelled."""
    async with await client.beta.sessions.events.stream(session.id) as stream:
        opened.set()
        async for event in stream:
            if event.type == "agent.custom_tool_use":
                outcome = await run(event.name, dict(event.input))
                await send(client, session, result(event.id, text_of(outcome), is_error=outcome.is_error))


def text_of(outcome: Result) -> str:
    return "\n".join(block.text for block in outcome.content if isinstance(block, Text))


class Repl:
    """V8 as it is; redeclared names are what the real kit adds, and the story needs none."""

    def __init__(self) -> None:
        self._v8 = MiniRacer()
        self._v8.eval("globalThis.lines = []; globalThis.console = { log: (...args) => lines.push(args.join(' ')) }")

    def run(self, code: str) -> Result:
        self._v8.eval(f"lines = []; {code}")
        return Result.text(f"{self._v8.eval('lines.join(String.fromCharCode(10))')}\nundefined")


async def test_the_tour_reads_computes_orders_and_reports(
    emulator: Emulator, client: AsyncAnthropic, workbench: OpenWorkbench
) -> None:
    session = emulator.open_session(tools=[{**TOOL, "name": name} for name in sorted(NEEDED | {"page_undo"})])
    repl, allowed = Repl(), {"allow": emulator.base_url.removeprefix("http://")}
    async with workbench(browser, settings=allowed) as pages, workbench(livepage) as page:

        async def run(name: str, given: dict[str, Any]) -> Result:
            if name == "js_list_symbols":
                return Result.text("shelf, best")
            if name == "js_repl":
                return repl.run(given["code"])
            return await (pages if name.startswith("browser_") else page).call(name, **given)

        opened = asyncio.Event()
        serving = asyncio.create_task(serve(client, session, run, opened))
        await opened.wait()
        await send(client, session, message("hello"))
        await session.until_idle(timeout_s=45)
        html = text_of(await page.call("page_get"))
        await send(client, session, message("set title <b>Mine</b>"))
        await session.until_idle()
        title = text_of(await page.call("page_get", selector="#hero h1"))
        await send(client, session, message("what can you do?"))
        await session.until_idle(timeout_s=30)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    names = [event["name"] for event in session.of_type("agent.custom_tool_use")]
    assert not [answer.text for answer in list(session.results.values())[:20] if answer.is_error]
    assert names.count("browser_screenshot") == 1
    assert len([name for name in names if name.startswith("page_")]) >= 6
    assert "€105.50. The shop agrees." in html
    assert "my own sum agrees" in "".join(session.said)
    assert "&lt;b&gt;Mine&lt;/b&gt;" in title
    assert session.said[-1].startswith("I am a scripted agent")


async def test_the_tour_stops_and_says_why_when_a_tool_refuses(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(tools=[{**TOOL, "name": name} for name in sorted(NEEDED)])

    async def refuse(name: str, given: dict[str, Any]) -> Result:
        return Result.error("127.0.0.1 was refused.") if name == "browser_goto" else Result.text("fine")

    opened = asyncio.Event()
    serving = asyncio.create_task(serve(client, session, refuse, opened))
    await opened.wait()
    await send(client, session, message("hello"))
    await session.until_idle()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert session.said[-1] == "I have to stop here. The tool told me: 127.0.0.1 was refused."


async def test_without_its_tools_the_agent_says_what_is_missing(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(tools=[TOOL])
    await send(client, session, message("hello"))
    await session.until_idle()
    await send(client, session, message("run 1 + 1"))
    await session.until_idle()
    assert "js_repl" in session.said[0]
    assert "browser_read" not in session.said[0]
    assert session.said[1] == "This session's agent has no js_repl."


def test_the_shelf_is_read_from_links_and_the_prices_after_them() -> None:
    assert reading.items(SHELF) == [
        reading.Item("Ember mug", 14.5),
        reading.Item("Quarry plate", 18.0, soldOut=True),
    ]
    assert json.loads(json.dumps(reading.items(SHELF)[0].json()))["soldOut"] is False


def test_targets_are_found_by_role_and_name() -> None:
    answer = Answer("sevt_1", [{"type": "text", "text": SHELF}])
    assert answer.target("link", "Ember mug") == "[7]"
    assert answer.target("button", "Ember mug") is None
    assert answer.find(r"€(\d+)") == "14"


def test_names_from_the_web_enter_the_report_escaped() -> None:
    html = report.shelf([reading.Item("<script>x</script>", 1.0)], [])
    assert "<script>" not in html
