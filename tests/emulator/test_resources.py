"""Agents, environments and sessions as resources, through the real SDK."""

import asyncio
from typing import Any

import pytest
from anthropic import AsyncAnthropic, BadRequestError, ConflictError, NotFoundError

from glasshouse.emulator import Emulator, Pace
from tests.emulator.conftest import TOOL, Listen, message, send, waiting

MODEL = "claude-opus-5-5"


async def test_an_agent_is_versioned_and_the_lock_refuses_a_stale_update(client: AsyncAnthropic) -> None:
    agent = await client.beta.agents.create(name="a", model=MODEL, tools=[TOOL])  # type: ignore[list-item]
    same = await client.beta.agents.update(agent.id, name="a")
    changed = await client.beta.agents.update(agent.id, version=1, name="b", metadata={"k": "v"})
    with pytest.raises(ConflictError):
        await client.beta.agents.update(agent.id, version=1, name="c")
    old = await client.beta.agents.retrieve(agent.id, version=1)
    versions = [each.version async for each in client.beta.agents.versions.list(agent.id)]
    assert (agent.version, same.version, changed.version, old.name, versions) == (1, 1, 2, "a", [2, 1])
    assert changed.tools == agent.tools
    assert agent.model.id == MODEL


async def test_archived_agents_leave_the_list_and_start_no_sessions(client: AsyncAnthropic) -> None:
    agent = await client.beta.agents.create(name="a", model=MODEL)
    other = await client.beta.agents.create(name="b", model=MODEL)
    environment = await client.beta.environments.create(name="e")
    await client.beta.agents.archive(agent.id)
    assert [each.id async for each in client.beta.agents.list()] == [other.id]
    assert [each.id async for each in client.beta.agents.list(include_archived=True)] == [other.id, agent.id]
    with pytest.raises(BadRequestError, match="archived"):
        await client.beta.sessions.create(agent=agent.id, environment_id=environment.id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "has space"}, "name"),
        ({"name": "bash"}, "reserved"),
        ({"name": "mcp__x"}, "reserved"),
        ({"description": ""}, "description"),
        ({"input_schema": {"type": "string"}}, "object"),
        ({"input_schema": {"type": "object", "anyOf": []}}, "anyOf"),
        ({"input_schema": {"type": "object", "properties": {"a": {"items": {"$ref": "#/$defs/A"}}}}}, r"\$ref"),
        ({"input_schema": {"type": "object", "properties": {"a b": {}}}}, "a b"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_tool_definitions_the_api_would_not_take_are_refused(
    client: AsyncAnthropic, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRequestError, match=reason):
        await client.beta.agents.create(name="a", model=MODEL, tools=[{**TOOL, **change}])  # type: ignore[list-item]


async def test_unions_below_the_top_and_other_keywords_are_fine(client: AsyncAnthropic) -> None:
    schema = {
        "type": "object",
        "title": "Read",
        "additionalProperties": False,
        "properties": {"q": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "enum": ["$ref"]}},
    }
    agent = await client.beta.agents.create(
        name="a",
        model=MODEL,
        tools=[{**TOOL, "input_schema": schema}],  # type: ignore[list-item]
    )
    assert agent.tools[0].to_dict()["input_schema"] == schema


async def test_tools_are_unique_and_at_most_128(client: AsyncAnthropic) -> None:
    with pytest.raises(BadRequestError, match="duplicate"):
        await client.beta.agents.create(name="a", model=MODEL, tools=[TOOL, TOOL])  # type: ignore[list-item]
    many: list[Any] = [{**TOOL, "name": f"t{n}"} for n in range(129)]
    with pytest.raises(BadRequestError, match="128"):
        await client.beta.agents.create(name="a", model=MODEL, tools=many)
    assert len((await client.beta.agents.create(name="a", model=MODEL, tools=many[:128])).tools) == 128


async def test_environments_are_made_changed_archived_and_deleted(client: AsyncAnthropic) -> None:
    cloud = await client.beta.environments.create(name="cloud", metadata={"a": "1"})
    hosted = await client.beta.environments.create(name="mine", config={"type": "self_hosted"})
    assert (cloud.config.type, hosted.config.type) == ("cloud", "self_hosted")
    changed = await client.beta.environments.update(cloud.id, name="sky", metadata={"a": None, "b": "2"})
    assert (changed.name, changed.metadata) == ("sky", {"b": "2"})
    await client.beta.environments.archive(hosted.id)
    assert [each.id async for each in client.beta.environments.list()] == [cloud.id]
    assert (await client.beta.environments.delete(cloud.id)).type == "environment_deleted"
    with pytest.raises(NotFoundError):
        await client.beta.environments.retrieve(cloud.id)


async def test_a_session_keeps_the_agent_it_started_with(client: AsyncAnthropic) -> None:
    agent = await client.beta.agents.create(name="a", model=MODEL, system="old", tools=[TOOL])  # type: ignore[list-item]
    environment = await client.beta.environments.create(name="e")
    await client.beta.agents.update(agent.id, system="new")
    latest = await client.beta.sessions.create(agent=agent.id, environment_id=environment.id)
    pinned = await client.beta.sessions.create(
        agent={"type": "agent", "id": agent.id, "version": 1}, environment_id=environment.id
    )
    overridden = await client.beta.sessions.create(
        agent={"type": "agent_with_overrides", "id": agent.id, "system": None, "tools": []},
        environment_id=environment.id,
    )
    await client.beta.agents.update(agent.id, system="newest")
    again = await client.beta.sessions.retrieve(latest.id)
    assert (again.agent.system, again.agent.version) == ("new", 2)
    assert (pinned.agent.system, pinned.agent.version) == ("old", 1)
    assert (overridden.agent.system, overridden.agent.tools) == (None, [])
    assert (latest.status, latest.metadata, latest.title, latest.budget) == ("idle", {}, None, None)


async def test_initial_events_start_the_turn_or_no_session_comes_to_be(client: AsyncAnthropic) -> None:
    agent = await client.beta.agents.create(name="a", model=MODEL)
    environment = await client.beta.environments.create(name="e")
    bad: Any = [message("hi"), {"type": "user.interrupt"}]
    with pytest.raises(BadRequestError, match=r"initial_events\[1\]"):
        await client.beta.sessions.create(agent=agent.id, environment_id=environment.id, initial_events=bad)
    assert [each async for each in client.beta.sessions.list()] == []
    good: Any = [message("hi")]
    session = await client.beta.sessions.create(agent=agent.id, environment_id=environment.id, initial_events=good)
    kinds = [event.type async for event in client.beta.sessions.events.list(session.id)]
    assert "user.message" in kinds


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {"k": "v" * 513}},
        {"metadata": {str(n): "v" for n in range(17)}},
        {"metadata": {"k": 1}},
        {"title": "t" * 81},
        {"title": "two\nlines"},
        {"environment_id": "env_nowhere"},
        {"surprise": 1},
    ],
)
async def test_session_fields_out_of_bounds_are_refused(client: AsyncAnthropic, fields: dict[str, Any]) -> None:
    agent = await client.beta.agents.create(name="a", model=MODEL)
    environment = await client.beta.environments.create(name="e")
    body = {"agent": agent.id, "environment_id": environment.id, **fields}
    with pytest.raises((BadRequestError, NotFoundError)):
        await client.post("/v1/sessions", cast_to=object, body=body, options={"headers": _BETA})


_BETA = {"anthropic-beta": "managed-agents-2026-04-01"}


async def test_sessions_are_listed_newest_first_by_pages_both_ways(emulator: Emulator, client: AsyncAnthropic) -> None:
    made = [emulator.open_session().id for _ in range(5)][::-1]
    first = await client.beta.sessions.list(limit=2)
    second = await client.beta.sessions.list(limit=2, page=first.next_page or "")
    third = await client.beta.sessions.list(limit=2, page=second.next_page or "")
    back = await client.beta.sessions.list(limit=2, page=third.prev_page or "")
    pages = [[each.id for each in page.data] for page in (first, second, third, back)]
    assert pages == [made[:2], made[2:4], made[4:], made[2:4]]
    assert (first.prev_page, third.next_page) == (None, None)
    with pytest.raises(BadRequestError, match="order"):
        await client.beta.sessions.list(limit=2, page=first.next_page or "", order="asc")


async def test_sessions_are_filtered_by_status_agent_and_archival(emulator: Emulator, client: AsyncAnthropic) -> None:
    idle, busy, gone = (emulator.open_session() for _ in range(3))
    busy.emit("note")
    await client.beta.sessions.archive(gone.id)
    ids = [each.id async for each in client.beta.sessions.list(statuses=["idle"])]
    assert ids == [busy.id, idle.id]
    assert [each.id async for each in client.beta.sessions.list(agent_id=idle.session.agent["id"])] == [idle.id]
    everything = [each.id async for each in client.beta.sessions.list(include_archived=True)]
    assert everything == [gone.id, busy.id, idle.id]
    assert [each.id async for each in client.beta.sessions.list(created_at_gt=busy.session.created_at)] == []


async def test_metadata_is_patched_and_tools_are_changed_while_idle(
    emulator: Emulator, client: AsyncAnthropic, listen: Listen
) -> None:
    session = emulator.open_session(metadata={"a": "1", "b": "2"})
    listener = await listen(session)
    tools: Any = {"tools": [TOOL]}
    changed = await client.beta.sessions.update(
        session.id,
        title="New",
        metadata={"a": None, "c": "3"},
        agent=tools,
    )
    assert (changed.title, changed.metadata) == ("New", {"b": "2", "c": "3"})
    assert [tool.to_dict()["name"] for tool in changed.agent.tools] == ["browser_read"]
    await listener.until(lambda each: each.kinds == ["session.updated"])
    with pytest.raises(BadRequestError, match="vault_ids"):
        await client.beta.sessions.update(session.id, vault_ids=["vlt_1"])


async def test_a_running_session_is_neither_archived_nor_deleted(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    session.session.shown_status = "running"
    for refuse in (client.beta.sessions.archive, client.beta.sessions.delete):
        with pytest.raises(BadRequestError, match="running"):
            await refuse(session.id)
    session.session.shown_status = "idle"
    archived = await client.beta.sessions.archive(session.id)
    assert (archived.status, archived.archived_at is not None) == ("terminated", True)
    assert (await client.beta.sessions.delete(session.id)).type == "session_deleted"
    with pytest.raises(NotFoundError):
        await client.beta.sessions.retrieve(session.id)


async def test_the_status_shown_by_get_may_lag_behind_the_stream() -> None:
    async with (
        Emulator(pace=Pace(status_lag_s=60)) as emulator,  # GET tells nothing new for as long as the test takes
        AsyncAnthropic(base_url=emulator.base_url, api_key="k", max_retries=0) as client,
    ):
        session = emulator.open_session()
        session.session.shown_status = "running"
        await session.begin([("js_repl", {})])
        await waiting(session)
        await send(client, session, {"type": "user.interrupt"})
        await session.until_idle()
        assert (await client.beta.sessions.retrieve(session.id)).status == "running"
        with pytest.raises(BadRequestError):
            await client.beta.sessions.archive(session.id)


async def test_the_status_shown_by_get_catches_up_with_the_stream() -> None:
    async with (
        Emulator(pace=Pace(status_lag_s=0.02)) as emulator,
        AsyncAnthropic(base_url=emulator.base_url, api_key="k", max_retries=0) as client,
    ):
        session = emulator.open_session()
        session.session.shown_status = "running"
        await session.begin([("js_repl", {})])
        await waiting(session)
        async with asyncio.timeout(20):
            while (await client.beta.sessions.retrieve(session.id)).status != "idle":
                pass
        assert session.session.status == "idle"
