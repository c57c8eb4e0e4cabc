"""A program that pulls the ground from under the printer, the parser or the protocol hurts only its own answers."""

# ruff: noqa: E501 (a program on one line is easier to compare than one cut in two)
import os
import time

import pytest

from tests.repl.conftest import Bench, OpenBench
from tests.repl.hostile import BOMBS, LONG_BOMBS, PATCHES

pytestmark = pytest.mark.long

_ALL = os.environ.get("GLASSHOUSE_TEST_HOSTILE") == "all"  # they take two minutes
_GUARD_S = 400 if _ALL else 60
_SOON_S = 3  # a limit of 1 s, and what a machine with other work needs

# What must come out whatever was patched: nothing of the agent's runs on the way.
PROBES = {"1 + 1": "2", "throw 'plain'": "Uncaught 'plain'", "await 3": "3", "'text'": "'text'"}


@pytest.mark.timeout(_GUARD_S)
async def test_no_patch_of_the_built_ins_keeps_calls_from_being_answered(open_bench: OpenBench) -> None:
    async with open_bench(limit_s=2, parked_mb=0) as repl:
        for number, patch in enumerate(PATCHES if _ALL else PATCHES[::2]):
            session = f"sesn_{number}"
            await repl.js(patch, session=session)
            for code, answer in PROBES.items():
                assert await repl.js(code, session=session) == answer, patch
            assert "null" in await repl.js("null.x", session=session), patch
            assert "JavaScript engine stopped" not in await repl.js("({ a: [1] })", session=session), patch
            assert await repl.names(session=session), patch
            await repl.work.sleep(session)


@pytest.mark.timeout(_GUARD_S)
async def test_every_bomb_is_answered_within_its_limit_and_leaves_the_state(open_bench: OpenBench) -> None:
    async with open_bench(limit_s=5, parked_mb=0) as repl:
        for number, bomb in enumerate([*BOMBS, *LONG_BOMBS] if _ALL else BOMBS[::2]):
            session = f"sesn_{number}"
            await repl.js("var n = 41", session=session)
            began = time.perf_counter()
            answer = await repl.js(bomb, session=session, timeout_ms=1000)
            assert time.perf_counter() - began < _SOON_S, bomb
            assert 0 < len(answer) < 100_000, bomb
            assert await repl.js("'next'", session=session) == "'next'", bomb
            assert await repl.js("n + 1", session=session) == "42", bomb
            await repl.work.sleep(session)


async def test_replay_repeats_hostile_patches_too(open_bench: OpenBench) -> None:
    async with open_bench(limit_s=2) as repl:
        for patch in PATCHES[:12]:
            await repl.js(f"{{ {patch} }}")
        await repl.js("var n = 41")
        await repl.kill_worker()
        assert await repl.js("n + 1") == "42"


async def test_the_way_in_cannot_be_found(open_bench: OpenBench) -> None:
    async with open_bench() as repl:
        assert await repl.js("Reflect.ownKeys(globalThis).filter(k => /hop|repl/i.test(String(k)))") == "[]"
        assert await repl.js("typeof hop") == "'undefined'"
        stack = "(() => { const old = Error.prepareStackTrace; Error.prepareStackTrace = (e, s) => s.map(f => [f.getFunction(), f.getThis()]); const s = new Error().stack; Error.prepareStackTrace = old; return s })()"
        assert "function" not in (
            await repl.js(f"JSON.stringify({stack}.slice(1).map(([f, t]) => [typeof f, t === globalThis]))")
        )


# What calls back into the agent's code from ours.
_THROUGH_OURS = [
    "structuredClone({ get a() { THROW } })",
    "structuredClone(() => 1)",
    "new URL({ toString() { THROW } })",
    "atob('a')",
    "console.log('%s', { toString() { THROW } })",
    "console.log({ [Symbol.for('nodejs.util.inspect.custom')]() { THROW } })",
    "new URLSearchParams('a').forEach(() => { THROW })",
    "console.table([{ get a() { THROW } }])",
    "new TextDecoder({ toString() { THROW } })",
    "setTimeout(() => 1, { valueOf() { THROW } })",
]
_SITES = """(() => {
  const found = [], kept = Error.prepareStackTrace;
  Error.stackTraceLimit = 200;
  Error.prepareStackTrace = (_, sites) => void found.push(...sites);
  try { CODE } catch (e) { void e.stack }
  Error.prepareStackTrace = kept;
  const ours = found.filter(f => !/^REPL/.test(f.getScriptNameOrSourceURL() ?? ''));
  return [ours.length > 0, ours.filter(f => f.getThis() !== undefined || f.getFunction() !== undefined).map(String)];
})()"""


async def test_frames_of_ours_give_away_neither_a_function_nor_an_object(repl: Bench) -> None:
    for code in _THROUGH_OURS:
        answer = await repl.js(_SITES.replace("CODE", code.replace("THROW", "void new Error().stack; throw 1")))
        assert answer.endswith("[ true, [] ]"), (code, answer)


_SETTERS = (
    "for (const i of [0, 1, 2, 6]) Object.defineProperty(Array.prototype, i, { set() { throw new Error('asked') } })"
)
_PRINTED = [
    "[1, [2, { a: 3 }], 'x', null]",
    "({ a: [1, { b: [2] }], get c() { return 1 } })",
    "new Map([[{ a: 1 }, [1]], [2, 3]])",
    "new Set([1, [2]])",
    "new Map([[1, 2]]).entries()",
    "new Proxy([1], {})",
    "Promise.resolve([1])",
    "new Uint8Array(3)",
    "Array.from({ length: 120 }, (_, i) => i)",
    "new Error('no', { cause: [1] }).cause",
    "(function () { return arguments })(1, 2)",
    "console.log('%s %o', 1, [2], { a: [3] })",
    "console.table([{ a: 1 }, { a: 2 }])",
    "const list = [1]; list.self = list; list",
    "throw new TypeError('no')",
]


async def test_setters_of_array_indices_are_not_asked_by_the_printer(repl: Bench) -> None:
    before = {code: await repl.js(code) for code in _PRINTED}
    await repl.js(_SETTERS)
    for code, answer in before.items():
        assert await repl.js(code) == answer, code
