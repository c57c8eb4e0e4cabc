"""Listing and streaming events."""

import asyncio

import httpx2
import pytest
from anthropic import AsyncAnthropic, AuthenticationError, BadRequestError, NotFoundError, PermissionDeniedError
from anthropic.lib.sessions import accumulate_managed_agents_event

from glasshouse.emulator import Emulator, Pace, ScriptedAgent
from tests.emulator.conftest import Listen, message, send

BETA = {"anthropic-beta": "managed-agents-2026-04-01", "anthropic-version": "2023-06-01"}


async def talk(agent: ScriptedAgent) -> None:
    await agent.think()
    await agent.say("One two three four five six.")


async def test_events_are_listed_in_both_orders_by_pages_and_by_type(
    emulator: Emulator, client: AsyncAnthropic
) -> None:
    session = emulator.open_session()
    for text in "abcde":
        await session.say(text)
    ids = [event["id"] for event in session.history]
    rising = [event.id async for event in client.beta.sessions.events.list(session.id, limit=7)]
    falling = [event.id async for event in client.beta.sessions.events.list(session.id, limit=7, order="desc")]
    assert rising == ids
    assert falling == ids[::-1]
    newest = await client.beta.sessions.events.list(
        session.id, limit=1, order="desc", types=["session.status_idle", "agent.message"]
    )
    assert [event.type for event in newest.data] == ["session.status_idle"]


async def test_bare_repeated_names_and_time_filters_work_on_raw_http(emulator: Emulator) -> None:
    session = emulator.open_session()
    await session.say("a")
    await session.say("b")
    moment = session.of_type("agent.message")[0]["processed_at"]
    async with httpx2.AsyncClient(base_url=emulator.base_url, headers={**BETA, "x-api-key": "any"}) as http:
        params = [("types", "agent.message"), ("types", "session.usage"), ("beta", "true"), ("created_at[gt]", moment)]
        listed = (await http.get(f"/v1/sessions/{session.id}/events", params=params)).json()
        wrong = await http.get(f"/v1/sessions/{session.id}/events", params={"created_at[gt]": "yesterday"})
    kinds = [event["type"] for event in listed["data"]]
    assert kinds == ["session.usage", "agent.message", "session.usage"]
    assert wrong.json()["error"]["type"] == "invalid_request_error"
    assert wrong.json()["request_id"] == wrong.headers["request-id"]


async def test_a_waiting_message_is_listed_last_with_no_time() -> None:
    async def wait(agent: ScriptedAgent) -> None:
        await asyncio.Event().wait()

    async with (
        Emulator(story=wait) as emulator,
        AsyncAnthropic(base_url=emulator.base_url, api_key="k", max_retries=0) as client,
    ):
        session = emulator.open_session()
        await send(client, session, message("one"))
        await session.until(lambda event: event["type"] == "session.status_running")
        await send(client, session, message("two"))
        session.emit("agent.thread_context_compacted")
        events = [event async for event in client.beta.sessions.events.list(session.id, limit=3)]
    assert events[-1].type == "user.message"
    assert events[-1].processed_at is None


async def test_a_stream_gets_only_what_comes_after_it_opened(
    emulator: Emulator, client: AsyncAnthropic, listen: Listen
) -> None:
    session = emulator.open_session()
    await session.say("before")
    listener = await listen(session)
    await session.say("after")
    await listener.until_idle()
    texts = [event.content[0].text for event in listener.events if event.type == "agent.message"]
    assert texts == ["after"]


async def test_deltas_come_only_to_those_who_asked_and_add_up_to_the_message(listen: Listen) -> None:
    async with (
        Emulator(story=talk) as emulator,
        AsyncAnthropic(base_url=emulator.base_url, api_key="k", max_retries=0) as client,
    ):
        session = emulator.open_session()
        plain = await client.beta.sessions.events.stream(session.id)
        asked = await client.beta.sessions.events.stream(session.id, event_deltas=["agent.message", "agent.thinking"])
        await send(client, session, message("go"))
        kinds, preview, texts = [], None, []
        async for event in asked:
            kinds.append(event.type)
            if event.type == "event_delta":
                preview = accumulate_managed_agents_event(preview, event)
                texts.append(preview.content[0].text if preview else "")  # type: ignore[union-attr]
            elif event.type == "event_start":
                preview = accumulate_managed_agents_event(preview, event)
            elif event.type == "agent.message":
                assert preview is not None
                assert (preview.id, texts[-1]) == (event.id, event.content[0].text)  # type: ignore[union-attr]
            elif event.type == "session.status_idle":
                break
        plain_kinds = []
        async for event in plain:
            plain_kinds.append(event.type)
            if event.type == "session.status_idle":
                break
        await asyncio.gather(plain.close(), asked.close())
    assert not {"event_start", "event_delta"} & set(plain_kinds)
    assert len(texts) > 1
    at = kinds.index("span.model_request_start")
    assert kinds[at : at + 5] == [
        "span.model_request_start",
        "event_start",
        "agent.thinking",
        "event_start",
        "event_delta",
    ]
    assert kinds.index("agent.message") < kinds.index("span.model_request_end")


async def test_a_stream_opened_in_the_middle_of_a_request_gets_no_deltas_of_it(
    emulator: Emulator, client: AsyncAnthropic
) -> None:
    session = emulator.open_session()
    gate = asyncio.Event()

    async def pause_between(agent: ScriptedAgent) -> None:
        await agent.say("first")
        await gate.wait()
        await agent.say("second")

    playing = asyncio.create_task(session.play(pause_between))
    await session.until(lambda event: event["type"] == "agent.message")
    stream = await client.beta.sessions.events.stream(session.id, event_deltas=["agent.message"])
    gate.set()
    await playing
    kinds = []
    async for event in stream:
        kinds.append(event.type)
        if event.type == "session.status_idle":
            break
    await stream.close()
    assert kinds[:2] == ["agent.message", "span.model_request_end"]


async def test_pings_keep_a_quiet_stream_alive() -> None:
    async with Emulator(pace=Pace(ping_s=0.05)) as emulator, httpx2.AsyncClient(base_url=emulator.base_url) as http:
        session = emulator.open_session()
        url = f"/v1/sessions/{session.id}/events/stream"
        async with http.stream("GET", url, headers={**BETA, "authorization": "Bearer any"}) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                assert line == "event: ping"
                break


async def test_a_deleted_session_ends_its_stream(emulator: Emulator, client: AsyncAnthropic, listen: Listen) -> None:
    session = emulator.open_session()
    listener = await listen(session)
    await client.beta.sessions.delete(session.id)
    await listener.until(lambda each: each.ended)
    assert (listener.kinds, listener.broken) == (["session.deleted"], None)


async def test_unknown_deltas_are_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    with pytest.raises(BadRequestError, match="event_deltas"):
        await client.beta.sessions.events.stream(session.id, event_deltas=["agent.tool_use"])  # type: ignore[list-item]


async def test_the_beta_header_is_needed_and_a_stream_hides_without_it(emulator: Emulator) -> None:
    session = emulator.open_session()
    headers = {"x-api-key": "any", "anthropic-version": "2026-10-21"}
    async with httpx2.AsyncClient(base_url=emulator.base_url, headers=headers) as http:
        stream = await http.get(f"/v1/sessions/{session.id}/events/stream")
        other = await http.get(f"/v1/sessions/{session.id}")
    assert (stream.status_code, other.status_code) == (404, 400)


async def test_credentials_are_told_apart(emulator: Emulator) -> None:
    session = emulator.open_session(self_hosted=True)
    other = emulator.open_session(self_hosted=True)
    key = emulator.environment_key(session.session.environment["id"])
    async with AsyncAnthropic(base_url=emulator.base_url, auth_token=key, max_retries=0) as worker:
        assert (await worker.beta.sessions.retrieve(session.id)).id == session.id
        with pytest.raises(PermissionDeniedError):
            await worker.beta.sessions.retrieve(other.id)
        with pytest.raises(PermissionDeniedError):
            await worker.beta.sessions.list()
    async with AsyncAnthropic(base_url=emulator.base_url, auth_token="sk-ant-oat01-no", max_retries=0) as stranger:
        with pytest.raises(AuthenticationError):
            await stranger.beta.sessions.retrieve(session.id)


async def test_with_a_key_of_its_own_the_emulator_takes_no_other() -> None:
    async with Emulator(api_key="the-key") as emulator:
        session = emulator.open_session()
        for key, fine in (("the-key", True), ("another", False)):
            async with AsyncAnthropic(base_url=emulator.base_url, api_key=key, max_retries=0) as client:
                if fine:
                    await client.beta.sessions.retrieve(session.id)
                else:
                    with pytest.raises(AuthenticationError):
                        await client.beta.sessions.retrieve(session.id)


async def test_a_lone_surrogate_cannot_get_in(emulator: Emulator) -> None:
    session = emulator.open_session()
    body = b'{"events": [{"type": "user.message", "content": [{"type": "text", "text": "half \\ud83d"}]}]}'
    async with httpx2.AsyncClient(base_url=emulator.base_url, headers={**BETA, "x-api-key": "any"}) as http:
        refused = await http.post(f"/v1/sessions/{session.id}/events", content=body)
        garbled = await http.post(f"/v1/sessions/{session.id}/events", content=b"{")
    assert (refused.status_code, garbled.status_code) == (400, 400)
    assert session.history == []


async def test_what_does_not_exist_is_not_found(client: AsyncAnthropic) -> None:
    with pytest.raises(NotFoundError, match="sesn_nowhere"):
        await client.beta.sessions.retrieve("sesn_nowhere")
    with pytest.raises(NotFoundError):
        await client.get("/v1/nothing", cast_to=object)


async def test_a_server_with_open_streams_stops_within_a_second(client: AsyncAnthropic) -> None:
    emulator = Emulator()
    await emulator.__aenter__()
    async with AsyncAnthropic(base_url=emulator.base_url, api_key="k") as sdk:
        stream = await sdk.beta.sessions.events.stream(emulator.open_session().id)
        async with asyncio.timeout(1):
            await emulator.__aexit__()
        await stream.close()
