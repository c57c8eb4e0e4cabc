"""The state after a restart, a kill -9 or an eviction is the state before it."""

# ruff: noqa: E501 (a program on one line is easier to compare than one cut in two)

import json
import os
import signal

from tests.repl.conftest import Bench, OpenBench, ended
from tools.repl import journal

# Everything a program may take from outside, kept in state that shows it.
INPUTS = [
    "const started = Date.now(), when = new Date()",
    "const waited = (() => { const end = Date.now() + 15; let reads = 0; while (Date.now() < end) reads++; return reads })()",
    "const dice = Array.from({ length: 5 }, Math.random)",
    "const ids = [crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(4))]",
    "const order = []; for (let i = 0; i < 5; i++) setTimeout(() => order.push(i), 10 - i)",
    "await new Promise(r => setTimeout(r, 15)); order.push('awaited')",
    "let ticks = 0; const ticking = setInterval(() => { if (++ticks === 3) clearInterval(ticking) }, 2)",
    "await new Promise(r => setTimeout(r, 12)); ticks",
    "const shuffled = Array.from({ length: 20 }, (_, i) => i).sort(() => Math.random() - 0.5)",
    "let depth = 0; (function down() { depth++; down() })()",
    "let half = 1; half = 2; throw new Error('half way')",
    "await Promise.reject(new Error('later')); half = 3",
    "const counter = (() => { let n = 0; return () => ++n })(); counter(); counter()",
    "class Vault { #secret = Math.random(); open() { return this.#secret } }; const vault = new Vault()",
    "function* steps() { let n = 0; while (true) yield n += Math.random() }; const walk = steps(); walk.next(); walk.next()",
    "const graph = new Map(), key = {}; graph.set(key, [1]); graph.set('self', graph); const weak = new WeakMap([[key, 'w']])",
    "(async () => { await null; globalThis.fromJob = performance.now() })()",
    "const text = new Date(86400000).toLocaleString('de-DE', { timeZone: 'Europe/Berlin' }), now2 = Intl.DateTimeFormat('en').format()",
    "Promise.resolve().then(() => { globalThis.chained = Math.random() }); 1",
    "console.log(new Date(), Math.random())",
]  # fmt: skip
PROBES = [
    "[started, when, waited, dice, ids, order, ticks, shuffled, depth, half]",
    "[vault.open(), graph, weak.get(key), fromJob, text, now2, chained, typeof counter, typeof walk]",
]


async def probe(repl: Bench, session: str = "sesn_a") -> list[str]:
    return [*[await repl.js(code, session=session) for code in PROBES], await repl.names(session=session)]


async def test_time_chance_and_order_are_the_same_after_kill_9(repl: Bench) -> None:
    for code in INPUTS:
        await repl.js(code)
    before = await probe(repl)
    await repl.kill_worker()
    assert await probe(repl) == before
    await repl.work.crash()
    assert await probe(repl) == before
    assert await repl.js("[counter(), walk.next().value > 0]") == "[ 3, true ]"


async def test_a_restart_repeats_every_call_without_a_difference(repl: Bench) -> None:
    for code in INPUTS:
        await repl.js(code)
    await repl.work.crash()
    answer = await repl.js("1")
    assert "Note:" not in answer
    restored = [event for event in await repl.work.events() if event.type == "repl.restored"]
    assert [event.data["calls"] for event in restored] == [len(INPUTS)]
    assert restored[0].data["note"] is None


async def test_a_sleeping_session_keeps_its_worker_and_replays_nothing(repl: Bench) -> None:
    await repl.js("let x = 1")
    worker = await repl.worker_pid()
    await repl.work.sleep()
    assert await repl.js("x") == "1"
    assert await repl.worker_pid() == worker
    assert not [event for event in await repl.work.events() if event.type == "repl.restored"]


async def test_stopped_calls_are_not_repeated_after_a_restart(repl: Bench) -> None:
    await repl.js("let x = 1")
    await repl.js("x = 2; for (;;);", timeout_ms=300)
    await repl.js("x += 10")
    await repl.work.crash()
    assert await repl.js("x") == "11"


async def test_a_call_cut_off_by_a_crash_is_told_once(repl: Bench) -> None:
    await repl.js("let x = 1")
    await repl.work.memory().put({journal.BEGUN: json.dumps({"n": 2}).encode()})
    await repl.work.crash()
    assert "Note: call 2 was cut off by a restart." in await repl.js("x")
    assert await repl.js("x") == "1"


async def test_a_call_that_does_not_repeat_is_named_once(repl: Bench) -> None:
    await repl.js("let x = 1")
    await repl.js("x + 1")
    memory = repl.work.memory()
    record = json.loads(await memory.get(journal.key(2)) or b"")
    await memory.put({journal.key(2): json.dumps(record | {"sum": 1}).encode()})
    await repl.work.crash()
    note = "Note: after a restart call 2 gave a different result than before; values that depend on it may differ."
    assert await repl.js("x") == f"1\n{note}"
    assert await repl.js("x") == "1"
    await repl.work.crash()
    assert await repl.js("x") == "1"


async def test_a_record_that_cannot_be_replayed_is_left_out_and_told(open_bench: OpenBench) -> None:
    async with open_bench(limit_s=5, heap_mb=64, process_mb=256) as repl:
        await repl.js("let x = 1")
        await repl.js("x = 2")
        memory = repl.work.memory()
        record = json.loads(await memory.get(journal.key(2)) or b"")
        record["script"]["js"] = "x = 3; for (const a = [];;) a.push([a.length])"
        await memory.put({journal.key(2): json.dumps(record).encode()})
        await repl.work.crash()
        assert "call 2 could not be repeated; what it did is lost." in await repl.js("x")
        assert await repl.js("x") == "1"


async def test_reset_forgets_everything(repl: Bench) -> None:
    await repl.js("let x = 1")
    await repl.work.call("js_reset")
    assert await repl.js("typeof x") == "'undefined'"
    await repl.work.crash()
    assert await repl.js("typeof x") == "'undefined'"
    await repl.work.reset()
    assert await repl.names() == "No names are defined yet."


async def test_the_death_of_the_zygote_costs_nothing(repl: Bench) -> None:
    await repl.js("let x = 1")
    zygote = repl.pool.zygote.pid
    assert zygote is not None
    worker = await repl.worker_pid()
    os.kill(zygote, signal.SIGKILL)
    await ended(worker)  # it dies with its parent
    assert await repl.js("x") == "1"
    assert await repl.js("x + 1", session="sesn_b") == "Uncaught ReferenceError: x is not defined"


async def test_timers_due_while_nobody_called_fire_with_the_next_call(open_bench: OpenBench) -> None:
    async with open_bench() as repl:
        assert (
            await repl.js("let fired = 0; setTimeout(() => console.log('late', ++fired), 150); 1")
            == "1\n(1 timer pending)"
        )
        assert await repl.js("await new Promise(r => setTimeout(r, 200)); fired") == "late 1\n1"
