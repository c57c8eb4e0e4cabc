"""What the server has started is killed in the middle of a call: the call is answered, and the next one works."""

import asyncio
import contextlib

import psutil
import pytest

from glasshouse.emulator import Emulator, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, Server

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]

BUSY_S = 0.2  # of the processor's time: more than it takes to begin a call


def find(server: Server, *words: str) -> list[psutil.Process]:
    """Its descendants whose command line has all the words."""
    found = []
    for process in server.descendants():
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            if all(word in line for word in words):
                found.append(process)
    return found


def victims(server: Server, kind: str) -> list[psutil.Process]:
    """The processes of a kind."""
    if kind == "renderers":
        return find(server, "--type=renderer")
    if kind == "network service":
        return find(server, "--type=utility", "network")
    if kind == "driver":
        return find(server, "run-driver")
    if kind == "Chromium":
        return [
            process for process in find(server, "--remote-debugging-pipe") if "--type=" not in str(process.cmdline())
        ]
    [zygote] = [process for process in find(server, "engine.zygote") if process.ppid() == server.pid]
    return [zygote] if kind == "zygote" else zygote.children()


async def test_the_browser_dies_during_a_call(
    make_server: MakeServer, opened: SessionHandle, emulator: Emulator
) -> None:
    server = make_server(GLASSHOUSE_BROWSER_LIMIT_S="4")
    await server.start()
    await server.attach(opened.id)
    site = f"{emulator.base_url}/site"
    for kind in ("renderers", "network service", "Chromium", "driver"):
        async with server.watch(opened.id) as viewer:
            went = await asyncio.wait_for(opened.call("browser_goto", url=site), GUARD_S)
            assert not went.is_error, (kind, went.text)
            # Chromium itself may die of a renderer that goes while it takes a picture
            await viewer.event("browser.acted", call_id=went.call_id)
            [call] = await opened.begin([("browser_wait", {"text": "what never comes"})])
            await viewer.event("call.started", call_id=call.id)
            killed = victims(server, kind)
            assert killed, kind
            chromium = find(server, "--remote-debugging-pipe") if kind in ("Chromium", "driver") else []
            for process in killed:
                process.kill()
            await asyncio.wait_for(opened.answers([call]), GUARD_S)
        after = await asyncio.wait_for(opened.call("browser_read"), GUARD_S)
        lost = kind == "renderers"  # a page that crashed is not loaded again by itself
        assert ("Counting site" in after.text) is not lost, (kind, after.text)
        _, left = await asyncio.to_thread(psutil.wait_procs, [*killed, *chromium], timeout=GUARD_S)
        assert not left, kind


async def until_busy(workers: list[psutil.Process]) -> None:
    """Until one of them computes: what is killed before that is replaced, and the call does not die with it."""
    spent = [sum(worker.cpu_times()) for worker in workers]
    async with asyncio.timeout(GUARD_S):
        while all(sum(worker.cpu_times()) < had + BUSY_S for worker, had in zip(workers, spent, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # nothing tells when a process computes


@pytest.mark.parametrize("kind", ["worker", "zygote"])
async def test_the_repl_dies_during_a_call(server: Server, opened: SessionHandle, kind: str) -> None:
    await server.attach(opened.id)
    assert not (await asyncio.wait_for(opened.call("js_repl", code="let kept = 41"), GUARD_S)).is_error
    async with server.watch(opened.id) as viewer:
        [call] = await opened.begin([("js_repl", {"code": "kept = 0; while (true);", "timeout_ms": 20_000})])
        await viewer.event("call.started", call_id=call.id)
        await until_busy(victims(server, "worker"))
        for process in victims(server, kind):
            process.kill()
        [answer] = await asyncio.wait_for(opened.answers([call]), GUARD_S)
    assert answer.is_error
    assert "stopped unexpectedly" in answer.text
    assert "42" in (await asyncio.wait_for(opened.call("js_repl", code="kept + 1"), GUARD_S)).text
