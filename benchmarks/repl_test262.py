"""test262's language tests through the REPL's transform, each in a fresh context, against plain V8 as the oracle.

Run: python -m benchmarks.repl_test262 PATH [--skip M] [--sample N] [--seed S] [--only TEXT], where PATH is a checkout
of github.com/tc39/test262. A test counts if plain V8 passes it; one that then fails in the REPL is named with its
error. Modules are left out, and what needs a host of its own ($262.createRealm, agents) fails in V8 and does not count.
With the same seed, `--skip` goes on where an earlier sample ended.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.repl.engine import library, sources
from tools.repl.engine.evaluator import Evaluator
from tools.repl.engine.isolate import Isolate, drive
from tools.repl.zygote import folder_of_v8

_CHUNK = 40  # tests per process: an isolate is never freed
_TEST_S = 10
_HOST = "var print = (text) => { globalThis.$log = String(text) }; var $262 = { global: globalThis, gc() {} };\n"
_DONE = "Test262:AsyncTestComplete"
_DIED = "died or hung"


@dataclass(frozen=True)
class Test:
    """One file: what to run before it, and what it expects; `fails` names the error that a negative test wants."""

    path: str
    code: str
    includes: tuple[str, ...]
    flags: frozenset[str]
    fails: str | None


def read(file: Path, root: Path) -> Test:
    """A test with its front matter, which is YAML of a shape that two expressions can read."""
    source = file.read_text("utf-8", errors="surrogateescape")
    found = re.search(r"/\*---(.*?)---\*/", source, re.DOTALL)
    matter = found.group(1) if found else ""
    negative = re.search(r"^negative:.*?^\s+type:\s*(\w+)", matter, re.DOTALL | re.MULTILINE)
    flags = frozenset(_words(matter, "flags"))
    strict = '"use strict";\n' if "onlyStrict" in flags else ""
    return Test(
        str(file.relative_to(root)), strict + source, _words(matter, "includes"), flags, negative and negative.group(1)
    )


def _words(matter: str, field: str) -> tuple[str, ...]:
    found = re.search(rf"^{field}:\s*\[(.*?)\]", matter, re.MULTILINE | re.DOTALL)
    if found:
        return tuple(re.findall(r"[\w./-]+", found.group(1)))
    listed = re.search(rf"^{field}:\s*\n((?:\s+-\s*\S+\n)+)", matter, re.MULTILINE)
    return tuple(re.findall(r"-\s*(\S+)", listed.group(1))) if listed else ()


def chosen(root: Path, skip: int, sample: int, seed: int, only: str) -> list[Test]:
    """A repeatable sample of the tests of the language, without the first ones."""
    files = sorted(f for f in (root / "test" / "language").rglob("*.js") if "_FIXTURE" not in f.name and only in str(f))
    random.Random(seed).shuffle(files)
    tests: list[Test] = []
    for file in files:
        test = read(file, root)
        if len(tests) < skip + sample and not test.flags & {"module", "CanBlockIsFalse"}:
            tests.append(test)
    return tests[skip:]


def harness(test: Test, root: Path) -> str:
    """The scripts that a test expects to have been run."""
    if "raw" in test.flags:
        return _HOST
    names = ("assert.js", "sta.js", *(("doneprintHandle.js",) if "async" in test.flags else ()), *test.includes)
    return _HOST + "\n".join((root / "harness" / name).read_text("utf-8") for name in dict.fromkeys(names))


async def plain_v8(v8: Any, test: Test, before: str) -> str | None:
    """None if the test passes in a bare context, else what went wrong."""
    isolate = Isolate(v8)
    await isolate.run(before)
    kind, _ = await isolate.run(test.code + "\n;undefined" if test.fails is None else test.code)
    if test.fails == "SyntaxError":
        return None if kind == library.NOT_PARSED else "not refused"
    if (kind >= library.FAILED) != (test.fails is not None):
        return f"result of kind {kind}"
    if "async" in test.flags:
        _, log = await isolate.run("typeof $log === 'string' ? $log : 'silent'")
        return None if log == _DONE else str(log)
    return None


async def in_repl(test: Test, before: str, source: sources.Sources, tool: Isolate) -> str | None:
    """The same through the REPL's own steps."""
    agent = Isolate(tool.v8)
    await agent.load(Evaluator.script(source), "$repl$takeWayIn()")
    evaluator = Evaluator(agent, tool, "")
    await evaluator.open([1, 2, 3], 0)
    if problem := _error(await evaluator.run(1, 0, before)):
        return f"harness: {problem}"
    problem = _error(await evaluator.run(2, 0, test.code))
    if test.fails is not None:
        return None if test.fails in (problem or "") else f"expected {test.fails}, not {problem}"
    if problem is None and "async" in test.flags:
        answer, _ = await evaluator.run(3, 0, "typeof $log === 'string' ? $log : 'silent'")
        log = str(json.loads(answer)["shown"]["result"]).strip("'")
        return None if log == _DONE else log
    return problem


def _error(ran: tuple[bytes, bytes]) -> str | None:
    answer = json.loads(ran[0])
    if "problem" in answer:
        return f"SyntaxError: {answer['problem']['message']}"
    return answer["shown"]["error"]["text"] if answer["shown"]["error"] else None


async def _chunk(v8: Any, tests: list[Test], root: Path, source: sources.Sources, out: int) -> None:
    tool = Isolate(v8)
    await tool.load(source.tool, "prepare")
    for test in tests:
        before = harness(test, root)
        verdict = await plain_v8(v8, test, before)
        os.write(out, json.dumps(verdict).encode() + b"\n")
        if verdict is None:
            os.write(out, json.dumps(await in_repl(test, before, source, tool)).encode() + b"\n")


def _child(v8: Any, tests: list[Test], root: Path, source: sources.Sources, out: int) -> None:
    def ended(problem: BaseException | None) -> None:
        os._exit(0 if problem is None else 1)

    drive(_chunk(v8, tests, root, source, out), ended)
    while True:
        signal.pause()


async def _verdict(reader: asyncio.StreamReader) -> str | None:
    async with asyncio.timeout(_TEST_S):
        line = await reader.readline()
    if not line:
        raise EOFError
    verdict: str | None = json.loads(line)
    return verdict


def _same(protocol: asyncio.StreamReaderProtocol) -> asyncio.StreamReaderProtocol:
    return protocol


async def verdicts(
    v8: Any, tests: list[Test], root: Path, source: sources.Sources
) -> AsyncIterator[tuple[Test, dict[str, Any]]]:
    """Each test with {v8, repl}: None is a pass. One that hangs, or ends its process, fails where it does so."""
    loop = asyncio.get_running_loop()
    while tests:
        ours, theirs = os.pipe()
        if (pid := os.fork()) == 0:
            _child(v8, tests[:_CHUNK], root, source, theirs)
        os.close(theirs)
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_read_pipe(partial(_same, protocol), os.fdopen(ours, "rb"))
        done = 0
        died: dict[str, Any] = {"v8": _DIED, "repl": None}
        try:
            while done < min(_CHUNK, len(tests)):
                died = {"v8": _DIED, "repl": None}
                verdict = await _verdict(reader)
                found = {"v8": verdict, "repl": None}
                if verdict is None:
                    died = {"v8": None, "repl": _DIED}
                    found["repl"] = await _verdict(reader)
                yield tests[done], found
                done += 1
        except (EOFError, TimeoutError):
            pass
        finally:
            transport.close()
            os.kill(pid, 9)
            os.waitpid(pid, 0)  # noqa: ASYNC222 (it was killed)
        if done < min(_CHUNK, len(tests)):
            yield tests[done], died
            done += 1
        tests = tests[done:]


async def main() -> None:
    """Print what fails, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only files whose path contains this")
    options = parser.parse_args()
    v8 = library.initialised(folder_of_v8(), ["--single-threaded", "--stack-size=900"])
    source = sources.load()
    counts: Counter[str] = Counter()
    tests = chosen(options.path, options.skip, options.sample, options.seed, options.only)
    async for test, found in verdicts(v8, tests, options.path, source):
        how = "not counted" if found["v8"] else "failed" if found["repl"] else "passed"
        counts[how] += 1
        if how == "failed":
            print(f"{test.path}: {found['repl'][:300]!r}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    asyncio.run(main())
