"""The REPL kit against Node children, QuickJS and bare mini-racer, in one run and in turns: noise falls on all alike.

Run: python -m benchmarks.repl_vs_peers [--rounds N]. Needs node on PATH and `pip install quickjs`; what is missing is
left out. The kit is measured as the server uses it: on uvloop, through the runtime, with its journal in a real store.
"""

# ruff: noqa: E501 (programs on one line)

import argparse
import asyncio
import importlib.util
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

import psutil
import uvloop

from glasshouse.catalog import catalog_of
from glasshouse.events import now
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.store import Session as Row
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
# Long enough that what is measured is the code, not the call: that is the round trip's.
PROGRAMS = {
    "fib(32)": "(function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) })(32)",
    "sort 1e5": "Array.from({ length: 1e5 }, (_, i) => (i * 7919) % 100003).sort((a, b) => a - b).length",
    "regex": "'aab'.repeat(2e5).replace(/a+b/g, m => m.length).length",
    "Map 2e5": "(() => { const m = new Map(); for (let i = 0; i < 2e5; i++) m.set('k' + i, i);"
    " let s = 0; for (const v of m.values()) s += v; return s })()",
    "JSON 5e4": "JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 5e4 }, (_, i) => ({ i, s: 'x' + i }))))).length",
    "sieve 5e6": "(() => { const n = 5e6, a = new Uint8Array(n); let c = 0; for (let i = 2; i < n; i++) if (!a[i]) {"
    " c++; for (let j = i * 2; j < n; j += i) a[j] = 1 } return c })()",
    "objects 2e5": "(() => { const a = []; for (let i = 0; i < 2e5; i++) a.push({ x: i, y: [i] });"
    " return a.filter(o => o.x % 3).map(o => o.y[0]).reduce((p, c) => p + c, 0) })()",
}  # fmt: skip
SNIPPETS = [
    "const row{n} = {{ id: {n}, name: 'item {n}', tags: ['a', 'b'] }}", "let total{n} = row{p}.id + {n}; total{n}",
    "function scale{n}(x) {{ return x * {n} }}", "var list{n} = [1, 2, 3].map(x => x * {n}); list{n}", "console.log('step', {n}, list{p}.length)",
]  # fmt: skip
SESSIONS = ("sesn_a", "sesn_b")
CODE = "1+1"  # what each engine has done when its memory is measured
TURN = 50  # calls of one engine before the next has its turn

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True)
class Peer:
    """An engine in a child process: what to ask, and its process."""

    ask: Ask
    pid: int


@dataclass(frozen=True)
class Trip:
    """A round trip in microseconds: the median and 10th percentile of the wall, the mean CPU of both processes."""

    wall: float
    least: float
    cpu: float


@asynccontextmanager
async def child(*command: str, repl: bool = False) -> AsyncIterator[Peer]:
    """A child that answers a JSON line with a JSON line, or (`repl`) a line of code with text and a prompt."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    async def ask(code: str) -> str:
        stdin.write(json.dumps(code).encode() + b"\n")
        return str(json.loads(await stdout.readline()))

    async def type_in(code: str) -> str:
        stdin.write(code.encode() + b"\n")
        return (await stdout.readuntil(b"> "))[:-3].decode()

    try:
        if repl:
            await stdout.readuntil(b"> ")
        yield Peer(type_in if repl else ask, process.pid)
    finally:
        process.kill()
        await process.wait()


class OurKit:
    """The kit on a store of its own."""

    def __init__(self, kits: Kits, log: Log) -> None:
        self._kits = kits
        self._log = log

    def session(self, session_id: str) -> Ask:
        """How to ask in one session."""
        tool = kit.tools["js_repl"]

        async def ask(code: str) -> str:
            given = {"code": code, "timeout_ms": 60_000}
            (block,) = (await self._kits.run(session_id, kit, tool, given, "sevt")).content
            assert isinstance(block, Text)
            return block.text

        return ask

    def storing(self, ask: Ask) -> Ask:
        """Another engine whose calls are stored as ours are: record and event, committed before the answer counts."""
        calls = 0

        async def stored(code: str) -> str:
            nonlocal calls
            result = await ask(code)
            calls += 1
            record = json.dumps({"n": calls, "at": time.time_ns() // 1_000_000, "code": code}).encode()
            async with self._log.transaction() as writer:
                writer.tx.remember(SESSIONS[1], "peer", {"head": b"%d" % calls, f"call/{calls:08d}": record})
                writer.append(SESSIONS[1], "peer.evaluated", {"n": calls, "code": code, "result": result})
            return result

        return stored

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
            log = Log(store)
            async with log.transaction() as writer:
                for name in SESSIONS:
                    writer.tx.put_session(Row(name, "", "agent", "", "running", None, "attach", now(), now()))
            assert kit.settings
            kits = Kits(catalog_of(kit), log, {kit.name: kit.settings(**settings)})
            try:
                yield OurKit(kits, log)
            finally:
                await kits.close()


async def timed(work: Awaitable[Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


def memory_mb(pid: int) -> tuple[float, ...]:
    """Private (what ending the process would free), proportional and resident memory, in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kb = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", rollup, re.MULTILINE)}
    return tuple(each / 1024 for each in (kb["Private_Clean"] + kb["Private_Dirty"], kb["Pss"], kb["Rss"]))


def cpu_ms(pid: int) -> float:
    """CPU time of a process, all threads that live."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e6


def commands() -> dict[str, tuple[str, ...]]:
    """The engines that speak JSON lines."""
    found: dict[str, tuple[str, ...]] = {"bare mini-racer": (sys.executable, "-c", BARE)}
    if importlib.util.find_spec("quickjs"):
        found["quickjs"] = (sys.executable, "-c", QUICKJS)
    if node := shutil.which("node"):
        found["node vm"] = (node, "-e", NODE)
    return found


async def engines(stack: AsyncExitStack, ours: OurKit) -> dict[str, Peer]:
    """All of them, started."""
    peers = {name: await stack.enter_async_context(child(*command)) for name, command in commands().items()}
    if vm := peers.get("node vm"):
        peers["node -i"] = await stack.enter_async_context(child(shutil.which("node") or "", "-i", repl=True))
        peers["node vm, stored"] = Peer(ours.storing(vm.ask), vm.pid)
    ask = ours.session(SESSIONS[0])
    await ask("1+1")
    return peers | {"kit": Peer(ask, await ours.worker(SESSIONS[0]))}


async def trips(peers: dict[str, Peer], rounds: int) -> dict[str, Trip]:
    """The round trip of `1+1` by engine."""
    walls: dict[str, list[float]] = {name: [] for name in peers}
    used = dict.fromkeys(peers, 0.0)
    for turn in range(-2, rounds // TURN):  # the first two warm up
        for name, peer in peers.items():
            before = cpu_ms(peer.pid) + time.process_time() * 1000
            taken = [await timed(peer.ask("1+1")) * 1000 for _ in range(TURN)]
            if turn >= 0:
                walls[name] += taken
                used[name] += cpu_ms(peer.pid) + time.process_time() * 1000 - before
    return {
        name: Trip(statistics.median(all_), statistics.quantiles(all_, n=10)[0], used[name] * 1000 / len(all_))
        for name, all_ in walls.items()
    }


async def work(peers: dict[str, Peer]) -> dict[str, dict[str, float]]:
    """{program: {engine: ms of the child's CPU}}, the best of five."""
    found: dict[str, dict[str, float]] = {program: {} for program in PROGRAMS}
    for program, code in PROGRAMS.items():
        for _ in range(5):
            for name, peer in peers.items():
                before = cpu_ms(peer.pid)
                await peer.ask(code)
                used = cpu_ms(peer.pid) - before
                found[program][name] = min(used, found[program].get(name, used))
    return found


async def first_calls(times: int) -> dict[str, float]:
    """{engine: ms until the first answer}, medians; a Node child is started for it."""
    samples: dict[str, list[float]] = {"kit": []}
    node = commands().get("node vm")
    async with our_kit(ready=1) as ours:
        await ours.session(SESSIONS[1])("1+1")
        for number in range(times):
            await asyncio.sleep(0.5)  # a server has its ready worker long before the next session comes
            samples["kit"].append(await timed(ours.session(f"sesn_{number}")("1+1")))
            if node:
                began = time.perf_counter()
                async with child(*node) as peer:
                    await peer.ask("1+1")
                    samples.setdefault("node vm", []).append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(all_) for name, all_ in samples.items()}


async def memory(at_once: int) -> dict[str, tuple[float, ...]]:
    """{engine: `memory_mb` of one of so many that run at once}: alone, a program's own pages count as private.

    The kit's worker is never alone: it shares with the zygote and the ready worker, whose memory stands beside it.
    """
    found = {}
    for name, command in commands().items():
        async with AsyncExitStack() as stack:
            peers = [await stack.enter_async_context(child(*command)) for _ in range(at_once)]
            for peer in peers:
                await peer.ask(CODE)
            found[name] = memory_mb(peers[0].pid)
    async with our_kit(ready=1) as ours:
        for number in range(at_once):
            await ours.session(f"sesn_{number}")(CODE)
        await asyncio.sleep(0.5)  # the next worker is made ready
        found["kit: a session"] = memory_mb(await ours.worker("sesn_0"))
        if at_once == 1:
            found |= shared_mb(await ours.worker("sesn_0"))
    return found


def other_nodes() -> int:
    """Processes that run the same program as a Node child, and so share its pages: Playwright's driver is one, too."""
    node = os.path.realpath(shutil.which("node") or "")
    return sum(process.info["exe"] == node for process in psutil.process_iter(["exe"]))


def shared_mb(worker: int) -> dict[str, tuple[float, ...]]:
    """What stands beside a worker, once for all sessions: its zygote and the workers that are ready."""
    zygote = psutil.Process(worker).parent()
    assert zygote
    (ready,) = (process.pid for process in zygote.children() if process.pid != worker)
    return {"kit: the zygote": memory_mb(zygote.pid), "kit: the ready worker": memory_mb(ready)}


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
            found[size] = {
                "wall, ms": wall,
                "CPU of the worker from its start, ms": cpu_ms(await ours.worker("sesn_a")),
            }
    return found


def table(head: str, rows: list[list[str]]) -> None:
    """A table in Markdown."""
    print(f"\n| {head} |\n|{'---|' * (head.count('|') + 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


async def measure(rounds: int, sizes: list[int]) -> None:
    """Measure and print."""
    async with our_kit(ready=0) as ours, AsyncExitStack() as stack:
        peers = await engines(stack, ours)
        taken = await trips(peers, rounds)
        peers.pop("node vm, stored", None)
        peers.pop("node -i", None)
        programs = await work(peers)
    references = [taken.get("node -i"), taken.get("node vm")]

    def ratios(trip: Trip) -> list[str]:
        return [f"{trip.wall / node.wall:.2f}, {trip.cpu / node.cpu:.2f}" if node else "–" for node in references]

    table(
        "round trip of 1+1 | wall µs | 10th percentile | CPU µs | to `node -i` (wall, CPU) | to `node vm` (wall, CPU)",
        [[name, f"{t.wall:.0f}", f"{t.least:.0f}", f"{t.cpu:.0f}", *ratios(t)] for name, t in taken.items()],
    )
    table(
        "CPU-bound code | " + " | ".join(peers) + " | kit to `node vm`",
        [
            [
                program,
                *(f"{ms:.1f}" for ms in found.values()),
                f"{found['kit'] / found['node vm']:.2f}" if "node vm" in found else "–",
            ]
            for program, found in programs.items()
        ],
    )
    firsts = await first_calls(7)
    table("first call | ms", [[name, f"{ms:.1f}"] for name, ms in firsts.items()])
    print(f"\n{other_nodes()} other processes of node's program run on this machine; none of them, and it is alone.")
    for at_once, said in ((1, "alone"), (3, "one of three")):
        sizes_mb = await memory(at_once)
        table(
            f"memory, {said}, MB | private | proportional | resident",
            [[name, *(f"{mb:.1f}" for mb in each)] for name, each in sizes_mb.items()],
        )
    found = await restores(sizes)
    table(
        "restored calls | wall ms | CPU ms",
        [[f"{size:,}", *(f"{ms:.0f}" for ms in f.values())] for size, f in found.items()],
    )


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000, help="round trips of each engine")
    parser.add_argument("--restore", type=int, nargs="*", default=[10, 100, 1000, 5000])
    options = parser.parse_args()
    print("load", os.getloadavg())
    uvloop.run(measure(options.rounds, options.restore))
    print("\nload", os.getloadavg())


if __name__ == "__main__":
    main()
