"""What the kernel saw: after its ready message a worker opens nothing, connects nowhere and starts nothing."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.repl.conftest import Bench
from tests.repl.test_confinement import _ESCAPES

_WATCHED = "open,openat,openat2,creat,socket,connect,bind,execve,execveat,fork,vfork,clone,clone3,kill,ptrace,unlink"
_DONE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?\w+\(.*= (?!-1 )")


@asynccontextmanager
async def traced(pid: int, log: Path) -> AsyncIterator[None]:
    """strace on a running process and its threads; skips the test where that is not allowed."""
    process = await asyncio.create_subprocess_exec(
        "strace", "-f", "-p", str(pid), "-e", f"trace={_WATCHED}", "-o", str(log), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    async with asyncio.timeout(10):
        attached = await process.stderr.readline()
    if b"attached" not in attached:
        pytest.skip(f"strace may not attach: {attached.decode()}")
    try:
        yield
    finally:
        process.terminate()
        await process.communicate()


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
async def test_no_attempt_to_escape_gets_a_system_call_through(repl: Bench, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    await repl.js("1")
    async with traced(await repl.worker_pid(), log):
        for code in _ESCAPES:
            await repl.js(code)
        await repl.js("new URL('http://127.0.0.1/'), structuredClone({ a: new Date(0) }), 'é'.localeCompare('e')")
        await repl.js(
            "await new Promise(done => setTimeout(done, 5)); Array.from({ length: 1e5 }, (_, i) => ({ i })).length"
        )
    assert [line for line in log.read_text().splitlines() if _DONE.match(line)] == []
