"""The REPL kit against a Node child process and QuickJS, in one run: first call, round trip, loops, memory, restore.

Run: python -m benchmarks.repl_vs_peers [--rounds N]. Needs node on PATH and `pip install quickjs`; what is missing is
left out. The kit is measured as the server uses it: through the runtime, with its journal in a real SQLite store.
"""

# ruff: noqa: E501 (programs on one line)

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasshouse.catalog import catalog_of
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.store.sqlite import open_sqlite
from glasshouse.tool import Text
from tools.repl.definition import kit
from tools.repl.session import Session

NODE = """
const vm = require('vm'), util = require('util'), context = vm.createContext({ console });
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  let result;
  try { result = util.inspect(vm.runInContext(JSON.parse(line), context)); } catch (error) { result = String(error); }
  process.stdout.write(JSON.stringify(result) + '\\n');
});
"""
QUICKJS = """
import json, sys, quickjs
context = quickjs.Context()
for line in sys.stdin:
    try: result = str(context.eval(json.loads(line)))
    except Exception as error: result = str(error)
    print(json.dumps(result), flush=True)
"""
BARE = """
import asyncio, json, sys, py_mini_racer
async def main():
    engine = py_mini_racer.MiniRacer()
    for line in sys.stdin: print(json.dumps(str(engine.eval(json.loads(line)))), flush=True)
asyncio.run(main())
"""
LOOPS = {
    "fib(27)": "(function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) })(27)",
    "sort 1e5": "Array.from({ length: 1e5 }, (_, i) => (i * 7919) % 100003).sort((a, b) => a - b).length",
    "regex": "'aab'.repeat(2e5).replace(/a+b/g, m => m.length).length",
    "Map 2e5": "(() => { const m = new Map(); for (let i = 0; i < 2e5; i++) m.set('k' + i, i);"
    " let s = 0; for (const v of m.values()) s += v; return s })()",
    "JSON 2e4": "JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 2e4 }, (_, i) => ({ i, s: 'x' + i }))))).length",
}  # fmt: skip
SNIPPETS = [
    "const row{n} = {{ id: {n}, name: 'item {n}', tags: ['a', 'b'] }}", "let total{n} = row{p}.id + {n}; total{n}",
    "function scale{n}(x) {{ return x * {n} }}", "var list{n} = [1, 2, 3].map(x => x * {n}); list{n}", "console.log('step', {n}, list{p}.length)",
]  # fmt: skip

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True)
class Peer:
    """An engine in a child process: what to ask, and its process."""

    ask: Ask
    pid: int


@asynccontextmanager
async def child(*command: str) -> AsyncIterator[Peer]:
    """A child that answers a JSON line with a JSON line."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    async def ask(code: str) -> str:
        stdin.write(json.dumps(code).encode() + b"\n")
        return str(json.loads(await stdout.readline()))

    try:
        yield Peer(ask, process.pid)
    finally:
        process.kill()
        await process.wait()


class OurKit:
    """The kit on a store of its own."""

    def __init__(self, kits: Kits) -> None:
        self._kits = kits

    def session(self, session_id: str) -> Ask:
        """How to ask in one session."""

        async def ask(code: str) -> str:
            (block,) = (
                await self._kits.run(
                    session_id, kit, kit.tools["js_repl"], {"code": code, "timeout_ms": 60_000}, "sevt"
                )
            ).content
            assert isinstance(block, Text)
            return block.text

        return ask

    async def worker(self, session_id: str) -> int:
        """The process of a session."""
        held = self._kits.slot(session_id, kit.name).state
        assert held is not None
        session: Session = await held.open()
        return (await session.worker()).pid

    async def sleep(self, session_id: str) -> None:
        """Let the session sleep."""
        await self._kits.sleep(session_id)


@asynccontextmanager
async def our_kit(**settings: Any) -> AsyncIterator[OurKit]:
    """The kit as a server has it."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder)) as store:
            assert kit.settings
            kits = Kits(catalog_of(kit), Log(store), {kit.name: kit.settings(**settings)})
            try:
                yield OurKit(kits)
            finally:
                await kits.close()


async def timed(work: Awaitable[Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def private_mb(pid: int) -> float:
    """What ending the process would free, in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+)", rollup, re.MULTILINE)) / 1024


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def round_trip(ask: Ask, rounds: int) -> float:
    """The median time of `1+1`, in ms."""
    for _ in range(30):
        await ask("1+1")
    return statistics.median([await timed(ask("1+1")) for _ in range(rounds)])


async def compare(rounds: int) -> dict[str, dict[str, float]]:
    """{engine: {measure: value}}; the engines take turns, so that noise of the machine meets all."""
    commands = {"quickjs": (sys.executable, "-c", QUICKJS), "bare mini-racer": (sys.executable, "-c", BARE)}
    if node := shutil.which("node"):
        commands["node"] = (node, "-e", NODE)
    found: dict[str, dict[str, float]] = {}
    for name, command in commands.items():
        async with child(*command) as peer:
            found[name] = {"first call of a new process, ms": await timed(peer.ask("1+1"))}
            found[name]["private memory, 1+1 only, MB"] = private_mb(peer.pid)
            found[name] |= await measured(peer.ask, rounds) | {"private memory, MB": private_mb(peer.pid)}
    async with our_kit(ready=2) as ours:
        await ours.session("sesn_warm")("1+1")
        await asyncio.sleep(2)  # a server has its ready workers long before the next session comes
        first = await timed(ours.session("sesn_new")("1+1"))
        idle = private_mb(await ours.worker("sesn_new"))
        found["kit"] = {"first call with a ready worker, ms": first, "private memory, 1+1 only, MB": idle}
        found["kit"] |= await measured(ours.session("sesn_new"), rounds)
        found["kit"]["private memory, MB"] = private_mb(await ours.worker("sesn_new"))
    return found


async def in_turns(rounds: int) -> dict[str, float]:
    """The median round trip of `1+1` in microseconds where the engines take turns, 50 calls each: noise meets all."""
    async with AsyncExitStack() as stack:
        asks = {"bare mini-racer": (await stack.enter_async_context(child(sys.executable, "-c", BARE))).ask}
        if node := shutil.which("node"):
            asks["node"] = (await stack.enter_async_context(child(node, "-e", NODE))).ask
        asks["kit"] = (await stack.enter_async_context(our_kit(ready=0))).session("sesn_a")
        times: dict[str, list[float]] = {name: [] for name in asks}
        for turn in range(rounds // 50 + 1):
            for name, ask in asks.items():
                taken = [await timed(ask("1+1")) for _ in range(50)]
                times[name] += taken if turn else []  # the first turn warms up
        return {name: statistics.median(taken) * 1000 for name, taken in times.items()}


async def measured(ask: Ask, rounds: int) -> dict[str, float]:
    """Round trip and loops; each loop takes the best of five."""
    figures = {"round trip of 1+1, ms": await round_trip(ask, rounds)}
    for name, code in LOOPS.items():
        figures[f"{name}, ms"] = min([await timed(ask(code)) for _ in range(5)])
    return figures


async def restores(sizes: list[int]) -> dict[int, dict[str, float]]:
    """What it takes to make sessions of so many ordinary calls again."""
    found = {}
    for size in sizes:
        async with our_kit(parked_mb=0, ready=1) as ours:
            ask = ours.session("sesn_a")
            for n in range(size):
                await ask(SNIPPETS[n % len(SNIPPETS)].format(n=n, p=n - n % len(SNIPPETS) + (3 if n % 5 == 4 else 0)))
            await ours.sleep("sesn_a")
            await asyncio.sleep(0.5)
            wall = await timed(ask("1+1"))
            found[size] = {"wall, ms": wall, "CPU of the worker, ms": cpu_s(await ours.worker("sesn_a")) * 1000}
    return found


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--restore", type=int, nargs="*", default=[10, 100, 1000, 5000])
    options = parser.parse_args()
    print("load", os.getloadavg())
    for name, figures in asyncio.run(compare(options.rounds)).items():
        print(name, json.dumps({measure: round(value, 2) for measure, value in figures.items()}, indent=2))
    turns = asyncio.run(in_turns(options.rounds))
    print("round trip of 1+1 in turns, microseconds", json.dumps({name: round(us) for name, us in turns.items()}))
    for size, figures in asyncio.run(restores(options.restore)).items():
        print(f"restore of {size} calls", json.dumps({measure: round(value) for measure, value in figures.items()}))
    print("load", os.getloadavg())


if __name__ == "__main__":
    main()
