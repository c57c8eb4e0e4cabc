"""A session's names, and what hides behind them, are the same after kill -9 and after a restart."""

import os

import pytest

from tests.repl.conftest import Bench, OpenBench
from tests.repl.histories import History, history
from tools.repl import reply

_FIRST, _, _COUNT = os.environ.get("GLASSHOUSE_TEST_HISTORIES", "6").rpartition(":")  # 200, or 1000:200; takes minutes
SEEDS = range(int(_FIRST or 0), int(_FIRST or 0) + int(_COUNT))
_PROBE_CALL = 1_000_000  # chance depends on the call's number


async def state(repl: Bench, session: str, told: History) -> list[str]:
    """The names, and every probe, asked beside the journal: a probe may use up what it shows."""
    found = [await repl.names(session=session)]
    worker = await repl.sessions[session].worker()
    for number, probe in enumerate(told.probes, _PROBE_CALL):
        answer = await worker.ask("run", n=number, at=0, code=probe)
        found.append(reply.text(reply.read_report(number, probe, answer, 0)))
    return found


@pytest.mark.timeout(60 + 5 * len(SEEDS))
async def test_random_histories_are_equal_live_after_kill_9_and_after_a_restart(open_bench: OpenBench) -> None:
    async with open_bench(limit_s=20, heap_mb=64, parked_mb=0) as repl:
        wrong = []
        for seed in SEEDS:
            session, told = f"sesn_{seed}", history(seed)
            for number, code in enumerate(told.calls):
                await repl.js(code, session=session, timeout_ms=told.limits.get(number))
            live = await state(repl, session, told)
            await repl.kill_worker(session)
            killed = await state(repl, session, told)
            await repl.kill_worker(session)  # the probes are no part of the session
            if seed % 4 == 0:
                await repl.work.crash()
            else:
                await repl.work.sleep(session)
            again = await state(repl, session, told)
            wrong += [(seed, *seen) for seen in zip(live, killed, again, strict=True) if len(set(seen)) != 1]
            restored = [
                event.data["note"] for event in await repl.work.events(session) if event.type == "repl.restored"
            ]
            assert len(restored) >= 2
            wrong += [(seed, note, "", "") for note in restored if note is not None]
            await repl.kill_worker(session)
        assert wrong == []
