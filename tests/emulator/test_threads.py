"""Sub-agents' threads and built-in tools."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic, BadRequestError

from glasshouse.emulator import Emulator, ScriptedAgent
from tests.emulator.conftest import message, result, send, waiting


async def research(agent: ScriptedAgent) -> None:
    found = await agent.call("browser_read", query="price")
    await agent.say(f"found {found.text}")


async def lead(agent: ScriptedAgent) -> None:
    await agent.say(await agent.delegate("researcher", "find the price", research))


async def careful(agent: ScriptedAgent) -> None:
    answer = await agent.builtin("bash", {"command": "ls"}, result="a.txt", permission="ask")
    await agent.say(f"{answer.text} {answer.is_error}")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(stories={"lead": lead, "careful": careful}) as running:
        yield running


async def test_a_sub_agents_call_is_answered_through_the_session(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    [call] = session.of_type("agent.custom_tool_use")
    child = call["session_thread_id"]
    [echo] = await send(client, session, result(call_id, "12 euros"))
    await session.until_idle()
    assert echo.session_thread_id == child
    assert session.said == ["found 12 euros"]
    threads = [thread async for thread in client.beta.sessions.threads.list(session.id)]
    assert [thread.parent_thread_id for thread in threads] == [None, threads[0].id]
    own = [event async for event in client.beta.sessions.threads.events.list(child, session_id=session.id)]
    [own_call] = [event for event in own if event.type == "agent.custom_tool_use"]
    assert (own_call.id, own_call.session_thread_id) == (call_id, None)
    kinds = [event["type"] for event in session.history]
    assert kinds.count("session.status_idle") == 2
    assert kinds.index("session.thread_created") < kinds.index("agent.custom_tool_use")


async def test_a_fresh_sub_agents_call_may_take_no_result_yet(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    emulator.faults.hide_subthread_calls(0.3)
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    with pytest.raises(BadRequestError, match="does not match"):
        await send(client, session, result(call_id))
    emulator.faults.clear()
    await send(client, session, result(call_id))
    await session.until_idle()


async def test_archiving_a_sub_agents_thread_closes_its_calls(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    child = session.of_type("agent.custom_tool_use")[0]["session_thread_id"]
    archived = await client.beta.sessions.threads.archive(child, session_id=session.id)
    assert archived.status == "terminated"
    assert session.of_type("session.thread_status_terminated")[0]["session_thread_id"] == child
    with pytest.raises(BadRequestError, match="terminated"):
        await send(client, session, result(call_id))
    with pytest.raises(BadRequestError, match="terminated"):
        await send(client, session, {"type": "user.interrupt", "session_thread_id": child})
    await session.until_idle()


async def test_an_interrupt_of_one_thread_lets_its_parent_go_on(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    await send(client, session, message("go"))
    await waiting(session)
    child = session.of_type("agent.custom_tool_use")[0]["session_thread_id"]
    await send(client, session, {"type": "user.interrupt", "session_thread_id": child})
    await session.until_idle()
    assert session.said == ["(nothing)"]


async def test_an_interrupt_of_the_session_ends_all_its_threads(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    await send(client, session, message("go"))
    await waiting(session)
    await send(client, session, {"type": "user.interrupt"})
    await session.until_idle()
    assert session.said == []
    assert len(session.of_type("session.status_idle")) == 2


async def test_a_built_in_tool_asks_and_runs_when_allowed(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="careful")
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    confirm = {"type": "user.tool_confirmation", "tool_use_id": call_id}
    with pytest.raises(BadRequestError):
        await send(client, session, result(call_id))
    await send(client, session, {**confirm, "result": "allow"})
    await session.until_idle()
    assert session.said == ["a.txt False"]
    assert session.of_type("agent.tool_result")[0]["tool_use_id"] == call_id
    with pytest.raises(BadRequestError):
        await send(client, session, {**confirm, "result": "allow"})


async def test_a_denied_built_in_tool_answers_with_the_reason(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="careful")
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    denial = {"type": "user.tool_confirmation", "tool_use_id": call_id, "result": "deny", "deny_message": "not here"}
    await send(client, session, denial)
    await session.until_idle()
    assert session.said == ["not here True"]


async def test_a_thread_has_a_stream_of_its_own(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session(agent_name="lead")
    await send(client, session, message("go"))
    [call_id] = await waiting(session)
    child = session.of_type("agent.custom_tool_use")[0]["session_thread_id"]
    stream = await client.beta.sessions.threads.events.stream(child, session_id=session.id)
    await send(client, session, result(call_id))
    kinds = []
    async with asyncio.timeout(20):
        async for event in stream:
            kinds.append(event.type)
            if event.type == "session.thread_status_idle":
                break
    await stream.close()
    assert kinds[0] == "user.custom_tool_result"
    assert "agent.message" in kinds
