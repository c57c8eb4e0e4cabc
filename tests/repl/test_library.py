"""What the engine says of mini-racer's library is what its Python package says, and it does without the package."""

import ctypes
import subprocess
import sys
from pathlib import Path

from py_mini_racer import _dll
from py_mini_racer._objects import _MiniRacerTypes as Types

from tests.repl.conftest import OpenBench
from tools.repl.engine import library


def test_values_are_laid_out_and_numbered_as_in_mini_racer() -> None:
    assert (Types.str_utf8, Types.array, Types.function) == (library.TEXT, library.ARRAY, library.FUNCTION)
    failures = (Types.execute_exception, Types.parse_exception, Types.oom_exception)
    assert failures == (library.FAILED, library.NOT_PARSED, library.OUT_OF_MEMORY)
    theirs = _dll._RawValue
    places = [(field.offset, field.size) for field in (theirs.value, theirs.len, theirs.type)]
    ours = (library.Value.data, library.Value.size, library.Value.kind)
    assert [(field.offset, field.size) for field in ours] == places
    assert ctypes.sizeof(library.Value) == ctypes.sizeof(theirs)


def test_the_engine_loads_no_module_that_runs_in_each_fork() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import engine.zygote; print(*sys.modules)"
    tools = Path(__file__).parents[2] / "tools" / "repl"
    command = (sys.executable, "-I", "-S", "-c", code, str(tools))
    loaded = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    assert "engine.worker" in loaded
    assert loaded & {"asyncio", "threading", "random", "logging", "inspect", "traceback", "py_mini_racer"} == set()


async def test_a_worker_has_little_memory_of_its_own(open_bench: OpenBench) -> None:
    async with open_bench(ready=1) as repl:
        await repl.js("1")
        assert 1 << 20 < (await repl.sessions["sesn_a"].worker()).private_bytes < 6 << 20  # 3.5 MB when it was measured
