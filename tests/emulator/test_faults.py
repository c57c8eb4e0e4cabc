"""Faults on demand."""

import asyncio
import time

import pytest
from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic, BadRequestError

from glasshouse.emulator import Emulator
from tests.emulator.conftest import Listen, result, send


@pytest.mark.parametrize("status", [409, 429, 500, 529])
async def test_sends_are_refused_as_often_as_asked(emulator: Emulator, client: AsyncAnthropic, status: int) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    emulator.faults.refuse("events.send", status, times=2, retry_after=0.5)
    for _ in range(2):
        with pytest.raises(APIStatusError) as refused:
            await send(client, session, result(call.id))
        assert refused.value.status_code == status
        assert refused.value.response.headers["retry-after"] == "0.5"
    await send(client, session, result(call.id))


async def test_a_send_can_be_applied_and_its_answer_lost(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    emulator.faults.cut("events.send")
    with pytest.raises(APIConnectionError):
        await send(client, session, result(call.id))
    await session.until_idle()
    assert session.results[call.id].text == "done"
    with pytest.raises(BadRequestError, match="already has a result"):
        await send(client, session, result(call.id))


async def test_a_send_can_be_lost_before_it_is_applied(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    emulator.faults.cut("events.send", when="before")
    with pytest.raises(APIConnectionError):
        await send(client, session, result(call.id))
    assert session.results == {}
    await send(client, session, result(call.id))


async def test_open_streams_can_be_cut(emulator: Emulator, listen: Listen) -> None:
    session, other = emulator.open_session(), emulator.open_session()
    cut, kept = await listen(session), await listen(other)
    assert emulator.faults.drop_streams(session.id) == 1
    await cut.until(lambda each: each.ended)
    assert cut.broken is not None
    assert not kept.ended
    again = await listen(session)
    await session.say("still here")
    await again.until_idle()


async def test_a_stream_can_be_cut_after_some_events(emulator: Emulator, listen: Listen) -> None:
    session = emulator.open_session()
    emulator.faults.drop_streams_after(3)
    listener = await listen(session)
    await session.say("one two three")
    await listener.until(lambda each: each.ended)
    assert listener.kinds == ["session.status_running", "session.thread_status_running", "span.model_request_start"]
    assert "agent.message" in [event["type"] for event in session.history]


async def test_other_operations_fail_and_are_slow_on_demand(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    emulator.faults.refuse("events.list", 500)
    emulator.faults.delay("sessions.retrieve", 0.2)
    with pytest.raises(APIStatusError):
        await client.beta.sessions.events.list(session.id)
    begun = time.monotonic()
    await asyncio.gather(client.beta.sessions.retrieve(session.id), client.beta.sessions.events.list(session.id))
    assert time.monotonic() - begun >= 0.2


async def test_a_fault_of_one_session_spares_the_others(emulator: Emulator, client: AsyncAnthropic) -> None:
    hit, spared = emulator.open_session(), emulator.open_session()
    emulator.faults.refuse("*", 529, session_id=hit.id)
    await client.beta.sessions.retrieve(spared.id)
    with pytest.raises(APIStatusError):
        await client.beta.sessions.retrieve(hit.id)
