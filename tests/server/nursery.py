"""Servers that start in a moment: a process that has imported everything forks one for each request.

Each is a process of its own, to be killed as any other; only its imports, in which nothing happens and which are most
of a start, are spared. `Server` is the same, started as people start it.
"""

import asyncio
import ctypes
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from glasshouse.catalog import find_kits
from tests.server.stage import GUARD_S, ROOT, Server

USUAL_START_S = 0.6  # on an idle machine with two cores
_PR_SET_PDEATHSIG = 1
_PID_BYTES = 8
_REQUEST_BYTES = 1 << 16
_PROGRAM = str(ROOT / "server.py")


def main(control: socket.socket) -> None:
    """Fork a server for each request: its arguments and environment as JSON, with three files.

    They are its standard output, its standard error, and where its exit code is told when it has ended.
    """
    runpy.run_path(_PROGRAM, run_name="warm")
    find_kits()
    died, told = socket.socketpair()
    for end in (died, told):
        end.setblocking(False)
    signal.set_wakeup_fd(told.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ending: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        for source in (control, died):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if died in ready:
                died.recv(1024)
                _bury(ending)
            if control in ready:
                request, files, *_ = socket.recv_fds(control, _REQUEST_BYTES, 3)
                if not request:
                    return
                pid, ended = _bear(control, json.loads(request), files, [died, told, *ending.values()])
                ending[pid] = ended


def _bear(
    control: socket.socket, request: dict[str, Any], files: list[int], ours: list[socket.socket | int]
) -> tuple[int, int]:
    """Fork a server, which keeps none of what is ours; its pid, and the file that waits for its exit code."""
    *streams, ended = files
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (control, ended, *ours):  # a pipe of an elder server that a younger one holds would never end
            os.close(each if isinstance(each, int) else each.detach())
        os._exit(_become(request, streams))
    for stream in streams:
        os.close(stream)
    control.send(pid.to_bytes(_PID_BYTES, "big"))
    return pid, ended


def _bury(ending: dict[int, int]) -> None:
    """Tell the exit codes of those who have ended."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            ended = ending.pop(pid)
            with suppress(BrokenPipeError):
                os.write(ended, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(ended)


def _become(request: dict[str, Any], streams: list[int]) -> int:
    """Be a server; its exit code."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.setsid()
    for stream, file in zip((1, 2), streams, strict=True):
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [_PROGRAM, "serve", *request["arguments"]]
    code = 1
    try:
        runpy.run_path(_PROGRAM, run_name="__main__")
    except SystemExit as ended:
        code = int(ended.code or 0)
    sys.stdout.flush()
    sys.stderr.flush()
    return code


class Nursling(Server):
    """A server that the nursery forks."""

    def __init__(self, control: socket.socket, folder: Path, environment: dict[str, str], *arguments: str) -> None:
        super().__init__(folder, environment, *arguments)
        self._control = control
        self._life: int | None = None  # a pidfd: unlike a pid it can never mean another process
        self._pid = 0
        self._first = asyncio.StreamReader()
        self._ended = asyncio.StreamReader()

    async def launch(self) -> None:
        """Begin to start it; nothing is waited for."""
        with self._log.open("ab") as log:
            self._first, self._ended = await self._born(log.fileno())

    async def start(self) -> str:
        """Start it and wait until it listens; its first line."""
        begun = perf_counter()
        await self.launch()
        first = (await asyncio.wait_for(self._first.readline(), GUARD_S * 2)).decode().strip()
        if not first:
            raise AssertionError(f"the server did not start: {self.told[-2000:]}")
        self.slowness = max(1.0, (perf_counter() - begun) / USUAL_START_S)
        self._listens(first)
        return first

    async def refused(self) -> tuple[int, str]:
        """Start it where it must not start: the exit code, and all it said."""
        said, ended = await self._born()
        text = await asyncio.wait_for(said.read(), GUARD_S * 2)
        return int(await ended.read()), text.decode()

    @property
    def pid(self) -> int:
        return self._pid

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._end(signal.SIGTERM)

    async def close(self) -> None:
        """End it if it runs."""
        await self.http.aclose()
        await self._end(signal.SIGTERM)

    async def _born(self, stderr: int | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamReader]:
        """Fork it; what it says (on standard error too, unless that has a file), and where its exit code will be."""
        said, stdout = os.pipe()
        code, ended = os.pipe()
        request = json.dumps({"arguments": self._arguments, "environment": self.environment}).encode()
        assert len(request) < _REQUEST_BYTES
        socket.send_fds(self._control, [request], [stdout, stdout if stderr is None else stderr, ended])
        os.close(stdout)
        os.close(ended)
        answer = await asyncio.to_thread(self._control.recv, _PID_BYTES)
        self._pid = int.from_bytes(answer, "big")
        if stderr is not None:
            self._life = os.pidfd_open(self._pid)
        return await _reader(said), await _reader(code)

    async def _end(self, number: int) -> int:
        life, self._life = self._life, None
        if life is None:
            return 0
        try:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(life, number)
            return int(await asyncio.wait_for(self._ended.read(), GUARD_S))
        finally:
            os.close(life)


async def _reader(file: int) -> asyncio.StreamReader:
    """What comes out of a pipe."""
    reader = asyncio.StreamReader()
    reading = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: reading, os.fdopen(file, "rb"))
    return reader


@contextmanager
def open_nursery() -> Iterator[socket.socket]:
    """The nursery's control socket, for `Nursling`."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-m", "tests.server.nursery", str(theirs.fileno())]
        with subprocess.Popen(command, pass_fds=(theirs.fileno(),), cwd=ROOT) as process:
            theirs.close()
            try:
                yield ours
            finally:
                ours.close()
                process.wait()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
