"""A soak: many sessions use the three kits, fall asleep and wake again, over and over; does anything keep growing?

The real server in a process of its own, woken by signed webhooks of the emulated API. Every few seconds one line:
calls so far, sessions awake, memory of the server and of all it started, descriptors, processes, size of the store.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.emulator.webhooks import new_secret
from tests.server.site import CountingSite
from tests.server.stage import Server

IDLE_S = 1.0  # an hour of a minute's idle time, in a minute
AT_ONCE = 4  # turns at the same time; a browser's context each
MB = 1_000_000


async def turn(handle: SessionHandle, number: int, base_url: str) -> int:
    """A turn with each kit; how many calls it took."""
    calls = [
        ("browser_goto", {"url": f"{base_url}/site?turn={number}"}),
        ("browser_read", {}),
        ("js_repl", {"code": f"var turns = (typeof turns === 'undefined' ? 0 : turns) + 1; 'x'.repeat({number} % 50)"}),
        ("page_set_html", {"selector": "#content", "html": f"<p>Turn {number}</p>" * 20}),
        ("page_get", {"selector": "#content"}),
    ]
    answers = await handle.call_all(calls)
    wrong = [answer.text for answer in answers if answer.is_error]
    if wrong:
        print(f"a call failed: {wrong[0][:200]}", file=sys.stderr)
    return len(calls)


class Soak:
    """The sessions' turns, and what the server holds while they go on."""

    def __init__(self, emulator: Emulator, server: Server, sessions: int) -> None:
        self.emulator = emulator
        self.server = server
        self.handles = [emulator.open_session(tools=find_kits().definitions()) for _ in range(sessions)]
        self.calls = 0
        self.begun = perf_counter()

    async def play(self, seconds: float) -> None:
        """Turns of sessions chosen at random, until the time is over."""
        chance = random.Random(1)
        free = set(self.handles)
        while perf_counter() - self.begun < seconds:
            handle = chance.choice(sorted(free, key=lambda one: one.id))
            free.discard(handle)
            self.calls += await turn(handle, self.calls, self.emulator.base_url)
            free.add(handle)

    async def sample(self) -> str:
        """One row of the table."""
        own = psutil.Process(self.server.pid)
        started = [one for one in own.children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
        zombies = len(own.children(recursive=True)) - len(started)
        ready = (await self.server.http.get("/ready")).json()
        store = sum(file.stat().st_size for file in self.server.folder.iterdir())
        row = (
            f"{perf_counter() - self.begun:.0f}", self.calls, ready["awake"], f"{own.memory_info().rss / MB:.0f}",
            f"{sum(memory_of(one) for one in started) / MB:.0f}", own.num_fds(), len(started), zombies,
            f"{store / MB:.1f}",
        )  # fmt: skip
        return "| " + " | ".join(map(str, row)) + " |"


def memory_of(process: psutil.Process) -> int:
    """Its own memory in bytes, without what it shares; 0 if it has ended meanwhile."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0


async def soak(seconds: float, sessions: int, every_s: float) -> None:
    """Run it and print the table."""
    site, key = CountingSite(), new_secret()
    with tempfile.TemporaryDirectory() as folder:
        async with Emulator(routes=site.routes()) as emulator:
            server = Server(
                Path(folder) / "data",
                {
                    "ANTHROPIC_API_KEY": emulator.api_key,
                    "ANTHROPIC_BASE_URL": emulator.base_url,
                    "ANTHROPIC_WEBHOOK_SIGNING_KEY": key,
                    "GLASSHOUSE_BROWSER_ALLOW": emulator.base_url.removeprefix("http://"),
                    "GLASSHOUSE_IDLE_S": str(IDLE_S),
                    "GLASSHOUSE_LOG_LEVEL": "error",
                },
            )
            await server.start()
            emulator.webhooks.add(f"{server.base_url}/webhook", secret=key)
            run = Soak(emulator, server, sessions)
            print("| s | calls | awake | server MB | children MB | descriptors | processes | zombies | store MB |")
            print("|---|---|---|---|---|---|---|---|---|")
            try:
                async with asyncio.TaskGroup() as playing:
                    turns = [playing.create_task(run.play(seconds)) for _ in range(AT_ONCE)]
                    while not all(task.done() for task in turns):
                        print(await run.sample(), flush=True)
                        await asyncio.wait(turns, timeout=every_s)
                await asyncio.sleep(IDLE_S + 5)  # five seconds after the last session slept
                print(await run.sample(), "← five seconds after all sleep")
                print(server.told, file=sys.stderr)
            finally:
                await server.close()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--every", type=float, default=10, help="seconds between two lines")
    given = parser.parse_args()
    asyncio.run(soak(given.seconds, given.sessions, given.every))


if __name__ == "__main__":
    main()
