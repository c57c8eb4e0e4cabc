"""A stranger's look at the server: it starts, is told of sessions in three ways, and answers every call once."""

import asyncio
from typing import Any

import pytest

from glasshouse.emulator import Emulator, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, Server

pytestmark = pytest.mark.timeout(120)


def results_of(handle: SessionHandle) -> list[str]:
    """The calls that have a result at the API, once for each result."""
    return [event["custom_tool_use_id"] for event in handle.of_type("user.custom_tool_result")]


async def test_the_first_line_says_where_it_listens(make_server: MakeServer) -> None:
    server = make_server(cold=True)
    first = await server.start()
    assert first.startswith("listening on http://127.0.0.1:")
    assert (await server.http.get("/health")).json() == {"status": "ok"}


async def test_a_session_is_served_however_it_is_heard_of(
    make_server: MakeServer, emulator: Emulator, signing_key: str
) -> None:
    server = make_server(GLASSHOUSE_SWEEP_S="0.5")
    await server.start()
    tools = (await server.http.get("/tools")).json()
    swept, attached = emulator.open_session(tools=tools), emulator.open_session(tools=tools)
    calls = [("page_set_html", {"selector": "#hero h1", "html": "Hello"}), ("page_get", {"selector": "#hero"})]
    answers = await asyncio.wait_for(swept.call_all(calls), GUARD_S)
    assert "Hello" in answers[1].text
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    told = emulator.open_session(tools=tools)
    answers = await asyncio.wait_for(told.call_all(calls), GUARD_S)
    assert "Hello" in answers[1].text
    await server.attach(attached.id)
    answers = await asyncio.wait_for(attached.call_all(calls), GUARD_S)
    assert "Hello" in answers[1].text
    for handle in (swept, told, attached):
        assert len(results_of(handle)) == len(set(results_of(handle))) == 2
    doors = {one["id"]: one["adopted_by"] for one in (await server.http.get("/sessions")).json()["sessions"]}
    assert doors[attached.id] in ("attach", "sweep")
    assert doors[swept.id] == "sweep"


REFERENCE: list[tuple[str, dict[str, Any]]] = [
    ("browser_goto", {"url": "{site}"}),
    ("browser_read", {}),
    ("browser_click", {"target": "#b0"}),
    ("browser_goto", {"url": "{site}/form"}),
    ("browser_type", {"target": "#q", "text": "Ada"}),
    ("browser_select", {"target": "#s", "values": ["g"]}),
    ("browser_scroll", {"dy": 300}),
    ("browser_screenshot", {}),
    ("browser_canvas", {"html": "<b>Looking</b>"}),
    ("browser_type", {"target": "#q", "text": "Bob", "submit": True}),
    ("browser_back", {}),
    ("js_repl", {"code": "var a = [1, 2]; a.length"}),
    ("js_list_symbols", {}),
    ("page_get", {}),
    ("page_set_html", {"selector": "#content", "html": "<p id='p'>One</p>"}),
    ("page_add_block", {"anchor": "#p", "position": "after", "html": "<p>Two</p>"}),
    ("page_set_style", {"css": "p { color: red }"}),
    ("page_set_attr", {"selector": "#p", "name": "title", "value": "t"}),
    ("page_remove", {"selector": "#p"}),
]


async def test_every_tool_of_the_reference_takes_the_reference_s_input(
    server: Server, opened: SessionHandle, emulator: Emulator
) -> None:
    await server.attach(opened.id)
    for name, given in REFERENCE:
        placed = {
            key: value.replace("{site}", f"{emulator.base_url}/site") if isinstance(value, str) else value
            for key, value in given.items()
        }
        answer = await asyncio.wait_for(opened.call(name, placed), GUARD_S)
        assert not answer.is_error, (name, answer.text)
        assert answer.content
    assert len(results_of(opened)) == len(set(results_of(opened))) == len(REFERENCE)
    screenshot = opened.results[opened.of_type("agent.custom_tool_use")[7]["id"]]
    assert any(block["type"] == "image" for block in screenshot.content)
    assert "Traceback" not in server.told


async def test_a_name_that_is_not_ours_is_left_to_its_owner(server: Server, emulator: Emulator) -> None:
    theirs = {"type": "custom", "name": "theirs", "description": "Not ours.", "input_schema": {"type": "object"}}
    handle = emulator.open_session(tools=[*(await server.http.get("/tools")).json(), theirs])
    await server.attach(handle.id)
    [foreign, ours] = await handle.begin([("theirs", {}), ("page_get", {})])
    await asyncio.wait_for(handle.answers([ours]), GUARD_S)
    assert not foreign.answer.done()
    assert [each["custom_tool_use_id"] for each in handle.of_type("user.custom_tool_result")] == [ours.id]
