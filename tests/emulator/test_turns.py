"""Messages, interrupts and ends of turns."""

import asyncio

import pytest
from anthropic import AsyncAnthropic, BadRequestError

from glasshouse.emulator import Emulator, Pace, ScriptedAgent
from tests.emulator.conftest import Listen, message, result, send, waiting

INTERRUPT = {"type": "user.interrupt"}


async def echo(agent: ScriptedAgent) -> None:
    agent.memory["heard"] = [*agent.memory.get("heard", []), agent.message]
    await agent.say(f"{agent.turn}: {' and '.join(agent.memory['heard'])}")


async def ask_twice(agent: ScriptedAgent) -> None:
    await agent.call("js_repl", code="1")
    await agent.call("js_repl", code="2")


async def test_a_message_is_a_turn_and_stories_remember_earlier_ones() -> None:
    async with Emulator(story=echo) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        [sent] = await send(client, session, message("red"))
        await session.until_idle()
        await send(client, session, message("blue"))
        await session.until_idle()
        assert session.said == ["1: red", "2: red and blue"]
        assert sent.processed_at is None
        assert all(event["processed_at"] for event in session.of_type("user.message"))


async def test_a_message_is_seen_twice_on_the_stream_first_waiting_then_processed() -> None:
    async with Emulator(story=echo) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        stream = await client.beta.sessions.events.stream(session.id)
        await send(client, session, message("red"))
        seen = []
        async for event in stream:
            if event.type == "user.message":
                seen.append((event.id, event.processed_at is None))
            if event.type == "session.status_idle":
                break
        await stream.close()
    assert [waits for _, waits in seen] == [True, False]
    assert len({event_id for event_id, _ in seen}) == 1


async def test_a_message_to_a_running_agent_waits_for_the_next_turn() -> None:
    gate = asyncio.Event()

    async def slow(agent: ScriptedAgent) -> None:
        await gate.wait()
        await agent.say(agent.message)

    async with Emulator(story=slow) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("one"))
        await session.until(lambda event: event["type"] == "session.status_running")
        await send(client, session, message("two"))
        assert session.of_type("user.message")[-1]["processed_at"] is None
        gate.set()
        await session.until_idle()
        assert session.said == ["one", "two"]


async def test_an_interrupt_closes_the_waiting_calls_with_errors_and_ends_the_turn() -> None:
    async with Emulator(story=ask_twice) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("go"))
        [call_id] = await waiting(session)
        [sent] = await send(client, session, INTERRUPT)
        await session.until_idle()
        [closing] = session.of_type("user.custom_tool_result")
        assert sent.processed_at is None
        assert session.of_type("user.interrupt")[0]["processed_at"]
        assert (closing["custom_tool_use_id"], closing["is_error"]) == (call_id, True)
        assert len(session.of_type("agent.custom_tool_use")) == 1
        with pytest.raises(BadRequestError, match="already has a result"):
            await send(client, session, result(call_id))


async def test_an_interrupt_may_close_calls_without_a_trace_in_the_history() -> None:
    async with Emulator(story=ask_twice, interrupt_results=False) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("go"))
        [call_id] = await waiting(session)
        await send(client, session, INTERRUPT)
        await session.until_idle()
        assert session.of_type("user.custom_tool_result") == []
        assert session.results[call_id].closed


async def test_an_interrupt_waits_before_it_is_applied() -> None:
    async with (
        Emulator(story=ask_twice, pace=Pace(interrupt_s=0.2)) as emulator,
        _client(emulator) as client,
    ):
        session = emulator.open_session()
        await send(client, session, message("go"))
        await waiting(session)
        await send(client, session, INTERRUPT)
        assert session.of_type("user.interrupt")[0]["processed_at"] is None
        assert session.stop_reason["type"] == "requires_action"
        await session.until_idle()


async def test_interrupt_and_message_in_one_request_redirect_a_running_agent() -> None:
    gate = asyncio.Event()

    async def stuck_at_first(agent: ScriptedAgent) -> None:
        if agent.turn == 1:
            await gate.wait()
        await agent.say(agent.message)

    async with Emulator(story=stuck_at_first) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("one"))
        await session.until(lambda event: event["type"] == "session.status_running")
        await send(client, session, INTERRUPT, message("two"))
        await session.until_idle()
        assert session.said == ["two"]


async def test_interrupt_and_message_together_are_refused_while_calls_wait() -> None:
    async with Emulator(story=ask_twice) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("go"))
        await waiting(session)
        with pytest.raises(BadRequestError, match=r"events\[1\]: waiting on responses"):
            await send(client, session, INTERRUPT, message("two"))


async def test_a_refusal_and_an_exhausted_error_end_the_turn_and_say_so(listen: Listen) -> None:
    async def refuse(agent: ScriptedAgent) -> None:
        agent.refuse("cyber", "No.")

    async def fail(agent: ScriptedAgent) -> None:
        await agent.error("model_overloaded_error", "busy")
        await agent.reschedule()
        await agent.error("model_overloaded_error", "still busy", retry="exhausted")

    async with Emulator(stories={"refuse": refuse, "fail": fail}) as emulator, _client(emulator) as client:
        first = emulator.open_session(metadata={"story": "refuse"})
        await send(client, first, message("go"))
        await first.until_idle("refusal")
        [idle] = first.of_type("session.status_idle")
        assert idle["stop_details"] == {"type": "refusal", "category": "cyber", "explanation": "No."}
        second = emulator.open_session(agent_name="fail")
        await send(client, second, message("go"))
        await second.until_idle("retries_exhausted")
        retries = [event["error"]["retry_status"]["type"] for event in second.of_type("session.error")]
        assert retries == ["retrying", "exhausted"]
        assert second.of_type("session.status_rescheduled")


async def test_at_the_budget_the_turn_ends_and_messages_are_refused() -> None:
    async def spend(agent: ScriptedAgent) -> None:
        await agent.say("spending")
        agent.spend(50)
        await agent.call("js_repl")
        await agent.say("never said")

    async with Emulator(story=spend) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        session.session.budget = {"type": "limit", "max_list_cost": {"amount": "40", "currency": "USD"}}
        await send(client, session, message("go"))
        [call_id] = await waiting(session)
        await send(client, session, result(call_id))
        await session.until_idle("budget_reached")
        assert session.said == ["spending"]
        with pytest.raises(BadRequestError, match="budget"):
            await send(client, session, message("more"))


async def test_a_terminated_session_takes_nothing_and_sends_nothing_more(
    emulator: Emulator, client: AsyncAnthropic, listen: Listen
) -> None:
    session = emulator.open_session()
    listener = await listen(session)
    [call] = await session.begin([("js_repl", {})])
    session.terminate()
    await listener.until(lambda each: "session.status_terminated" in each.kinds)
    with pytest.raises(BadRequestError, match="terminated"):
        await send(client, session, result(call.id))
    assert listener.kinds[-1] == "session.status_terminated"
    assert (await client.beta.sessions.retrieve(session.id)).status == "terminated"


async def test_a_story_that_breaks_says_so_and_ends_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(agent: ScriptedAgent) -> None:
        raise RuntimeError("lost the thread")

    async with Emulator(story=broken) as emulator, _client(emulator) as client:
        session = emulator.open_session()
        await send(client, session, message("go"))
        await session.until_idle("retries_exhausted")
        assert "lost the thread" in session.of_type("session.error")[0]["error"]["message"]
        assert [str(error) for error in session.session.story_errors] == ["lost the thread"]


def _client(emulator: Emulator) -> AsyncAnthropic:
    return AsyncAnthropic(base_url=emulator.base_url, api_key=emulator.api_key, max_retries=0)
