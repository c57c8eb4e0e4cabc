"""What a session used is gone when it sleeps: the browser's processes, the REPL's, and no zombie is left."""

import asyncio
import contextlib

import psutil
import pytest

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, Server
from tests.server.test_victims import victims

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]

GONE_S = 5.0  # what is promised after a session has gone to sleep


async def use_every_kit(handle: SessionHandle, emulator: Emulator, turn: int) -> None:
    """A turn that needs a browser context and a REPL process."""
    calls = [
        ("browser_goto", {"url": f"{emulator.base_url}/site"}),
        ("js_repl", {"code": f"var turns = (typeof turns === 'undefined' ? [] : turns).concat({turn}); `${{turns}}`"}),
        ("page_get", {}),
    ]
    answers = await asyncio.wait_for(handle.call_all(calls), GUARD_S)
    assert not any(answer.is_error for answer in answers), answers
    assert ",".join(map(str, range(turn + 1))) in answers[1].text


def names(server: Server) -> list[str]:
    """What the server has started and what of it is there still, zombies included."""
    found = []
    for process in server.descendants():
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(process.name() if process.status() != psutil.STATUS_ZOMBIE else f"zombie {process.pid}")
    return sorted(found)


async def test_five_seconds_after_the_last_session_slept_its_processes_are_gone(
    make_server: MakeServer, emulator: Emulator, signing_key: str, opened: SessionHandle
) -> None:
    server = make_server(GLASSHOUSE_IDLE_S="0.5", GLASSHOUSE_REPL_PARKED_MB="0", GLASSHOUSE_REPL_READY="0")
    await server.start()
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    await server.attach(opened.id)
    for turn in range(2):
        async with server.watch(opened.id) as viewer:
            await use_every_kit(opened, emulator, turn)
            used = set(server.descendants()) - set(psutil.Process(server.pid).children())
            assert any("chrom" in name for name in names(server)), names(server)
            await viewer.event("runtime.slept", count=turn + 1)
        await asyncio.to_thread(psutil.wait_procs, used, timeout=GONE_S * server.slowness)
        left = names(server)  # what steers Chromium, and what makes REPL processes, serve the next session
        assert [name for name in left if name.startswith("python")] == ["python"], left
        assert [name for name in left if not name.startswith("python")] == ["node-MainThread"], left


async def test_a_session_that_sleeps_beside_one_that_works_takes_its_pages_with_it(
    make_server: MakeServer, emulator: Emulator, signing_key: str, opened: SessionHandle
) -> None:
    server = make_server(GLASSHOUSE_IDLE_S="0.5", GLASSHOUSE_REPL_PARKED_MB="0", GLASSHOUSE_REPL_READY="0")
    await server.start()
    other = emulator.open_session(tools=find_kits().definitions())
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    for handle in (opened, other):
        await server.attach(handle.id)
    await use_every_kit(opened, emulator, 0)
    [waiting] = await opened.begin([("browser_wait", {"seconds": 20})])
    before = set(server.descendants())
    async with server.watch(other.id) as viewer:
        await use_every_kit(other, emulator, 0)
        its_own = set(server.descendants()) - before
        assert len(its_own) >= 2  # a renderer and a REPL process
        await viewer.event("runtime.slept")
    _, alive = await asyncio.to_thread(psutil.wait_procs, its_own, timeout=GONE_S * server.slowness)
    assert not alive
    assert not waiting.answer.done()
    assert not [name for name in names(server) if name.startswith("zombie")]


async def test_a_sleeping_session_keeps_its_repl_process_until_the_session_ends(
    make_server: MakeServer, emulator: Emulator, signing_key: str
) -> None:
    server = make_server(GLASSHOUSE_IDLE_S="0.2", GLASSHOUSE_REPL_READY="0")
    await server.start()
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    processes: dict[str, psutil.Process] = {}
    handles = {how: emulator.open_session(tools=find_kits().definitions()) for how in ("stays", "awake", "term", "del")}
    for how, handle in handles.items():
        await server.attach(handle.id)
        before = set(victims(server, "worker")) if processes else set()
        async with server.watch(handle.id) as viewer:
            await asyncio.wait_for(handle.call("js_repl", code="let kept = 41"), GUARD_S)
            [processes[how]] = set(victims(server, "worker")) - before
            if how == "awake":
                handle.terminate()
            await viewer.event("runtime.slept")
    handles["term"].terminate()
    handles["del"].session.delete()
    ended = [process for how, process in processes.items() if how != "stays"]
    _, alive = await asyncio.to_thread(psutil.wait_procs, ended, timeout=GONE_S * server.slowness)
    assert not alive
    assert processes["stays"].is_running()
    assert not [name for name in names(server) if name.startswith("zombie")]
    assert "42" in (await asyncio.wait_for(handles["stays"].call("js_repl", code="kept + 1"), GUARD_S)).text
