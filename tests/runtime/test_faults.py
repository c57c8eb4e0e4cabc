"""Whatever the network and the API do, each call gets exactly one result and each side effect happens once."""

import asyncio

import pytest

from glasshouse.emulator import Answer, Emulator, ScriptedAgent, SessionHandle
from tests.runtime.conftest import OpenStage, Stage


def results_of(handle: SessionHandle) -> list[str]:
    """The calls that have a result at the API, once for each result."""
    return [event["custom_tool_use_id"] for event in handle.of_type("user.custom_tool_result")]


async def test_a_dropped_stream_loses_no_call(stage: Stage) -> None:
    handle = await stage.wake()
    await handle.call("count_add", by=1)
    assert stage.emulator.faults.drop_streams(handle.id) == 1
    answer = await asyncio.wait_for(handle.call("count_add", by=1), 5)
    assert answer.text == "The count is 2."


async def test_streams_that_break_again_and_again_double_nothing(stage: Stage) -> None:
    handle = await stage.wake()
    answers: list[Answer] = []
    for _ in range(5):
        stage.emulator.faults.drop_streams_after(2, handle.id)
        answers.append(await asyncio.wait_for(handle.call("count_add", by=1), 10))
    assert [answer.text for answer in answers] == [f"The count is {n}." for n in range(1, 6)]
    assert len(results_of(handle)) == len(set(results_of(handle))) == 5


@pytest.mark.parametrize("status", [409, 429, 500, 529])
async def test_a_send_that_is_refused_for_a_while_is_tried_again(stage: Stage, status: int) -> None:
    handle = await stage.wake()
    stage.emulator.faults.refuse("events.send", status, times=2)
    answer = await asyncio.wait_for(handle.call("count_add", by=1), 10)
    assert answer.text == "The count is 1."
    assert stage.counter.value == 1


async def test_a_send_that_waits_does_not_hold_up_another_call(stage: Stage) -> None:
    handle = await stage.wake()
    stage.emulator.faults.refuse("events.send", 429, times=1, retry_after=3)
    [slow, quick] = await handle.begin([("count_add", {"by": 1}), ("other_add", {"by": 2})])
    done, _ = await asyncio.wait([slow.answer, quick.answer], timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert done == {quick.answer}
    await handle.answers([slow, quick])


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_send_whose_answer_is_lost_is_neither_lost_nor_doubled(stage: Stage, when: str) -> None:
    handle = await stage.wake()
    stage.emulator.faults.cut("events.send", when=when)  # type: ignore[arg-type]
    answer = await asyncio.wait_for(handle.call("count_add", by=1), 10)
    assert answer.text == "The count is 1."
    await stage.event(handle.id, "call.posted")
    assert len(results_of(handle)) == 1
    assert (await handle.call("count_read")).text == "The count is 1."


async def test_a_history_that_cannot_be_read_is_read_again_before_anything_runs(stage: Stage) -> None:
    handle = stage.open()
    calls = await handle.begin([("count_add", {"by": 1})])
    stage.emulator.faults.refuse("events.list", 500, times=4, session_id=handle.id)
    stage.runtime.wake(handle.id, "attach")
    assert (await asyncio.wait_for(handle.answers(calls), 15))[0].text == "The count is 1."
    assert stage.counter.order == ["add 1"]


async def test_a_result_by_another_client_ends_the_call_here(stage: Stage) -> None:
    handle = await stage.wake()
    [call] = await handle.begin([("count_hold", {"name": "a"})])
    async with asyncio.timeout(20):
        await stage.counter.entered.wait()
    result = {
        "type": "user.custom_tool_result",
        "custom_tool_use_id": call.id,
        "content": [{"type": "text", "text": "x"}],
    }
    await stage.runtime.house.client.beta.sessions.events.send(handle.id, events=[result])  # type: ignore[list-item]
    assert (await stage.event(handle.id, "call.obsoleted")).data["reason"] == "answered by another client"
    assert len(results_of(handle)) == 1


async def test_a_restart_posts_a_stored_result_and_does_not_run_the_call_again(
    open_stage: OpenStage, emulator: Emulator
) -> None:
    emulator.faults.refuse("events.send", 500, times=1000)
    async with open_stage() as stage:
        handle = await stage.wake()
        [call] = await handle.begin([("count_add", {"by": 1})])
        await stage.event(handle.id, "call.finished")
    emulator.faults.clear()
    async with open_stage() as stage:
        await stage.runtime.take_up()
        assert (await handle.answers([call]))[0].text == "The count is 1."
        await stage.event(handle.id, "call.posted")
        assert stage.counter.order == []


async def test_a_call_cut_off_by_a_stop_says_that_its_outcome_is_unknown(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        handle = await stage.wake()
        [call] = await handle.begin([("count_hold", {"name": "a"})])
        async with asyncio.timeout(20):
            await stage.counter.entered.wait()
    [answer] = await handle.answers([call])
    assert answer.is_error
    assert "outcome is unknown" in answer.text
    assert "count_read" in answer.text


async def test_a_sub_threads_call_that_takes_no_result_at_first_is_answered_in_the_end(stage: Stage) -> None:
    stage.emulator.faults.hide_subthread_calls(0.6)
    handle = await stage.wake()

    heard: list[str] = []

    async def helper(agent: ScriptedAgent) -> None:
        heard.append((await agent.call("count_add", by=2)).text)

    await asyncio.wait_for(handle.play(lambda agent: agent.delegate("helper", "Count, please.", helper)), 10)
    assert heard == ["The count is 2."]


async def test_a_session_that_is_deleted_lets_go(stage: Stage) -> None:
    handle = await stage.wake()
    await stage.runtime.house.client.beta.sessions.delete(handle.id)
    await asyncio.wait_for(stage.runtime.asleep(handle.id), 5)
    session = await stage.log.store.session(handle.id)
    assert session
    assert session.status == "deleted"


async def test_a_call_that_waits_its_turn_when_the_server_stops_runs_at_the_next_start(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        handle = await stage.wake()
        [begun, waiting] = await handle.begin([("count_hold", {"name": "a"}), ("count_add", {"by": 5})])
        async with asyncio.timeout(20):
            await stage.counter.entered.wait()
        await stage.event(handle.id, "agent.custom_tool_use", count=2)
        assert await stage.log.store.call(waiting.id) is None
    async with open_stage() as stage:
        stage.runtime.wake(handle.id, "sweep")
        answers = await handle.answers([begun, waiting])
    assert "outcome is unknown" in answers[0].text
    assert answers[1].text == "The count is 5."


async def test_an_end_that_came_while_a_session_slept_is_found_when_it_is_old(open_stage: OpenStage) -> None:
    async with open_stage(idle_s=0.05) as stage:
        ended, alive, gone = [await stage.wake() for _ in range(3)]
        for handle in (ended, alive, gone):
            await stage.runtime.asleep(handle.id)
        ended.session.archive()
        await stage.runtime.house.client.beta.sessions.delete(gone.id)
        await stage.runtime.look_for_ended("2000-01-01T00:00:00.000Z")
        assert {one.status for one in await stage.log.store.sessions()} == {"idle"}
        await stage.runtime.look_for_ended("2999-01-01T00:00:00.000Z")
        found = {one.id: one.status for one in await stage.log.store.sessions()}
        assert found == {ended.id: "terminated", alive.id: "idle", gone.id: "deleted"}


async def test_a_call_that_comes_in_the_instant_its_session_would_sleep_is_not_cut_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glasshouse.runtime.runtime.DRAIN_S", 0)
    handle = await stage.wake()
    [call] = await handle.begin([("count_hold", {"name": "a"})])
    async with asyncio.timeout(20):
        await stage.counter.entered.wait()
    session = stage.runtime.awake(handle.id)
    assert session
    session._tired.set()  # the idle clock rang just before the call was seen
    stage.emulator.faults.drop_streams(handle.id)
    await asyncio.wait_for(handle.until_followed(), 5)  # it still follows
    stage.counter.gate.set()
    [answer] = await asyncio.wait_for(handle.answers([call]), 5)
    assert (answer.is_error, answer.text) == (False, "held")


async def test_a_wake_in_the_instant_a_session_would_sleep_keeps_it_awake(stage: Stage) -> None:
    handle = await stage.wake()
    await asyncio.wait_for(handle.call("count_add", by=1), 5)
    await stage.event(handle.id, "call.posted")
    session = stage.runtime.awake(handle.id)
    assert session
    session._tired.set()  # the idle clock rang
    stage.runtime.wake(handle.id, "webhook")
    stage.emulator.faults.drop_streams(handle.id)
    assert (await asyncio.wait_for(handle.call("count_add", by=1), 5)).text == "The count is 2."
    assert "runtime.slept" not in await stage.types(handle.id)


async def test_a_wake_while_a_session_is_laid_down_is_not_lost(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(idle_s=0.05) as stage:
        kits, lying, up = stage.runtime.house.kits, asyncio.Event(), asyncio.Event()
        sleep = kits.sleep

        async def slowly(session_id: str) -> None:
            lying.set()
            await up.wait()
            await sleep(session_id)

        monkeypatch.setattr(kits, "sleep", slowly)
        handle = await stage.wake()
        await asyncio.wait_for(lying.wait(), 5)
        [call] = await handle.begin([("count_add", {"by": 1})])
        stage.runtime.wake(handle.id, "webhook")
        up.set()
        [answer] = await asyncio.wait_for(handle.answers([call]), 5)
        assert answer.text == "The count is 1."
