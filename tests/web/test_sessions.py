"""Sessions over HTTP: made, taken in, spoken to, watched by link, and the reference's old addresses."""

import asyncio
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from glasshouse.emulator import Emulator
from glasshouse.events import now
from glasshouse.store import Share
from tests.server.stage import watching
from tests.web.conftest import GUARD_S, Site

THEIRS: dict[str, Any] = {
    "type": "custom",
    "name": "theirs",
    "description": "Theirs.",
    "input_schema": {"type": "object", "properties": {}},
}
TOOLSET: dict[str, Any] = {"type": "agent_toolset_20260401"}


async def agent_of(emulator: Emulator, site: Site, **fields: Any) -> Any:
    """An agent at the API."""
    return await site.house.client.beta.agents.create(**({"name": "Ada", "model": "claude-opus-5-5"} | fields))


async def environment(site: Site) -> str:
    """An environment at the API."""
    made = await site.house.client.beta.environments.create(name="local", config={"type": "cloud"})
    return made.id


async def test_a_session_of_an_agent_keeps_the_agent_s_tools_beside_ours(site: Site, emulator: Emulator) -> None:
    stale = {**THEIRS, "name": "js_repl"}
    agent = await agent_of(emulator, site, tools=[THEIRS, TOOLSET, stale])
    body = {"agent_id": agent.id, "environment_id": await environment(site), "kits": ["repl"], "title": "Mine"}
    answer = await site.operator.post("/sessions", json=body)
    assert answer.status_code == 201
    made = await site.house.client.beta.sessions.retrieve(answer.json()["id"])
    names = [getattr(tool, "name", tool.type) for tool in made.agent.tools]
    assert sorted(names) == sorted(["theirs", "agent_toolset_20260401", *site.house.catalog.kits["repl"].tools])
    [ours] = [tool for tool in made.agent.tools if getattr(tool, "name", "") == "js_repl"]
    assert ours.to_dict()["description"] != "Theirs."
    unchanged = await site.house.client.beta.agents.retrieve(agent.id)
    assert len(unchanged.tools) == 3
    assert answer.json()["title"] == "Mine"


async def test_a_session_of_a_new_agent_has_our_tools_and_hears_the_first_message(site: Site) -> None:
    await environment(site)
    body = {"agent": {"name": "Fresh", "model": "claude-opus-5-5", "system": "Be brief."}, "message": "Hello"}
    answer = await site.operator.post("/sessions", json=body)
    assert answer.status_code == 201
    async with site.watch(answer.json()["id"]) as viewer:
        said = await viewer.event("user.message")
        assert said["content"][0]["text"] == "Hello"
    handle = site.emulator.session(answer.json()["id"])
    assert (await asyncio.wait_for(handle.call("page_get"), GUARD_S)).text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"agent": "agent_none", "environment_id": "env_x"}, 404, "api_refused"),
        ({"agent": "..", "environment_id": "env_x"}, 404, "unknown_agent"),
        ({"agent": "", "environment_id": "env_x"}, 404, "unknown_agent"),
        ({"agent": "a", "kits": ["nothing"], "environment_id": "env_x"}, 422, "unknown_kit"),
        ({"agent": "agent_none"}, 422, "which_environment"),
        ({"environment_id": "env_x"}, 422, "invalid_request"),
        ({"agent": "a", "titel": "x"}, 422, "invalid_request"),
        ({"agent": {"name": ""}}, 422, "invalid_request"),
    ],
)
async def test_a_session_that_cannot_be_made_is_refused_with_the_reason(
    site: Site, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await site.operator.post("/sessions", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_the_tools_are_what_the_api_takes_and_can_be_chosen_by_kit(site: Site, emulator: Emulator) -> None:
    tools = (await site.stranger.get("/tools")).json()
    made = await agent_of(emulator, site, tools=tools)
    assert [tool.to_dict()["name"] for tool in made.tools] == [tool["name"] for tool in tools]
    chosen = (await site.stranger.get("/tools", params=[("kit", "repl"), ("kit", "livepage")])).json()
    assert {tool["name"].split("_")[0] for tool in chosen} == {"js", "page"}
    answer = await site.stranger.get("/tools?kit=nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_kit")


async def test_a_message_reaches_the_agent_once(site: Site) -> None:
    handle = await site.attach()
    assert (await site.operator.post(f"/sessions/{handle.id}/messages", json={"text": "Hello"})).status_code == 202
    await handle.until(lambda event: event["type"] == "user.message" and event["processed_at"])
    for when in ("after", "before"):
        site.emulator.faults.cut("events.send", when=when)
        answer = await site.operator.post(f"/sessions/{handle.id}/messages", json={"text": f"cut {when}"})
        texts = [event["content"][0]["text"] for event in handle.of_type("user.message")]
        arrived = len({event["id"] for event in handle.of_type("user.message") if f"cut {when}" in str(event)})
        assert (answer.status_code, arrived) in ((202, 1), (502, 0)), texts
        assert (when == "after") == (arrived == 1)


async def test_a_message_while_calls_are_pending_waits_for_the_user_to_decide(site: Site) -> None:
    handle = await site.attach()
    await handle.begin([("count_hold", {})])
    await asyncio.wait_for(site.counter.entered.wait(), GUARD_S)
    answer = await site.operator.post(f"/sessions/{handle.id}/messages", json={"text": "Stop that"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "waiting")
    assert not handle.of_type("user.message")
    assert (await site.operator.post(f"/sessions/{handle.id}/interrupt")).status_code == 202
    await handle.until_idle()
    assert (await site.operator.post(f"/sessions/{handle.id}/messages", json={"text": "Go on"})).status_code == 202


async def test_the_list_says_for_which_calls_a_session_waits(site: Site, emulator: Emulator) -> None:
    tools = [*site.house.catalog.definitions(), THEIRS]
    handle = emulator.open_session(tools=tools)
    (await site.operator.post(f"/sessions/{handle.id}/attach")).raise_for_status()
    await handle.until_followed()

    async def waits() -> Any:
        return [session["waiting_for"] for session in (await site.operator.get("/sessions")).json()["sessions"]]

    assert await waits() == [[]]
    await handle.begin([("theirs", {})])
    async with site.watch(handle.id) as viewer:
        await viewer.until(lambda seen: "requires_action" in str(seen.of("session.status_idle")))
    assert await waits() == [[{"name": "theirs", "needs": "answer"}]]


async def test_the_operator_s_hand_and_the_agent_s_calls_take_turns(site: Site) -> None:
    handle = await site.attach()
    hand = f"/sessions/{handle.id}/kits/livepage/page_set_html"
    answer = await site.operator.post(hand, json={"selector": "#hero h1", "html": "By hand"})
    assert answer.json()["is_error"] is False
    assert "By hand" in (await asyncio.wait_for(handle.call("page_get", selector="#hero"), GUARD_S)).text
    wrong = await site.operator.post(hand, json={"selector": 5})
    assert (wrong.status_code, wrong.json()["is_error"]) == (200, True)


async def test_a_reset_forgets_one_kit_or_all(site: Site) -> None:
    handle = await site.attach()
    await asyncio.wait_for(handle.call("count_add", by=5), GUARD_S)
    await asyncio.wait_for(handle.call("page_set_html", selector="#hero h1", html="Kept"), GUARD_S)
    answer = await site.operator.post(f"/sessions/{handle.id}/reset", json={"kit": "count"})
    assert answer.json() == {"ok": True, "reset": ["count"]}
    assert (await asyncio.wait_for(handle.call("count_read"), GUARD_S)).text == "The count is 0."
    assert "Kept" in (await asyncio.wait_for(handle.call("page_get"), GUARD_S)).text
    assert (await site.operator.post(f"/sessions/{handle.id}/reset", json={"kit": "none"})).status_code == 404


async def test_the_reference_s_old_addresses_still_work(site: Site) -> None:
    handle = await site.attach()
    await asyncio.wait_for(handle.call("page_set_html", selector="#hero h1", html="Old address"), GUARD_S)
    query = {"session_id": handle.id}
    assert (await site.operator.get("/state", params=query)).json()["id"] == handle.id
    assert (await site.operator.post("/wake", params=query)).json()["awake"] is True
    assert (await site.operator.get("/wake", params=query)).status_code == 405
    async with watching(site.operator, f"/watch?session_id={handle.id}") as viewer:
        await viewer.event("livepage.edited")
    page = await site.operator.get("/page", params=query, follow_redirects=True)
    assert page.status_code == 200
    assert (await site.operator.get("/viewport", params=query)).headers["location"] == f"/s/{handle.id}#browser"
    picture = await site.operator.get("/screenshot.jpg", params=query)
    assert (picture.status_code, picture.json()["error"]["code"]) == (404, "no_picture")
    assert (await site.operator.post("/reset", params=query)).status_code == 200
    for path in ("/state", "/page", "/viewport", "/watch", "/screenshot.jpg"):
        assert (await site.operator.get(path)).status_code == 422
        assert (await site.operator.get(path, params={"session_id": "sesn_none"})).status_code == 404


async def test_a_link_to_a_session_shows_it_and_lets_nobody_act(site: Site) -> None:
    handle, other = await site.attach(), await site.attach()
    await asyncio.wait_for(handle.call("count_fail", how="image"), GUARD_S)
    made = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "session"})).json()
    link = made["url"]
    assert link.startswith("/v/")
    assert (await site.stranger.get(link)).status_code == 200
    assert (await site.stranger.get(f"{link}/session")).json()["status"] in ("idle", "running")
    assert (await site.stranger.get(f"{link}/kits")).status_code == 200
    async with watching(site.stranger, f"{link}/events") as viewer:
        finished = await viewer.event("call.finished")
        file = next(block["file"] for block in finished["content"] if block["type"] == "image")
        assert (await site.stranger.get(f"{link}/files/{file}")).headers["content-type"] == "image/png"
        for method, path in (
            ("POST", "/messages"),
            ("POST", "/interrupt"),
            ("POST", "/kits/count/count_add"),
            ("GET", "/state"),
        ):
            assert (await site.stranger.request(method, f"{link}{path}")).status_code in (404, 405)
        for path in (f"/sessions/{handle.id}", f"/sessions/{other.id}/events", f"/sessions/{handle.id}/files/{file}"):
            assert (await site.stranger.get(path)).status_code == 401
    token = link.removeprefix("/v/")
    assert (await site.stranger.get(f"/p/{token}")).status_code == 404
    assert token not in str((await site.operator.get(f"/sessions/{handle.id}/shares")).json())
    assert (await site.operator.delete(f"/sessions/{other.id}/shares/{made['id']}")).status_code == 404
    assert (await site.operator.delete(f"/sessions/{handle.id}/shares/{made['id']}")).status_code == 200
    assert (await site.stranger.get(f"{link}/session")).status_code == 404


async def test_revoking_a_link_cuts_who_watches_by_it(site: Site) -> None:
    handle = await site.attach()
    made = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "session"})).json()
    async with watching(site.stranger, f"{made['url']}/events") as viewer, site.watch(handle.id) as operator:
        await viewer.event("runtime.woken")
        await site.operator.delete(f"/sessions/{handle.id}/shares/{made['id']}")
        await viewer.until(lambda v: v.ended, timeout_s=GUARD_S)
        assert not operator.ended


async def test_a_link_whose_time_is_over_cuts_who_watches_by_it(site: Site) -> None:
    handle = await site.attach()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    share = Share("shr_x", handle.id, sha256(b"soon").hexdigest(), "session", None, "", now(), soon.isoformat(), None)
    async with site.house.store.transaction() as tx:
        tx.add_share(share)
    async with watching(site.stranger, "/v/soon/events") as viewer:
        await viewer.event("runtime.woken")
        await viewer.until(lambda v: v.ended, timeout_s=GUARD_S)
    assert (await site.stranger.get("/v/soon/events")).status_code == 404


async def test_a_file_that_is_no_picture_is_only_ever_saved(site: Site) -> None:
    handle = await site.attach()
    async with site.house.store.transaction() as tx:
        tx.put_file(handle.id, "evil", "text/html", b"<script>alert(1)</script>")
    answer = await site.operator.get(f"/sessions/{handle.id}/files/evil")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await site.operator.get(f"/sessions/{handle.id}/files/none")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404), ("GET", "/static/nothing.js", 404), ("GET", "/static/../server.py", 404),
        ("GET", "/static/%2e%2e/server.py", 404), ("GET", "/kits/repl/../actions.py", 404), ("PUT", "/sessions", 405),
        ("GET", "/kits/repl/%2e%2e/actions.py", 404), ("GET", "/sessions/sesn_none", 404), ("DELETE", "/webhook", 405),
        ("POST", "/sessions/sesn_none/messages", 422), ("POST", "/sessions/sesn_none/attach", 404),
    ],
)  # fmt: skip
async def test_every_refusal_has_the_one_shape(site: Site, method: str, path: str, status: int) -> None:
    answer = await site.operator.request(method, path)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"code", "message"}


async def test_an_api_that_is_away_is_said_so(site: Site) -> None:
    handle = await site.attach()
    site.emulator.faults.refuse("*", 500, times=50)
    for path, body in ((f"/sessions/{handle.id}/interrupt", None), ("/sessions/sesn_new/attach", None)):
        answer = await site.operator.post(path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (502, "api_refused")
    site.emulator.faults.clear()


async def test_what_guards_the_browser_is_told_to_support_and_to_prometheus(site: Site) -> None:
    handle = await site.attach()
    guards = (await site.operator.get(f"/sessions/{handle.id}/state")).json()["guards"]
    assert guards["browser"]["network"]
    figures = (await site.operator.get("/metrics")).text
    assert f'glasshouse_guard{{guard="network",how="{guards["browser"]["network"]}",kit="browser"}} 1.0' in figures
