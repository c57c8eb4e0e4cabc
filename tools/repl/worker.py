"""A worker as the server sees it: a message out, a message back, or its end."""

import asyncio
import os
import re
import select
import signal
import socket
from json.encoder import encode_basestring_ascii
from typing import Any

from tools.repl.engine import wire

Message = dict[str, Any]

# What V8, the C++ library, the loader and CPython say when an allocation fails.
_OUT_OF_MEMORY = re.compile(rb"out of memory|bad_alloc|oom error|allocation failed|cannot allocate|memoryerror")


class WorkerLostError(Exception):
    """The worker is gone, or said something that is no answer; `reason` is memory or crash."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Line(asyncio.Protocol):
    """Our end of the socket: one question, one answer."""

    def __init__(self) -> None:
        self._received = bytearray()
        self.ended = False
        self._answer: asyncio.Future[tuple[Message, bytes]] | None = None

    def answer(self) -> asyncio.Future[tuple[Message, bytes]]:
        """The next message, or EOFError at the end, wire.MalformedError for what is none, TimeoutError by `give_up`."""
        self._answer = asyncio.get_running_loop().create_future()
        self._deliver()
        return self._answer

    def give_up(self) -> None:
        """Wait no longer."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(TimeoutError())

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._deliver()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self._deliver()

    def _deliver(self) -> None:
        if self._answer is None or self._answer.done():
            return
        try:
            message = wire.take(self._received)
        except wire.MalformedError as problem:
            self._answer.set_exception(problem)
            return
        if message:
            self._answer.set_result(message)
        elif self.ended:
            self._answer.set_exception(EOFError())


class Worker:
    """One worker process. After any error, and after a cancelled `ask`, only `kill` is of use."""

    def __init__(self, ours: socket.socket, transport: asyncio.WriteTransport, line: _Line, last_words: int) -> None:
        self._socket = ours
        self._transport = transport
        self._line = line
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
        worker = cls(ours, *await asyncio.get_running_loop().create_unix_connection(_Line, sock=ours), last_words)
        try:
            hello, _ = await worker._next()
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
        """False once the process has ended: its end of the socket is closed then."""
        return self._process is not None and not self._line.ended

    async def ask(self, op: str, *, raw: bytes = b"", **fields: Any) -> Message:
        """Send a message, with JSON that is encoded already, and wait for the answer. Raises WorkerLostError."""
        return (await self._exchange(wire.encode({"op": op, **fields}, raw)))[0]

    async def run(self, n: int, at_ms: int, code: str) -> tuple[Message, bytes]:
        """Have it run code as call `n`: its answer, and the record of the call. Raises WorkerLostError."""
        question = f'{{"op":"run","n":{n},"at":{at_ms},"code":{encode_basestring_ascii(code)}}}'
        return await self._exchange(wire.framed(question.encode("ascii"), b""))

    async def _exchange(self, question: bytes) -> tuple[Message, bytes]:
        if self._process is None:
            raise WorkerLostError("crash")
        self._send(question)
        answer, tail = await self._next()
        if "broken" in answer:
            raise WorkerLostError("memory" if answer["broken"] == "memory" else "crash")
        return answer, tail

    def _send(self, question: bytes) -> None:
        """At once, so that the worker begins while the loop is still busy; the transport only has what is left over."""
        try:
            sent = self._socket.send(question)
        except OSError:  # full, which the transport waits out, or closed, which it reports
            sent = 0
        if sent < len(question):
            self._transport.write(question[sent:])

    def give_up(self) -> None:
        """Let who waits for an answer have a TimeoutError: cheaper than a time limit around each question."""
        self._line.give_up()

    def kill(self) -> None:
        """End the process at once, whatever it does. May be called twice."""
        self._transport.abort()
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

    async def _next(self) -> tuple[Message, bytes]:
        try:
            return await self._line.answer()
        except (EOFError, wire.MalformedError) as problem:
            raise WorkerLostError(self._reason()) from problem

    def _reason(self) -> str:
        """V8 aborts the process when memory runs out at a bad moment, but says so before."""
        if self._last_words is None or not _readable(self._last_words):
            return "crash"
        return "memory" if _OUT_OF_MEMORY.search(os.read(self._last_words, 65536).lower()) else "crash"


def _readable(file: int) -> bool:
    """For a pidfd: the process has ended."""
    return bool(select.select([file], [], [], 0)[0])
