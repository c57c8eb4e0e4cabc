"""Chromium, or the driver that steers it, answers no more: stopped by a signal here, by a page's flood elsewhere.

GLASSHOUSE_TEST_SITUATIONS adds more moments at which Chromium dies.
"""

import asyncio
import contextlib
import os
import signal
from typing import Any

import psutil
import pytest

from tools.browser import engine, pulse

pytestmark = pytest.mark.long

# When Chromium is killed, after the beginning of a call; each costs the start of another
DELAYS_S = (0, 0.002, 0.01, 0.05) if os.environ.get("GLASSHOUSE_TEST_SITUATIONS") else (0, 0.01)
KINDS = {"Chromium": "--remote-debugging-pipe", "driver": "run-driver"}


def process(kind: str) -> psutil.Process:
    """The youngest of the kind that this process has started."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            line = " ".join(each.cmdline())
            if KINDS[kind] in line and "--type=" not in line:
                found.append(each)
    return max(found, key=lambda each: each.create_time())


async def ended(process: psutil.Process) -> bool:
    """Whether it is gone, or soon will be."""
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [process], timeout=20)
    return bool(gone)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_answers_no_more_is_ended_and_the_session_goes_on_in_another(
    open_browser: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "BEAT_S", 0.1)
    monkeypatch.setattr(pulse, "SILENT_S", 2.0)
    async with open_browser(own=True) as browser:
        await browser.open("<h1>here</h1>")
        await (await browser.state()).recorded()
        stopped = process(kind)
        os.kill(stopped.pid, signal.SIGSTOP)
        during = await browser("read")
        assert await ended(stopped)
        after = await browser("read")
        assert "# here" in after
        assert "Chromium had died: the pages were loaded again" in during + after


async def test_a_chromium_that_dies_at_any_moment_of_a_call_loses_no_page(open_browser: Any) -> None:
    async with open_browser(own=True) as browser:
        await browser.open("<h1>here</h1>")
        for delay_s in DELAYS_S:
            await (await browser.state()).recorded()
            call = asyncio.create_task(browser("read"))
            await asyncio.sleep(delay_s)
            process("Chromium").kill()
            await call
            await browser("read")  # its death may be heard of only now
            assert "# here" in await browser("read")


async def test_the_end_does_not_wait_for_what_answers_no_more(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CLOSE_S", 0.5)
    async with asyncio.timeout(60) as closing:
        async with open_browser(own=True) as browser:
            await browser.open("<h1>here</h1>")
            await (await browser.state()).recorded()
            stopped = process("Chromium")
            os.kill(stopped.pid, signal.SIGSTOP)
            closing.reschedule(asyncio.get_running_loop().time() + 20)
    assert await ended(stopped)
