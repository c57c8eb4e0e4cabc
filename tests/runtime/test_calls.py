"""A call is answered at once, once, and with what the API takes."""

import asyncio

import pytest

from glasshouse.emulator import Emulator
from tests.runtime.conftest import OpenStage, Stage


async def test_a_call_is_answered_before_the_session_asks_for_it(stage: Stage) -> None:
    handle = await stage.wake()
    answer = await handle.call("count_add", by=3)
    assert (answer.text, answer.is_error) == ("The count is 3.", False)
    await stage.event(handle.id, "call.posted")
    types = await stage.types(handle.id)
    order = [types.index(t) for t in ("agent.custom_tool_use", "call.started", "count.added", "call.finished")]
    assert order == sorted(order)


async def test_a_call_made_before_the_wake_is_found_in_the_history(stage: Stage) -> None:
    handle = stage.open()
    calls = await handle.begin([("count_add", {"by": 2}), ("count_add", {"by": 5})])
    stage.runtime.wake(handle.id, "webhook")
    answers = await handle.answers(calls)
    assert [answer.text for answer in answers] == ["The count is 2.", "The count is 7."]


async def test_calls_of_one_kit_keep_their_order_while_another_kit_runs_beside_them(stage: Stage) -> None:
    handle = await stage.wake()
    calls = await handle.begin([("count_hold", {"name": "a"}), ("count_add", {"by": 1}), ("other_add", {"by": 9})])
    await stage.event(handle.id, "other.added")
    assert stage.counter.order == ["begin a"]
    stage.counter.gate.set()
    await handle.answers(calls)
    assert stage.counter.order == ["begin a", "end a", "add 1"]


async def test_more_calls_than_the_window_shows_are_all_answered(stage: Stage) -> None:
    handle = await stage.wake()
    answers = await handle.call_all([("count_add", {"by": 1}) for _ in range(12)])
    assert [answer.text for answer in answers] == [f"The count is {n}." for n in range(1, 13)]


async def test_a_name_that_no_kit_owns_is_left_alone(stage: Stage) -> None:
    handle = await stage.wake()
    [foreign, ours] = await handle.begin([("somebody_elses", {}), ("count_read", {})])
    assert (await handle.answers([ours]))[0].text == "The count is 0."
    assert not foreign.answer.done()
    assert await stage.log.store.call(foreign.id) is None


@pytest.mark.parametrize(
    ("how", "says", "is_error"),
    [
        ("tool error", "That cannot be done. Do this instead.", True),
        ("fault", "count_fail failed because of a fault in the tool itself", True),
        ("slow", "count_fail was stopped after 0.4 s. Call count_read", True),
        ("empty", "(no output)", False),
        ("surrogate", "a�b", False),
        ("long", "more characters", False),
        ("image", "see", False),
    ],
)
async def test_every_outcome_of_a_tool_reaches_the_agent(stage: Stage, how: str, says: str, is_error: bool) -> None:
    handle = await stage.wake()
    answer = await handle.call("count_fail", how=how)
    assert says in answer.text
    assert answer.is_error is is_error
    assert len(answer.text.encode()) < 1_200
    assert (await handle.call("count_read")).text == "The count is 0."


@pytest.mark.parametrize("given", [{"by": "many"}, {"by": None}, {"by": []}])
async def test_input_that_does_not_fit_is_answered_with_what_fits(stage: Stage, given: dict[str, object]) -> None:
    handle = await stage.wake()
    answer = await handle.call("count_add", given)
    assert answer.is_error
    assert "`by`" in answer.text
    assert "Send {by?}." in answer.text


async def test_an_interrupt_cancels_the_running_call_and_leaves_the_kit_usable(stage: Stage) -> None:
    handle = await stage.wake()
    await handle.begin([("count_hold", {"name": "a"})])
    async with asyncio.timeout(20):
        await stage.counter.entered.wait()
    await stage.runtime.house.client.beta.sessions.events.send(handle.id, events=[{"type": "user.interrupt"}])
    obsoleted = await stage.event(handle.id, "call.obsoleted")
    assert obsoleted.data["reason"] == "interrupted"
    await handle.until_idle()
    assert (await handle.call("count_read")).text == "The count is 0."
    assert "end a" not in stage.counter.order


async def test_an_interrupt_that_leaves_the_call_open_gets_it_an_answer(
    open_stage: OpenStage, emulator: Emulator
) -> None:
    emulator.world.interrupt_results = False
    async with open_stage() as stage:
        handle = await stage.wake()
        calls = await handle.begin([("count_hold", {"name": "a"})])
        async with asyncio.timeout(20):
            await stage.counter.entered.wait()
        await stage.runtime.house.client.beta.sessions.events.send(handle.id, events=[{"type": "user.interrupt"}])
        [answer] = await handle.answers(calls)
        assert answer.is_error


async def test_a_session_rests_after_its_turn_and_wakes_with_its_state(open_stage: OpenStage) -> None:
    async with open_stage(idle_s=0.05) as stage:
        handle = await stage.wake()
        await handle.call("count_add", by=4)
        await stage.event(handle.id, "runtime.slept")
        assert stage.runtime.awake(handle.id) is None
        assert stage.counter.closed == 1
        calls = await handle.begin([("count_read", {})])
        stage.runtime.wake(handle.id, "webhook")
        assert (await handle.answers(calls))[0].text == "The count is 4."
        assert stage.counter.opened == 2


async def test_a_session_that_waits_for_somebody_else_stays_awake(open_stage: OpenStage) -> None:
    async with open_stage(idle_s=0.05) as stage:
        handle = await stage.wake()
        await handle.begin([("somebody_elses", {})])
        await handle.until_idle("requires_action")
        await stage.event(handle.id, "session.status_idle")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stage.runtime.asleep(handle.id), 0.3)


async def test_the_sweep_finds_a_session_nobody_told_of_and_leaves_foreign_ones_alone(stage: Stage) -> None:
    ours = stage.open()
    foreign = stage.emulator.open_session(
        tools=[{"type": "custom", "name": "x", "description": "Theirs.", "input_schema": {"type": "object"}}]
    )
    calls = await ours.begin([("count_add", {})])
    await foreign.begin([("x", {})])
    await stage.runtime.sweep()
    assert (await ours.answers(calls))[0].text == "The count is 1."
    await stage.runtime.sweep()
    assert await stage.log.store.session(foreign.id) is None
