"""Whatever a call does, it is answered in time, the next one works, and nothing it did is left."""

import asyncio
import os
from typing import Any

import pytest

from tests.repl.conftest import Bench, OpenBench
from tests.repl.test_pool import parent
from tools.repl import reply

UNDONE = "Nothing this call did was kept; the session is as it was before the call."
LIMIT_MS = 300  # of what never ends: each takes a processor for as long
TIME = f"Error: timed out after 0.3 s and was stopped. {UNDONE}"
MEMORY = f"Error: out of memory (limit 64 MB heap, 256 MB in all). {UNDONE}"

ENDLESS = [
    "while (true) {}",
    "try { for (;;) {} } finally { }",
    "(async () => { for (;;) await null })()",
    "for (;;) await null",
    "const q = () => queueMicrotask(q); q()",
    "Array.from({ length: 2 ** 32 - 1 })",
    "new Array(2 ** 32 - 1).indexOf(1)",
    "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "[1, 2].sort(() => { for (;;); })",
    "(10n ** 30000000n).toString()",
    "new Promise(() => { while (1); })",
    "setInterval(() => {}, 0); await new Promise(() => {})",
    "for (;;) console.log('flood')",
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } })",
    "({ get [Symbol.toStringTag]() { for (;;); } })",
    "({ toString() { for (;;); } }) + ''",
]
HUNGRY = [
    "const a = []; for (;;) a.push({ x: [1, 2, 3] })",
    "const b = []; for (;;) b.push('x'.repeat(1e5) + b.length)",
    "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
]
HARMLESS = {
    "new ArrayBuffer(8 * 2 ** 30)": "Uncaught RangeError: Array buffer allocation failed",
    "let s = 'x'; for (;;) s += s": "Uncaught RangeError: Invalid string length",
    "function r() { r() } r()": "Uncaught RangeError: Maximum call stack size exceeded",
    "eval('['.repeat(1e5))": "Uncaught RangeError: Maximum call stack size exceeded",
    "(" * 50_000: "Uncaught SyntaxError: code is nested too deeply to parse.",
    "Atomics.wait(new Int32Array(8), 0, 0, 1e9)": "Uncaught TypeError: Atomics.wait is not a function",
    "({ get a() { for (;;); } })": "{ a: [Getter] }",
    "throw { get stack() { for (;;); } }": "Uncaught { stack: [Getter] }",
    "throw new Proxy({}, { get() { throw 1 } })": "Uncaught Proxy [ {}, { get: [Function: get] } ]",
    "10n ** 20n": "100000000000000000000n",
    "'\\ud800'": "'\\ud800'",
    "new Date(NaN)": "Invalid Date",
    "await new Promise(() => {})": ("Error: the awaited promise can never settle: no timers or other work are left."),
}


@pytest.mark.parametrize("code", ENDLESS)
async def test_endless_work_is_stopped_and_undone(code: str, repl: Bench) -> None:
    await repl.js("let kept = { n: 1 }")
    async with asyncio.timeout(10):
        assert await repl.js(f"kept.n = 2; {code}", timeout_ms=LIMIT_MS) == TIME
        assert await repl.js("kept") == "{ n: 1 }"


@pytest.mark.parametrize("code", HUNGRY)
async def test_a_call_that_runs_out_of_memory_is_undone(code: str, open_bench: OpenBench) -> None:
    async with open_bench(heap_mb=64, process_mb=256, limit_s=20) as repl:
        await repl.js("let kept = { n: 1 }")
        assert await repl.js(f"kept.n = 2; {code}") == MEMORY
        assert await repl.js("kept") == "{ n: 1 }"


async def test_typed_arrays_are_limited_too(open_bench: OpenBench) -> None:
    async with open_bench(heap_mb=64, process_mb=256, limit_s=20) as repl:
        answer = await repl.js("const b = []; for (;;) b.push(new Uint8Array(1e7).fill(1))")
        assert "Array buffer allocation failed" in answer or "Nothing this call did was kept" in answer
        assert await repl.js("1 + 1") == "2"


async def test_what_looks_dangerous_is_answered_as_it_should(repl: Bench) -> None:
    for code, expected in HARMLESS.items():
        assert (await repl.js(code)).startswith(expected), code[:60]


async def test_floods_are_cut_and_say_so(repl: Bench) -> None:
    lines = await repl.js("for (let i = 0; i < 100000; i++) console.log('line ' + i)")
    assert len(lines) < 70_000
    assert "more console lines were not kept" in lines
    assert (await repl.js("'x'.repeat(1e6)")).endswith("… 990000 more characters'") or len(lines) < 70_000
    many = await repl.js("Object.fromEntries(Array.from({ length: 100000 }, (_, i) => ['k' + i, i]))")
    assert "... 99800 more properties" in many
    assert len(many) < 25_000


async def test_code_that_is_too_long_is_refused(repl: Bench) -> None:
    assert await repl.js("1" * 256_001) == "Error: code is longer than 256 kB."


async def test_stopped_calls_leave_no_process_behind(open_bench: OpenBench) -> None:
    async with open_bench(ready=1, heap_mb=64, process_mb=256) as repl:
        await repl.js("let kept = 1")
        for code in ("for (;;);", "for (;;) await null", "const a = []; for (;;) a.push(new Array(1e5).fill(1))"):
            await repl.js(code, timeout_ms=400 if "push" not in code else 20_000)
            assert await repl.js("kept") == "1"
        assert repl.pool.zygote.pid is not None
        async with asyncio.timeout(20):
            while len(children(repl.pool.zygote.pid)) > 2:  # noqa: ASYNC110 (the session's and the ready one)
                await asyncio.sleep(0.02)


def children(pid: int) -> list[int]:
    return [int(other) for other in os.listdir("/proc") if other.isdigit() and parent(int(other)) == pid]


async def test_a_timeout_names_the_limit_that_was_asked_for(repl: Bench) -> None:
    assert (await repl.js("for (;;);", timeout_ms=250)).startswith("Error: timed out after 0.25 s and was stopped.")


async def test_one_sessions_endless_loop_leaves_the_others_alone(repl: Bench) -> None:
    await repl.js("let a = 1", session="sesn_b")
    loop = asyncio.create_task(repl.js("for (;;);", timeout_ms=1500))
    async with asyncio.timeout(1.4):
        for n in range(20):
            assert await repl.js(f"a + {n}", session="sesn_b") == f"{n + 1}"
    assert not loop.done()
    assert "timed out" in await loop


async def test_an_interrupted_call_is_undone(repl: Bench) -> None:
    await repl.js("let n = 1")
    call = asyncio.create_task(repl.js("n = 2; await new Promise(r => setTimeout(r, 60000))"))
    worker = await repl.worker_pid()
    await repl.until_begun()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await repl.js("n") == "1"
    assert await repl.worker_pid() != worker


async def test_a_call_cancelled_at_any_moment_is_kept_whole_or_not_at_all(repl: Bench) -> None:
    await repl.js("let n = 0")
    for step in range(25):
        call = asyncio.create_task(repl.js("n += 1"))
        await asyncio.sleep(step / 5000)  # from before it is sent to after it is recorded
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    recorded = [event for event in await repl.work.events() if event.type == "repl.evaluated"]
    assert await repl.js("n") == str(len(recorded) - 1)


async def test_a_long_call_cancelled_before_it_is_recorded_leaves_nothing(
    repl: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await repl.js("let n = 0")
    answered, read = asyncio.Event(), reply.read_report

    def noticed(*given: Any) -> reply.Outcome:
        answered.set()
        return read(*given)

    monkeypatch.setattr(reply, "read_report", noticed)
    async with repl.work.log.store.transaction():  # the note that the call has begun has to wait, and the call for it
        call = asyncio.create_task(repl.js("n += 1; for (const end = Date.now() + 80; Date.now() < end;);"))
        await answered.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert await repl.js("n") == "0"


async def test_the_next_call_after_a_crash_of_the_engine_works(repl: Bench) -> None:
    await repl.js("let n = 1")
    call = asyncio.create_task(repl.js("n = 2; for (;;);"))
    await repl.until_begun()
    await repl.kill_worker()
    assert await call == (
        "Error: the JavaScript engine stopped unexpectedly during this call."
        " Nothing this call did was kept; the session was restored."
    )
    assert await repl.js("n") == "1"
