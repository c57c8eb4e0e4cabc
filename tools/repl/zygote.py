"""The zygote as the server sees it: one process that forks workers, started at the first need, again if it dies."""

import asyncio
import contextlib
import importlib.util
import logging
import os
import socket
import sys
from pathlib import Path
from weakref import WeakSet

from glasshouse.tool import ToolError
from tools.repl import syscalls
from tools.repl.settings import ReplSettings
from tools.repl.worker import Worker, WorkerLostError

logger = logging.getLogger(__name__)

# The engine is imported from its folder under its own name: importing `tools` would load the server's half into it.
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from engine.zygote import main; main(*sys.argv[2:])"
_ENVIRONMENT = {  # nothing of the server's own reaches a worker
    "LANG": "C.UTF-8", "TZ": "UTC",
    "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072",  # large texts go back to the system when freed
}  # fmt: skip
_START_S = 20  # a cold disk has to read 80 MB of V8
_TRIES = 3


class Zygote:
    """Makes workers. `close` ends it, and with it every worker it made."""

    def __init__(self, settings: ReplSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._reported = False
        self._workers: WeakSet[Worker] = WeakSet()

    async def worker(self) -> Worker:
        """A new worker. Raises ToolError if none can be started."""
        for _ in range(_TRIES):
            control = await self._running()
            try:
                async with asyncio.timeout(_START_S):
                    worker = await self._fork(control)
            except (WorkerLostError, TimeoutError, OSError) as problem:
                logger.warning("a REPL worker did not start: %r", problem)
                await self._stop()
                continue
            self._workers.add(worker)
            self._report(worker)
            return worker
        raise ToolError("The JavaScript engine could not be started. Try again; if it stays so, tell the operator.")

    @property
    def pid(self) -> int | None:
        """The zygote's process, if it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def alive(self) -> int:
        """How many of the workers it made are alive."""
        return sum(worker.alive for worker in self._workers)

    async def close(self) -> None:
        """End the zygote and its workers."""
        async with self._starting:
            await self._stop()

    async def _running(self) -> socket.socket:
        async with self._starting:
            if self._control is None or self.pid is None:
                await self._stop()
                await self._start()
            assert self._control is not None
            return self._control

    async def _start(self) -> None:
        settings = self._settings
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (theirs.fileno(), settings.heap_mb, settings.process_mb, int(settings.jitless))
            given = (*map(str, numbers), folder_of_v8(), syscalls.compiled().hex())
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _BOOT, str(Path(__file__).parent), *given),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                env=_ENVIRONMENT, pass_fds=(theirs.fileno(),), cwd="/",
            )  # fmt: skip
        self._control = ours

    async def _stop(self) -> None:
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control:
            control.close()
        if process:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _fork(self, control: socket.socket) -> Worker:
        ours, theirs = socket.socketpair()
        last_words, stderr = os.pipe()
        try:
            with theirs:
                socket.send_fds(control, [b"w"], [theirs.fileno(), stderr])
        except BaseException:
            ours.close()
            os.close(last_words)
            raise
        finally:
            os.close(stderr)
        return await Worker.greet(ours, last_words)

    def _report(self, worker: Worker) -> None:
        failed = {step: how for step, how in worker.confined.items() if how.startswith("failed")}
        if not self._reported:
            self._reported = True
            logger.info("REPL on V8 %s, confined by %s", worker.version, worker.confined)
            if failed:
                logger.warning("REPL workers are not fully confined: %s", failed)
        if failed and self._settings.require_confinement:
            worker.kill()
            raise ToolError(
                f"The JavaScript sandbox is not complete here ({', '.join(failed)}), and the operator requires it"
                " (GLASSHOUSE_REPL_REQUIRE_CONFINEMENT). Tell the operator."
            )


def folder_of_v8() -> str:
    """Where mini-racer's library is. Its Python package is not loaded, neither here nor in a worker."""
    package = importlib.util.find_spec("py_mini_racer")
    if package is None or package.origin is None:
        raise ToolError("mini-racer is not installed here. Tell the operator.")
    return str(Path(package.origin).parent)
