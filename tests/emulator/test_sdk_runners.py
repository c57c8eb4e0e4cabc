"""The SDK's own SessionToolRunner and EnvironmentWorker run against the emulator, as proof of its fidelity."""

import asyncio
from pathlib import Path

import pytest
from anthropic import APIStatusError, AsyncAnthropic, PermissionDeniedError
from anthropic.lib.environments import EnvironmentWorker
from anthropic.lib.tools import beta_async_tool

from glasshouse.emulator import Emulator, ScriptedAgent
from tests.emulator.conftest import message, send


@beta_async_tool
async def shout(text: str) -> str:
    """Say it louder.

    Args:
        text: What to say.
    """
    if not text:
        raise ValueError("nothing to say")
    return text.upper()


async def shouting(agent: ScriptedAgent) -> None:
    first = await agent.call("shout", text="hello")
    second, third = await agent.call_all([("shout", {"text": "you"}), ("shout", {"text": ""})])
    await agent.say(f"{first.text} {second.text} {third.is_error}")


async def listing(agent: ScriptedAgent) -> None:
    answer = await agent.builtin("bash", {"command": "echo from the worker"}, permission="ask")
    await agent.say(answer.text.strip())


@pytest.fixture
def emulator_stories() -> Emulator:
    return Emulator(stories={"shouting": shouting, "listing": listing})


async def test_the_sdks_session_runner_serves_a_story(emulator_stories: Emulator) -> None:
    async with emulator_stories as emulator, _client(emulator) as client:
        session = emulator.open_session(agent_name="shouting")
        await send(client, session, message("go"))
        runner = client.beta.sessions.events.tool_runner(session.id, tools=[shout], max_idle=0.1)
        calls = [call async for call in runner]
    assert [(call.name, call.is_error, call.posted) for call in calls] == [
        ("shout", False, True),
        ("shout", False, True),
        ("shout", True, True),
    ]
    assert session.said == ["HELLO YOU True"]


async def test_the_sdks_session_runner_survives_a_dropped_stream_and_a_busy_api(emulator_stories: Emulator) -> None:
    async with emulator_stories as emulator, _client(emulator) as client:
        session = emulator.open_session(agent_name="shouting")
        emulator.faults.drop_streams_after(6)
        emulator.faults.refuse("events.send", 529)
        runner = client.beta.sessions.events.tool_runner(session.id, tools=[shout], max_idle=0.1)

        async def drain() -> int:
            return len([call async for call in runner])

        draining = asyncio.create_task(drain())
        await session.until_followed()
        await session.play(shouting)
        assert await draining == 3
        assert session.said == ["HELLO YOU True"]


async def test_the_sdks_environment_worker_claims_serves_and_stops_an_item(
    emulator_stories: Emulator, tmp_path: Path
) -> None:
    async with emulator_stories as emulator, _client(emulator) as client:
        session = emulator.open_session(agent_name="shouting", self_hosted=True)
        environment = session.session.environment["id"]
        key = emulator.environment_key(environment)
        await send(client, session, message("go"))
        worker = EnvironmentWorker(
            client,
            environment_id=environment,
            environment_key=key,
            tools=[shout],
            workdir=str(tmp_path),
            max_idle=0.1,
        )
        running = asyncio.create_task(worker.run())
        await session.until_idle()
        assert session.said == ["HELLO YOU True"]
        [work] = emulator.world.work.items.values()
        await emulator.world.work.until(lambda: work.state == "stopped")
        assert work.started_at
        assert work.latest_heartbeat_at
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_sdks_toolset_runs_a_built_in_tool_that_was_allowed(
    emulator_stories: Emulator, tmp_path: Path
) -> None:
    async with emulator_stories as emulator, _client(emulator) as client:
        session = emulator.open_session(agent_name="listing", self_hosted=True)
        environment = session.session.environment["id"]
        await send(client, session, message("go"))
        worker = client.beta.environments.work.worker(
            environment_id=environment,
            environment_key=emulator.environment_key(environment),
            workdir=str(tmp_path),
            max_idle=0.1,
        )
        running = asyncio.create_task(worker.run())
        reason = await session.until_idle("requires_action")
        [call_id] = reason["event_ids"]
        await send(client, session, {"type": "user.tool_confirmation", "tool_use_id": call_id, "result": "allow"})
        await session.until(lambda event: event["type"] == "agent.message")
        assert session.said == ["from the worker"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_work_queue_keeps_leases_and_refuses_the_wrong_ones(emulator: Emulator) -> None:
    session = emulator.open_session(self_hosted=True)
    environment = session.session.environment["id"]
    key = emulator.environment_key(environment)
    async with (
        AsyncAnthropic(base_url=emulator.base_url, auth_token=key, max_retries=0) as worker,
        _client(emulator) as operator,
    ):
        queue = worker.beta.environments.work
        stats = await operator.beta.environments.work.stats(environment)
        assert (stats.depth, stats.pending) == (1, 0)
        item = await queue.poll(environment, block_ms=500, anthropic_worker_id="w1")
        assert item is not None
        assert (item.data.id, item.state, bool(item.secret)) == (session.id, "queued", True)
        assert await queue.poll(environment) is None
        again = await queue.poll(environment, reclaim_older_than_ms=0)
        assert again is not None
        assert again.id == item.id
        assert (await queue.ack(item.id, environment_id=environment)).state == "starting"
        beat = await queue.heartbeat(item.id, environment_id=environment, expected_last_heartbeat="NO_HEARTBEAT")
        assert (beat.state, beat.lease_extended) == ("active", True)
        with pytest.raises(APIStatusError) as stale:
            await queue.heartbeat(item.id, environment_id=environment, expected_last_heartbeat="NO_HEARTBEAT")
        assert stale.value.status_code == 412
        details = stale.value.body["error"]["details"]  # type: ignore[index]
        assert details["error_code"] == "heartbeat_precondition_failed"
        assert details["current_state"]["last_heartbeat"] == beat.last_heartbeat
        with pytest.raises(PermissionDeniedError):
            await operator.beta.environments.work.poll(environment)
        with pytest.raises(PermissionDeniedError):
            await queue.retrieve(item.id, environment_id=environment)
        asked = await operator.beta.environments.work.stop(item.id, environment_id=environment)
        assert asked.state == "stopping"
        ending = await queue.heartbeat(item.id, environment_id=environment, expected_last_heartbeat=beat.last_heartbeat)
        assert (ending.state, ending.lease_extended) == ("stopping", False)
        assert (await queue.stop(item.id, environment_id=environment, force=True)).state == "stopped"
        with pytest.raises(APIStatusError) as twice:
            await queue.stop(item.id, environment_id=environment, force=True)
        assert twice.value.status_code == 409
        with pytest.raises(APIStatusError):
            await queue.poll(environment, block_ms=0)
        patched = await operator.beta.environments.work.update(
            item.id, environment_id=environment, metadata={"who": "w1"}
        )
        assert patched.metadata == {"who": "w1"}
        assert [each.id async for each in queue.list(environment)] == [item.id]


async def test_a_waiting_poll_wakes_when_work_arrives_and_a_lapsed_lease_is_queued_again() -> None:
    async with Emulator(lease_ttl_s=0) as emulator:
        first = emulator.open_session(self_hosted=True)
        environment = first.session.environment["id"]
        key = emulator.environment_key(environment)
        async with AsyncAnthropic(base_url=emulator.base_url, auth_token=key, max_retries=0) as worker:
            queue = worker.beta.environments.work
            item = await queue.poll(environment)
            assert item is not None
            await queue.ack(item.id, environment_id=environment)
            lapsed = await queue.poll(environment)
            assert lapsed is not None
            assert lapsed.id == item.id
            polling = asyncio.create_task(queue.poll(environment, block_ms=999))
            await asyncio.sleep(0)
            emulator.world.work.add(environment, {"type": "healthcheck", "id": "check"})
            woken = await polling
            assert woken is not None
            assert woken.data.type == "healthcheck"  # type: ignore[comparison-overlap]


def _client(emulator: Emulator) -> AsyncAnthropic:
    return AsyncAnthropic(base_url=emulator.base_url, api_key=emulator.api_key, max_retries=0)
