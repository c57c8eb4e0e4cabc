"""The life of custom tool calls, seen through the real SDK."""

import asyncio

import pytest
from anthropic import AsyncAnthropic, BadRequestError

from glasshouse.emulator import Answer, Emulator, SessionHandle


async def answer(client: AsyncAnthropic, session: SessionHandle, call_id: str, text: str = "done") -> None:
    await client.beta.sessions.events.send(
        session.id,
        events=[
            {
                "type": "user.custom_tool_result",
                "custom_tool_use_id": call_id,
                "content": [{"type": "text", "text": text}],
            }
        ],
    )


async def test_a_call_waits_for_its_result_and_then_runs_on(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    calling = asyncio.create_task(session.call("browser_read", query="x"))
    async with await client.beta.sessions.events.stream(session.id) as stream:
        idle = await session.until(lambda event: event["type"] == "session.status_idle")
        assert idle["stop_reason"]["type"] == "requires_action"
        [call_id] = idle["stop_reason"]["event_ids"]
        await answer(client, session, call_id, "12 products")
        kinds = []
        async for event in stream:
            kinds.append(event.type)
            if event.type == "session.status_idle" and event.stop_reason.type == "end_turn":
                break
    result = await calling
    assert isinstance(result, Answer)
    assert (result.text, result.is_error) == ("12 products", False)
    assert kinds[-7:] == [
        "user.custom_tool_result",
        "session.status_running",
        "session.thread_status_running",
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
    ][-7:]


async def test_a_second_result_for_the_same_call_is_refused(emulator: Emulator, client: AsyncAnthropic) -> None:
    session = emulator.open_session()
    [call] = await session.begin([("js_repl", {"code": "1"})])
    await answer(client, session, call.id)
    with pytest.raises(BadRequestError, match="already has a result"):
        await answer(client, session, call.id)
