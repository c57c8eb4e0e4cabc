"""The kit against Node's own REPL, line by line."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.repl import sequences
from tests.repl.conftest import OpenBench

_ORACLE = Path(__file__).with_name("node_repl.mjs")
_FRAMES = re.compile(r"(?:\n    at .*)+?( \{)?(?=\n|$)")

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
    lines: list[list[str]] = getattr(sequences, about)
    wrong = []
    async with open_bench(parked_mb=0) as repl:
        answers = await node_answers(lines)
        for number, (steps, expected) in enumerate(zip(lines, answers, strict=True)):
            session = f"sesn_{number}"
            for step, want in zip(steps, expected, strict=True):
                got = await repl.js(step, session=session)
                if comparable(got) != comparable(want) and step not in sequences.DIFFERENT:
                    wrong.append((step, want, got))
            await repl.work.sleep(session)
    assert wrong == []


async def test_the_deliberate_differences_are_as_stated(open_bench: OpenBench) -> None:
    async with open_bench() as repl:
        for number, (steps, answer) in enumerate(sequences.DECISIONS):
            for step in steps:
                got = await repl.js(step, session=f"sesn_{number}")
            assert comparable(got) == answer, steps
