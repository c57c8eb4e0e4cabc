"""Workers: ready before they are needed, kept while there is room, ended when not; never shared."""

import asyncio
import os

from tests.repl.conftest import Bench, OpenBench, ended


async def test_two_sessions_share_nothing(repl: Bench) -> None:
    await repl.js("var x = 'a'; Array.prototype.mine = 1; globalThis.leak = 2", session="sesn_a")
    assert await repl.js("typeof x + typeof [].mine + typeof leak", session="sesn_b") == "'undefinedundefinedundefined'"
    assert await repl.worker_pid("sesn_a") != await repl.worker_pid("sesn_b")


async def test_sessions_run_side_by_side(repl: Bench) -> None:
    await asyncio.gather(*(repl.js("1", session=f"sesn_{n}") for n in range(3)))
    code = "await new Promise(r => setTimeout(r, 400)); 1"
    async with asyncio.timeout(1.1):
        assert await asyncio.gather(*(repl.js(code, session=f"sesn_{n}") for n in range(3))) == ["1"] * 3


async def test_calls_of_one_session_run_one_after_the_other(repl: Bench) -> None:
    await repl.js("const seen = []")
    slow = repl.js("seen.push('slow in'); await new Promise(r => setTimeout(r, 60)); seen.push('slow out')")
    await asyncio.gather(slow, repl.js("seen.push('quick')"))
    assert await repl.js("seen.join()") == "'slow in,slow out,quick'"


async def test_the_least_recently_used_worker_is_let_go_first(open_bench: OpenBench) -> None:
    async with open_bench(parked_mb=20, ready=0) as repl:
        pids = {}
        for name in ("sesn_1", "sesn_2", "sesn_3", "sesn_4"):
            await repl.js("var x = 1; const filler = 'y'.repeat(1e6) + x", session=name)
            pids[name] = await repl.worker_pid(name)
            await repl.work.sleep(name)
        kept = repl.pool.parked
        assert 1 <= len(kept) < 4
        assert kept == tuple(pids)[-len(kept) :]
        await ended(*(pids[name] for name in pids if name not in kept))
        assert await repl.js("x", session="sesn_1") == "1"


async def test_with_no_memory_for_sleepers_none_is_kept(open_bench: OpenBench) -> None:
    async with open_bench(parked_mb=0, ready=0) as repl:
        await repl.js("let x = 5")
        pid = await repl.worker_pid()
        await repl.work.sleep()
        await ended(pid)
        assert await repl.js("x") == "5"


async def test_a_kept_worker_that_was_killed_is_replaced(repl: Bench) -> None:
    await repl.js("let x = 5")
    pid = await repl.worker_pid()
    await repl.work.sleep()
    os.kill(pid, 9)
    await ended(pid)
    assert await repl.js("x") == "5"


async def test_workers_and_zygote_end_with_the_server(open_bench: OpenBench) -> None:
    async with open_bench(ready=2) as repl:
        await repl.js("1")
        await repl.js("1", session="sesn_b")
        await repl.work.sleep("sesn_b")
        zygote = repl.pool.zygote.pid
        assert zygote is not None
        family = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and parent(int(pid)) == zygote]
        assert len(family) >= 2
    await ended(zygote, *family)


def parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0
