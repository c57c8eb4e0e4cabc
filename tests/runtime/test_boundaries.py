"""kill -9 at every single step of the journal, one after the other: before and after each transaction of a turn.

GLASSHOUSE_TEST_STRIDE=1 tries every step; by default it is every fourth, from another one each day.
"""

import asyncio
import multiprocessing
import os
import re
import signal
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from glasshouse.emulator import Answer, Emulator, SessionHandle
from glasshouse.store.sqlite import open_sqlite
from tests.runtime.dying import Life, live

GUARD_S = 30
STRIDE = int(os.environ.get("GLASSHOUSE_TEST_STRIDE", "4"))
TOOLS = ("one_mark", "one_read", "two_mark", "two_read")
LEAST_STEPS = 20  # a turn of four calls has more transactions than this; fewer would mean that nothing is tried

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]


async def lived(life: Life) -> int | None:
    """Its exit code: -SIGKILL if it died as it should, 0 if it came to the end of its steps."""
    process = multiprocessing.get_context("forkserver").Process(target=live, args=(life,))
    process.start()
    await asyncio.to_thread(process.join, GUARD_S)
    code = process.exitcode
    process.kill()
    return code


async def test_a_kill_at_any_step_loses_no_call_and_does_nothing_twice(emulator: Emulator, tmp_path: Path) -> None:
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.runtime.dying"])
    tools = [
        {"type": "custom", "name": name, "description": name, "input_schema": {"type": "object"}} for name in TOOLS
    ]
    told: Counter[str] = Counter()
    step = date.today().toordinal() % STRIDE
    while True:
        handle = emulator.open_session(tools=tools)
        folder = tmp_path / str(step)
        folder.mkdir()
        calls = await handle.begin(
            [("one_mark", {"by": 1}), ("one_read", {}), ("two_mark", {"by": 2}), ("two_read", {})]
        )
        first = Life(folder, emulator.base_url, emulator.api_key, handle.id, step)
        code = await lived(first)
        assert code in (0, -signal.SIGKILL), step
        again = await lived(Life(folder, emulator.base_url, emulator.api_key, handle.id, None))
        assert again == 0, step
        answers = [call.answer.result() for call in calls]
        told.update(check(handle, answers, folder, step))
        await check_store(folder, handle.id)
        if code == 0:
            break
        step += STRIDE
    assert step > LEAST_STEPS
    assert told["done"] > told["unknown"]
    assert told["unknown"] or STRIDE > 1


def check(handle: SessionHandle, answers: list[Answer], folder: Path, step: int) -> list[str]:
    """One result for each call; what is told is done once, what is unknown at most once, and what was read holds."""
    results = [event["custom_tool_use_id"] for event in handle.of_type("user.custom_tool_result")]
    assert sorted(results) == sorted(event["id"] for event in handle.of_type("agent.custom_tool_use")), step
    marks = Counter((folder / "marks").read_text().split("\n")) if (folder / "marks").exists() else Counter[str]()
    outcomes = []
    for kit, by, marked, read in (("one", 1, answers[0], answers[1]), ("two", 2, answers[2], answers[3])):
        times = marks[f"{kit} {by}"]
        if marked.is_error:
            assert "outcome is unknown" in marked.text, (step, marked.text)
            assert times <= 1, step
        else:
            assert times == 1, step
        assert not read.is_error, (step, read.text)
        assert read.text in ((f",{by}",) if not marked.is_error else (f",{by}", "nothing")), (step, read.text)
        outcomes.append("unknown" if marked.is_error else "done")
    return outcomes


async def check_store(folder: Path, session_id: str) -> None:
    """The log has each number once, each call is posted, and what was claimed once was finished once."""
    async with open_sqlite(folder) as store:
        events = await store.events(session_id, limit=1000)
        assert [event.n for event in events] == list(range(1, len(events) + 1))
        assert {call.state for call in await store.calls(session_id)} == {"posted"}
        finished = Counter(event.data["call_id"] for event in events if event.type == "call.finished")
        assert set(finished.values()) == {1}
        assert len([event for event in events if re.fullmatch(r"(one|two)\.marked", event.type)]) <= 2
