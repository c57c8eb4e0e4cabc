"""A worker as the server sees it: a message out, a message back, or its end."""

import asyncio
import os
import select
import signal
import socket
from typing import Any

from tools.repl.engine import wire

Message = dict[str, Any]


class WorkerLostError(Exception):
    """The worker is gone, or said something that is no answer; `reason` is memory or crash."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Worker:
    """One worker process. After any error, and after a cancelled `ask`, only `kill` is of use."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last_words: int) -> None:
        self._reader = reader
        self._writer = writer
        self._last_words: int | None = last_words
        self._process: int | None = None  # a pidfd: unlike a pid it can never mean another process
        self.pid = 0
        self.version = ""
        self.private_bytes = 0
        self.confined: dict[str, str] = {}

    @classmethod
    async def greet(cls, ours: socket.socket, last_words: int) -> "Worker":
        """The worker at the other end of the socket, once it is ready; `last_words` is the pipe of its standard error.

        Raises WorkerLostError.
        """
        worker = cls(*await asyncio.open_unix_connection(sock=ours), last_words)
        try:
            hello = await worker._next()
            worker.pid, worker.version = int(hello["pid"]), str(hello["ready"])
            worker.private_bytes, worker.confined = int(hello["private"]), dict(hello["confined"])
            worker._process = os.pidfd_open(worker.pid)
        except (KeyError, OSError) as problem:
            worker.kill()
            raise WorkerLostError("crash") from problem
        except BaseException:
            worker.kill()
            raise
        return worker

    @property
    def alive(self) -> bool:
        """False once the process has ended."""
        return self._process is not None and not _readable(self._process)

    async def ask(self, op: str, **fields: Any) -> Message:
        """Send a message and wait for the answer. Raises WorkerLostError."""
        return await self.ask_raw(wire.encode({"op": op, **fields}))

    async def ask_raw(self, message: bytes) -> Message:
        """The same with a message that is encoded already."""
        if not self.alive:
            raise WorkerLostError("crash")
        try:
            self._writer.write(message)
            await self._writer.drain()
        except OSError as problem:
            raise WorkerLostError("crash") from problem
        answer = await self._next()
        if "broken" in answer:
            raise WorkerLostError("memory" if answer["broken"] == "memory" else "crash")
        return answer

    def kill(self) -> None:
        """End the process at once, whatever it does. May be called twice."""
        self._writer.close()
        if self._process is not None:
            try:
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            except ProcessLookupError:
                pass
            finally:
                os.close(self._process)
                self._process = None
        if self._last_words is not None:
            os.close(self._last_words)
            self._last_words = None

    async def _next(self) -> Message:
        try:
            header = await self._reader.readexactly(wire.HEADER.size)
            return wire.decode(await self._reader.readexactly(wire.length(header)))
        except (asyncio.IncompleteReadError, OSError, wire.MalformedError) as problem:
            raise WorkerLostError(self._reason()) from problem

    def _reason(self) -> str:
        """V8 aborts the process when memory runs out at a bad moment, but says so before."""
        if self._last_words is None or not _readable(self._last_words):
            return "crash"
        return "memory" if b"out of memory" in os.read(self._last_words, 65536).lower() else "crash"


def _readable(file: int) -> bool:
    """For a pidfd: the process has ended."""
    return bool(select.select([file], [], [], 0)[0])
