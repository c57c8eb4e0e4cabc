"""Servers that start in a moment: a process that has imported everything forks one for each request.

Each is a process of its own, to be killed as any other; only its imports, in which nothing happens, are spared.
"""

import asyncio
import ctypes
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from glasshouse.catalog import find_kits
from tests.server.stage import GUARD_S, ROOT, Server

_PR_SET_PDEATHSIG = 1
_PID_BYTES = 8
_PROGRAM = str(ROOT / "server.py")


def main(control: socket.socket) -> None:
    """Fork a server for each request (its environment as JSON, with its standard output and error) until the end."""
    runpy.run_path(_PROGRAM, run_name="warm")
    find_kits()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    while True:
        request, files, *_ = socket.recv_fds(control, 1 << 16, 2)
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            os._exit(_become(json.loads(request), files))
        for file in files:
            os.close(file)
        control.send(pid.to_bytes(_PID_BYTES, "big"))


def _become(environment: Mapping[str, str], files: list[int]) -> int:
    """Be a server; its exit code."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for stream, file in zip((1, 2), files, strict=True):
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [_PROGRAM, "serve"]
    try:
        runpy.run_path(_PROGRAM, run_name="__main__")
    except SystemExit as ended:
        sys.stdout.flush()
        return int(ended.code or 0)
    return 1


class Nursling(Server):
    """A server that the nursery forks."""

    def __init__(self, control: socket.socket, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self._control = control
        self._life: int | None = None  # a pidfd
        self._pid = 0
        self._first: asyncio.StreamReader | None = None

    async def launch(self) -> None:
        """Begin to start it; nothing is waited for."""
        said, stdout = os.pipe()
        with self._log.open("ab") as log:
            socket.send_fds(self._control, [json.dumps(self.environment).encode()], [stdout, log.fileno()])
        os.close(stdout)
        answer = await asyncio.to_thread(self._control.recv, _PID_BYTES)
        self._pid = int.from_bytes(answer, "big")
        self._life = os.pidfd_open(self._pid)
        self._first = asyncio.StreamReader()
        reading = asyncio.StreamReaderProtocol(self._first)
        await asyncio.get_running_loop().connect_read_pipe(lambda: reading, os.fdopen(said, "rb"))

    async def start(self) -> str:
        """Start it and wait until it listens; its first line."""
        await self.launch()
        assert self._first
        first = (await asyncio.wait_for(self._first.readline(), GUARD_S * 2)).decode().strip()
        if not first:
            raise AssertionError(f"the server did not start: {self.told[-2000:]}")
        self._listens(first)
        return first

    @property
    def pid(self) -> int:
        return self._pid

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; its code is not known."""
        await self._end(signal.SIGTERM)
        return 0

    async def close(self) -> None:
        """End it if it runs."""
        await self.http.aclose()
        await self.kill()

    async def _end(self, number: int) -> None:
        life, self._life = self._life, None
        if life is None:
            return
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(life, gone.set)
        try:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(life, number)
            await asyncio.wait_for(gone.wait(), GUARD_S)
        finally:
            loop.remove_reader(life)
            os.close(life)


@asynccontextmanager
async def open_nursery() -> AsyncIterator[socket.socket]:
    """The nursery's control socket, for `Nursling`."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.server.nursery", str(theirs.fileno()), pass_fds=(theirs.fileno(),), cwd=ROOT
        )
        theirs.close()
        try:
            yield ours
        finally:
            ours.close()
            await process.wait()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
