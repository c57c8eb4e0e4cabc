"""Overhead of a call: from its appearance on the API's stream until its result is at the API, with an empty tool.

Glasshouse (journal, numbered log and all, in SQLite) against the SDK's own `SessionToolRunner`, each in a process of
its own, on the same emulated API, in turns of some calls each. The runner runs on asyncio's own loop and on uvloop.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import uvloop
from anthropic import AsyncAnthropic, beta_async_tool
from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).parents[1]))

from glasshouse.catalog import catalog_of
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.runtime.session import House
from glasshouse.store.sqlite import open_sqlite
from glasshouse.tool import Context, Kit, Result

ROUNDS, CALLS = 12, 25  # of each contender: 300 calls, in turns, so that the machine's noise falls on all alike


class Echo(BaseModel):
    """Say it back."""

    text: str


@asynccontextmanager
async def nothing(context: Context) -> AsyncIterator[None]:
    """A state without content."""
    yield


kit = Kit[None](name="echo", title="Echo", state=nothing, check="echo")


@kit.tool("echo", Echo)
async def echo(state: None, args: Echo, context: Context) -> Result:
    """Return the text."""
    return Result.text(args.text)


async def glasshouse(client: AsyncAnthropic, session_id: str) -> None:
    """Serve the session as the server does."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder)) as store:
            log = Log(store)
            runtime = Runtime(House.over(client, log, Kits(catalog_of(kit), log, {}), result_bytes=100_000, idle_s=60))
            runtime.wake(session_id, "attach")
            await runtime.asleep(session_id)


async def runner(client: AsyncAnthropic, session_id: str) -> None:
    """Serve the session with the SDK's runner."""

    @beta_async_tool(name="echo")
    async def echo(text: str) -> str:
        """Say it back."""
        return text

    await client.beta.sessions.events.tool_runner(session_id, tools=[echo], max_idle=None).until_done()


async def serve(contender: str, base_url: str, api_key: str, session_id: str) -> None:
    """One contender's process."""
    async with AsyncAnthropic(base_url=base_url, api_key=api_key) as client:
        await (glasshouse if contender == "glasshouse" else runner)(client, session_id)


CONTENDERS = ("glasshouse", "runner", "runner on uvloop")


async def measure() -> dict[str, list[float]]:
    """Milliseconds of each call by contender."""
    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    async with Emulator() as emulator:
        handles: dict[str, SessionHandle] = {}
        processes = []
        for name in CONTENDERS:
            handles[name] = emulator.open_session(tools=catalog_of(kit).definitions())
            arguments = ("--serve", name, emulator.base_url, emulator.api_key, handles[name].id)
            processes.append(await asyncio.create_subprocess_exec(sys.executable, __file__, *arguments))
        try:
            for handle in handles.values():
                await asyncio.wait_for(handle.call("echo", text="warm"), 30)
            for _ in range(ROUNDS):
                for name, handle in handles.items():
                    for number in range(CALLS):
                        begun = perf_counter()
                        await handle.call("echo", text=f"call {number}")
                        taken[name].append((perf_counter() - begun) * 1000)
        finally:
            for process in processes:
                process.terminate()
                await process.wait()
    return taken


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", nargs=4, metavar=("WHO", "URL", "KEY", "SESSION"))
    given = parser.parse_args().serve
    if given:
        run = asyncio.run if given[0] == "runner" else uvloop.run
        run(serve(*given))
        return
    taken = uvloop.run(measure())
    floor = statistics.median(taken["runner"])
    print("| contender | median ms | p95 ms | ratio to the runner |\n|---|---|---|---|")
    for name, values in taken.items():
        median = statistics.median(values)
        p95 = statistics.quantiles(values, n=20)[-1]
        print(f"| {name} | {median:.2f} | {p95:.2f} | {median / floor:.2f} |")


if __name__ == "__main__":
    main()
