"""MiniWoB++ tasks through the browser tools' text alone, by scripted policies: how much the text lets one do.

    python -m benchmarks.browser_miniwob [--seeds 3] [--first 0] [--tasks NAME] [--folder PATH]

The tasks are those of the package miniwob, which pip fetches into a temporary folder when it is not installed.

A policy gets the text of browser_read and calls tools; only the reward is read from the page's own variables.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.browser_sites import served
from benchmarks.browser_vs_peers import glasshouse
from benchmarks.miniwob import POLICIES
from benchmarks.miniwob.agent import Agent
from tools.browser import kit
from tools.browser.session import Session

START = "seed => { core.EPISODE_MAX_TIME = 600000; Math.seedrandom(seed); core.startEpisodeReal(); }"
REWARD = "() => [WOB_DONE_GLOBAL, WOB_RAW_REWARD_GLOBAL]"


async def play(agent: Agent, session: Session, task: str, seed: int) -> tuple[bool, str]:
    """One episode: whether its reward was positive, and what went wrong."""
    await session.tab.page.evaluate(START, f"{task}-{seed}")
    await agent.read()
    try:
        await POLICIES[task](agent)
    except (LookupError, AssertionError, StopIteration, ValueError) as error:
        return False, str(error)
    done, reward = await session.tab.page.evaluate(REWARD)
    return bool(done and reward > 0), "" if done else f"not done; text:\n{agent.text}"


def pages(data: Path) -> Path:
    """MiniWoB++'s pages, fetched when they are not installed."""
    if spec := find_spec("miniwob"):
        return Path(str(spec.origin)).parent / "html"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(data / "miniwob")]
    subprocess.run([*command, "miniwob"], check=True)
    return data / "miniwob" / "miniwob" / "html"


def lost(seeds: range, wins: list[tuple[bool, str]]) -> list[str]:
    """The seeds that were not solved, and why the first of them was not."""
    seen = [(seed, why) for seed, (won, why) in zip(seeds, wins, strict=True) if not won]
    return [f"(not {', '.join(str(seed) for seed, _ in seen)})", *[why for _, why in seen if why][:1]] if seen else []


async def main() -> None:
    """Play all tasks and say what was solved."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--first", type=int, default=0, help="the first seed; others than 0 to 2 no policy was written for"
    )
    parser.add_argument("--tasks", default="", help="only tasks whose name contains this")
    parser.add_argument("--folder", type=Path, help="MiniWoB++'s html folder; default: that of the installed package")
    options = parser.parse_args()
    folder = options.folder
    solved, played, start = 0, 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as data, served(folder or pages(Path(data))) as port:
        async with glasshouse(Path(data), port) as tool:

            async def run(name: str, **given: Any) -> str:
                used = kit.tools[f"browser_{name}"]
                result = await tool._kits.run("sesn_a", kit, used, given, f"sevt_{time.time_ns()}")
                return "".join(getattr(block, "text", "") for block in result.content)

            agent = Agent(run)
            for task in [name for name in POLICIES if options.tasks in name]:
                await run("goto", url=f"http://127.0.0.1:{port}/miniwob/{task}.html")
                state = tool._kits.slot("sesn_a", "browser").state
                assert state
                session: Session = await state.open()
                seeds = range(options.first, options.first + options.seeds)
                wins = [await play(agent, session, task, seed) for seed in seeds]
                played += len(wins)
                solved += sum(won for won, _ in wins)
                print(f"{task}: {sum(won for won, _ in wins)}/{len(wins)}", *lost(seeds, wins), flush=True)
    print(f"\n{solved} of {played} episodes of {len(POLICIES)} tasks solved in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
