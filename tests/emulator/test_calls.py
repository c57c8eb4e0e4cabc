"""The life of custom tool calls, seen through the real SDK."""

import asyncio
import base64

import pytest
from anthropic import AsyncAnthropic, BadRequestError

from glasshouse.emulator import Emulator, Pace
from tests.emulator.conftest import Listen, message, result, send, waiting

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def test_a_call_waits_for_its_result_and_then_runs_on(
    emulator: Emulator, client: AsyncAnthropic, listen: Listen
) -> None:
    session = emulator.open_session()
    listener = await listen(session)
    calling = asyncio.create_task(session.call("browser_read", query="x"))
    [call_id] = await waiting(session)
    await send(client, session, result(call_id, "12 products"))
    answer = await calling
    await listener.until_idle()
    assert (answer.text, answer.is_error, answer.call_id) == ("12 products", False, call_id)
    assert listener.kinds == [
        "session.status_running",
        "session.thread_status_running",
        "span.model_request_start",
        "agent.custom_tool_use",
        "span.model_request_end",
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
        "user.custom_tool_result",
        "session.status_running",
        "session.thread_status_running",
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
    ]


async def test_a_call_answered_before_the_agent_asks_costs_no_idle() -> None:
    async with (
        Emulator(pace=Pace(idle_s=0.3)) as slow,
        AsyncAnthropic(base_url=slow.base_url, api_key=slow.api_key, max_retries=0) as client,
    ):
        session = slow.open_session()
        [call] = await session.begin([("js_repl", {})])
        await send(client, session, result(call.id))
        await session.until_idle()
        stops = [event["stop_reason"]["type"] for event in session.of_type("session.status_idle")]
    assert stops == ["end_turn"]


async def test_event_ids_is_a_window_of_five_that_moves_with_every_answer(
    emulator: Emulator, client: AsyncAnthropic
) -> None:
    session = emulator.open_session()
    calls = await session.begin([("js_repl", {"code": str(n)}) for n in range(7)])
    ids = [call.id for call in calls]
    assert await waiting(session) == ids[:5]
    await send(client, session, result(ids[1]))
    assert await waiting(session) == [ids[0], *ids[2:6]]
    idles = [event["stop_reason"].get("event_ids") for event in session.of_type("session.status_idle")]
    assert idles == [ids[:5], [ids[0], *ids[2:6]]]
    await send(client, session, *(result(each) for each in ids if each != ids[1]))
    await session.until_idle()
    assert [answer.text for answer in session.results.values()] == ["done"] * 7


async def test_usage_comes_right_before_every_idle(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    await session.begin([("js_repl", {}), ("js_repl", {})])
    for call_id in await waiting(session):
        await send(client, session, result(call_id))
    await session.until_idle()
    kinds = [event["type"] for event in session.history]
    before = [kinds[at - 1] for at, kind in enumerate(kinds) if kind == "session.status_idle"]
    assert before == ["session.usage"] * 3


async def test_a_second_result_for_the_same_call_is_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {"code": "1"})])
    await send(client, session, result(call.id))
    with pytest.raises(BadRequestError, match="already has a result"):
        await send(client, session, result(call.id))


async def test_two_results_for_one_call_in_one_request_are_refused_together(
    emulator: Emulator, client: AsyncAnthropic
) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    with pytest.raises(BadRequestError, match=r"events\[1\].*already has a result"):
        await send(client, session, result(call.id), result(call.id))
    assert session.results == {}


async def test_a_result_for_an_unknown_id_is_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    with pytest.raises(BadRequestError, match=r"does not match any `agent\.custom_tool_use` event in this session"):
        await send(client, session, result("sevt_nowhere"))


async def test_a_message_while_calls_wait_is_refused_with_the_ids(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    with pytest.raises(BadRequestError) as refused:
        await send(client, session, message("hello?"))
    assert (
        f"Invalid user.message event at events[0]: waiting on responses to events [{call.id}]; only "
        "`user.tool_confirmation`, `user.custom_tool_result`, `user.tool_result`, or `user.interrupt` may be sent"
    ) in str(refused.value)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"type": "text", "text": ""}, r"content\[0\]\.text.*non-empty"),
        ({"type": "text", "text": "  \n"}, "non-empty"),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": PIXEL}}, "media_type"),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": PIXEL}}, "image/jpeg"),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "§"}}, "base64"),
        (
            {
                "type": "image",
                "source": {
                    "type": "base64",
                    "media_type": "image/png",
                    "data": base64.b64encode(base64.b64decode(PIXEL) + bytes(6_000_000)).decode(),
                },
            },
            "5 MB",
        ),
        ({"type": "video"}, "content"),
    ],
)
async def test_content_the_api_would_not_take_is_refused(
    emulator: Emulator, client: AsyncAnthropic, block: dict[str, object], reason: str
) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    with pytest.raises(BadRequestError, match=reason):
        await send(client, session, {**result(call.id), "content": [block]})
    assert session.results == {}


async def test_an_image_too_large_in_pixels_is_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    raw = bytearray(base64.b64decode(PIXEL))
    raw[16:20] = (9_000).to_bytes(4, "big")
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(raw).decode()}
    session = emulator.open_session()
    [call] = await session.begin([("browser_screenshot", {})])
    with pytest.raises(BadRequestError, match="8000 pixels"):
        await send(client, session, {**result(call.id), "content": [{"type": "image", "source": source}]})


async def test_images_and_errors_reach_the_agent(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("browser_screenshot", {})])
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    await send(client, session, {**result(call.id, is_error=True), "content": [image]})
    answer = session.results[call.id]
    assert (answer.is_error, len(answer.images), answer.text) == (True, 1, "")


async def test_a_result_may_have_no_content(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    [echo] = await send(client, session, {"type": "user.custom_tool_result", "custom_tool_use_id": call.id})
    assert echo.processed_at is not None
    assert session.results[call.id].content == []


async def test_a_field_the_api_does_not_know_is_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {})])
    with pytest.raises(BadRequestError, match="session_thread_id"):
        await send(client, session, result(call.id, session_thread_id="sthr_x"))


async def test_a_request_is_applied_whole_or_not_at_all(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    first, second = await session.begin([("js_repl", {}), ("js_repl", {})])
    with pytest.raises(BadRequestError, match=r"events\[1\]"):
        await send(client, session, result(first.id), result("sevt_nowhere"))
    assert session.results == {}
    await send(client, session, result(first.id), result(second.id))
    await session.until_idle()
