"""A soak: many sessions use the three kits, are watched, fall asleep, wake again and end; does anything keep growing?

The real server in a process of its own, woken by signed webhooks of the emulated API. Every few seconds one line, then
a verdict: how each figure went in the second half, by a straight line through it.

Run: python -m benchmarks.endurance [--seconds 150] [--sessions 50]
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.emulator.webhooks import new_secret
from tests.server.site import CountingSite
from tests.server.stage import Server

IDLE_S = 1.0  # an hour of a minute's idle time, in a minute
KEEP_S = 20.0  # thirty days of keeping, in a third of a minute
PARKED_MB = 128  # a quarter of the usual, so that the budget for sleeping REPLs is reached early and has to hold
AT_ONCE = 4  # turns at the same time; a browser's context each
TURNS = 3  # what a session does before it ends and another takes its place
MB = 1_000_000
BROWSER = 3  # every so many turns with the browser as well: it takes most of the machine
SURE = 2  # … and that by more than so many standard errors of the line
GREW = 0.05  # a figure that a straight line takes up by more than this in the second half of the run grows


@dataclass(frozen=True)
class Sample:
    """What there is at one moment. Memory is proportional (PSS): what processes share is counted once."""

    seconds: float
    calls: int
    awake: float
    server_mb: float
    driver_mb: float
    chromium_mb: float
    repl_mb: float
    descriptors: int
    processes: int
    zombies: int
    store_mb: float

    def row(self) -> str:
        """As a line of the table."""
        return (
            f"| {' | '.join(f'{value:.1f}' if isinstance(value, float) else str(value) for value in astuple(self))} |"
        )


def heading() -> str:
    """The table's first two lines."""
    names = [field.name.replace("_mb", " MB").replace("_", " ") for field in fields(Sample)]
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


class Soak:
    """The sessions' turns, and what the server holds while they go on."""

    def __init__(self, emulator: Emulator, server: Server, sessions: int) -> None:
        self.emulator = emulator
        self.server = server
        self.tools = find_kits().definitions()
        self.free = [emulator.open_session(tools=self.tools) for _ in range(sessions)]
        self.turns: dict[str, int] = {}
        self.calls = 0
        self.played = 0
        self.failed: list[str] = []
        self.samples: list[Sample] = []
        self.begun = perf_counter()
        self._chance = random.Random(1)

    async def play(self, seconds: float) -> None:
        """Turns of sessions chosen at random, until the time is over."""
        while perf_counter() - self.begun < seconds:
            handle = self.free.pop(self._chance.randrange(len(self.free)))
            await self.turn(handle)
            self.turns[handle.id] = self.turns.get(handle.id, 0) + 1
            if self.turns[handle.id] == TURNS:
                handle.terminate()
                handle = self.emulator.open_session(tools=self.tools)
            self.free.append(handle)

    async def turn(self, handle: SessionHandle) -> None:
        """A turn with the kits, watched from its second turn on."""
        self.played += 1
        number = self.played
        browsing = [
            ("browser_goto", {"url": f"{self.emulator.base_url}/site?turn={number}"}),
            ("browser_read", {}),
            ("browser_click", {"target": f"#b{number % 3}"}),
        ]
        calls: list[tuple[str, dict[str, Any]]] = [
            *(browsing if number % BROWSER == 0 else []),
            ("js_repl", {"code": f"globalThis.turns = (globalThis.turns ?? 0) + 1; 'x'.repeat({number % 50})"}),
            ("page_set_html", {"selector": "#content", "html": f"<p>Turn {number}</p>" * 20}),
            ("js_list_symbols", {}),
            ("page_add_block", {"anchor": "#content", "position": "append", "html": f"<i>{number}</i>"}),
            ("page_get", {"selector": "#content"}),
        ]  # fmt: skip
        if self.turns.get(handle.id):
            async with self.server.watch(handle.id) as viewer:
                answers = await handle.call_all(calls)
                await viewer.event("call.finished")
        else:
            answers = await handle.call_all(calls)
        self.calls += len(calls)
        self.failed += [answer.text for answer in answers if answer.is_error]

    async def sample(self) -> Sample:
        """What there is now."""
        own = psutil.Process(self.server.pid)
        kinds = {"chrom": 0.0, "node": 0.0, "python": 0.0}
        zombies = started = 0
        for process in own.children(recursive=True):
            try:
                name, zombie = process.name(), process.status() == psutil.STATUS_ZOMBIE
                zombies, started = zombies + zombie, started + 1
                kind = next(kind for kind in kinds if name.startswith(kind))
                kinds[kind] += process.memory_full_info().pss / MB
            except (psutil.Error, StopIteration):
                continue  # it has ended meanwhile
        ready = (await self.server.http.get("/ready")).json()
        store = sum(file.stat().st_size for file in self.server.folder.iterdir())
        self.samples.append(
            Sample(
                perf_counter() - self.begun,
                self.calls,
                float(ready["awake"]),
                own.memory_full_info().pss / MB,
                kinds["node"],
                kinds["chrom"],
                kinds["python"],
                own.num_fds(),
                started,
                zombies,
                store / MB,
            )
        )
        return self.samples[-1]

    def verdict(self) -> str:
        """How each figure went in the second half: how a straight line through it rises, and how sure that is."""
        half = self.samples[len(self.samples) // 2 :]
        calls = [float(sample.calls) for sample in half]
        lines = [
            "| figure | first half, mean | second half, mean | per 1,000 calls | verdict |",
            "|---|---|---|---|---|",
        ]
        for field in fields(Sample)[3:]:
            first = statistics.fmean(getattr(sample, field.name) for sample in self.samples[: len(half)])
            values = [float(getattr(sample, field.name)) for sample in half]
            mean, (slope, error) = statistics.fmean(values), line_through(calls, values)
            rise = slope * (calls[-1] - calls[0])
            grows = rise > max(GREW * mean, 1) and slope > SURE * error
            said = f"{slope * 1000:+.1f} ± {error * 1000:.1f}"
            lines.append(f"| {field.name} | {first:.1f} | {mean:.1f} | {said} | {'**grows**' if grows else 'level'} |")
        return "\n".join(lines)


def line_through(xs: list[float], ys: list[float]) -> tuple[float, float]:
    """The slope of the straight line that fits best, and its standard error."""
    slope, start = statistics.linear_regression(xs, ys)
    left = sum((y - start - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    spread = sum((x - statistics.fmean(xs)) ** 2 for x in xs)
    return slope, (left / max(1, len(xs) - 2) / spread) ** 0.5


async def soak(seconds: float, sessions: int, every_s: float) -> None:
    """Run it and print the tables."""
    site, key = CountingSite(), new_secret()
    with tempfile.TemporaryDirectory() as folder:
        async with Emulator(routes=site.routes()) as emulator:
            environment = {
                "ANTHROPIC_API_KEY": emulator.api_key,
                "ANTHROPIC_BASE_URL": emulator.base_url,
                "ANTHROPIC_WEBHOOK_SIGNING_KEY": key,
                "GLASSHOUSE_BROWSER_ALLOW": emulator.base_url.removeprefix("http://"),
                "GLASSHOUSE_IDLE_S": str(IDLE_S),
                "GLASSHOUSE_KEEP_DAYS": str(KEEP_S / 86_400),
                "GLASSHOUSE_REPL_PARKED_MB": str(PARKED_MB),
                "GLASSHOUSE_LOG_LEVEL": "error",
            }
            server = Server(Path(folder) / "data", environment)
            await server.start()
            emulator.webhooks.add(f"{server.base_url}/webhook", secret=key)
            run = Soak(emulator, server, sessions)
            print(heading())
            try:
                async with asyncio.TaskGroup() as playing:
                    turns = [playing.create_task(run.play(seconds)) for _ in range(AT_ONCE)]
                    while not all(task.done() for task in turns):
                        print((await run.sample()).row(), flush=True)
                        await asyncio.wait(turns, timeout=every_s)
                print(f"\n{run.verdict()}\n\nfailed calls: {len(run.failed)} {run.failed[:2]}", flush=True)
                await asyncio.sleep(IDLE_S + 5)  # five seconds after the last session slept
                print(f"five seconds after all sleep:\n\n{heading()}\n{(await run.sample()).row()}")
                print(server.told, file=sys.stderr)
            finally:
                await server.close()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--every", type=float, default=5, help="seconds between two lines")
    given = parser.parse_args()
    asyncio.run(soak(given.seconds, given.sessions, given.every))


if __name__ == "__main__":
    main()
