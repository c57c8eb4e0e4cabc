"""The kit against Node's own REPL, line by line."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from benchmarks import repl_vs_node
from tests.repl import everyday, sequences
from tests.repl.conftest import OpenBench

pytestmark = pytest.mark.long

_ORACLE = Path(__file__).with_name("node_repl.mjs")
_FRAMES = re.compile(r"\n *at .*?( \{|,)?(?=\n|$)|\n +\.\.\. \d+ lines matching cause stack trace \.\.\.")
_PARTS = 1 if os.environ.get("GLASSHOUSE_TEST_SEQUENCES") == "all" else 9  # all take some two minutes

node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node on PATH, which is the oracle")


async def node_answers(lines: list[list[str]]) -> list[list[str]]:
    process = await asyncio.create_subprocess_exec(
        "node", str(_ORACLE), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(lines).encode())
    answers: list[list[str]] = json.loads(out)
    return answers


def comparable(text: str) -> str:
    """Without stack frames: Node shows its own, we do not."""
    return _FRAMES.sub(lambda found: found.group(1) or "", text).strip()


@node
@pytest.mark.parametrize("about", ["DECLARATIONS", "VALUES", "ERRORS", "AWAIT", "CONSOLE", "SPECIALS", "SYNTAX"])
async def test_answers_what_nodes_repl_answers(about: str, open_bench: OpenBench) -> None:
    assert await differences(getattr(sequences, about), sequences.DIFFERENT, open_bench) == []


@node
@pytest.mark.parametrize("about", list(everyday.EVERYDAY))
async def test_answers_everyday_work_as_nodes_repl_does(about: str, open_bench: OpenBench) -> None:
    number = list(everyday.EVERYDAY).index(about)
    lines = everyday.EVERYDAY[about][number % _PARTS :: _PARTS]
    assert await differences(lines, everyday.DIFFERENT, open_bench) == []


@node
@pytest.mark.timeout(60 if _PARTS > 1 else 400)
@pytest.mark.parametrize("file", sorted(repl_vs_node.SEQUENCES.glob("*.txt")), ids=lambda file: file.stem)
async def test_values_errors_console_and_names_are_nodes(file: Path) -> None:
    sequences = repl_vs_node.read(file)[:: 2 * _PARTS if _PARTS > 1 else 1]
    assert sequences
    answers = zip(sequences, *await repl_vs_node.compare(sequences), strict=True)
    assert [found for each in answers for found in repl_vs_node.differences(*each) if not found.meant] == []


async def differences(
    lines: list[list[str]], deliberate: set[str], open_bench: OpenBench
) -> list[tuple[str, str, str]]:
    """Each line whose answer is not Node's: the line, Node's answer, ours."""
    wanted, given = await asyncio.gather(node_answers(lines), our_answers(lines, open_bench))
    return [
        (step, want, got)
        for steps, *answers in zip(lines, wanted, given, strict=True)
        for step, want, got in zip(steps, *answers, strict=True)
        if comparable(got) != comparable(want) and step not in deliberate
    ]


async def our_answers(lines: list[list[str]], open_bench: OpenBench) -> list[list[str]]:
    answers = []
    async with open_bench(parked_mb=0) as repl:
        for number, steps in enumerate(lines):
            session = f"sesn_{number}"
            answers.append([await repl.js(step, session=session) for step in steps])
            await repl.work.sleep(session)
    return answers


async def test_the_deliberate_differences_are_as_stated(open_bench: OpenBench) -> None:
    async with open_bench() as repl:
        for number, (steps, answer) in enumerate(sequences.DECISIONS):
            for step in steps:
                got = await repl.js(step, session=f"sesn_{number}")
            assert comparable(got) == answer, steps
