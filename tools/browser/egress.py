"""The only way out of the browser: a proxy of ours that resolves a name once, checks the address, and connects to that one.

Each browser context has its own door (a loopback port), so that a refusal is known to the session it belongs to.
Check and connection are one act, so a name that changes between them (DNS rebinding) gains nothing.
It speaks CONNECT (https, WebSockets) and absolute-form HTTP; it reads nothing that is encrypted and keeps nothing.
"""

import asyncio
import contextlib
import ipaddress
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.browser.rules import Rules

log = logging.getLogger(__name__)

Resolver = Callable[[str, int], Awaitable[list[str]]]

HEAD_BYTES = 64 * 1024  # more than Chromium ever sends before the empty line
HEAD_S = 30  # a preconnected socket may stay silent for a while
CONNECT_S = 10
CHUNK = 64 * 1024
CONNECTIONS = 256  # one context of Chromium opens far fewer
HOP_HEADERS = {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"trailer"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection that was not made, and why."""

    host: str
    port: int
    reason: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port} was refused: {self.reason}"


class Refused(Exception):
    """Carries the refusal to where the answer is written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError if there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Door:
    """One loopback port through which one browser context reaches the web."""

    def __init__(self, rules: Rules | None, resolver: Resolver = resolve) -> None:
        """`rules` None refuses everything: the door of Chromium's own traffic."""
        self._rules = rules
        self._resolver = resolver
        self._tasks: set[asyncio.Task[None]] = set()
        self.refusals: deque[Refusal] = deque(maxlen=200)
        self.port = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        """Listen on a free loopback port; leaving it cuts every connection."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def take_refusals(self) -> list[Refusal]:
        """The refusals since the last time, each host and reason once."""
        taken = list(dict.fromkeys(self.refusals))
        self.refusals.clear()
        return taken

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if len(self._tasks) <= CONNECTIONS:
                await self._serve(reader, writer)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError, asyncio.CancelledError):
            pass  # either side hung up, or sent what is no request: the connection just ends
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        line, _, headers = head.partition(b"\r\n")
        method, target, _ = line.split(b" ", 2)
        tunnel = method == b"CONNECT"
        url = urlsplit(("//" if tunnel else "") + target.decode("ascii"))
        if not url.hostname or (not tunnel and url.scheme != "http"):
            raise ValueError("not a proxy request")
        try:
            up_reader, up_writer = await self._connect(url.hostname, url.port or (443 if tunnel else 80))
        except Refused as refused:
            await answer(writer, 403, "Refused by Glasshouse", str(refused.refusal))
            return
        except (OSError, TimeoutError):
            await answer(writer, 502, "Not reachable", f"{url.netloc} cannot be reached.")
            return
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = url.path or "/"
                up_writer.write(
                    b"%s %s HTTP/1.1\r\n%s"
                    % (method, f"{path}{'?' + url.query if url.query else ''}".encode(), once(headers))
                )
            await both_ways(reader, writer, up_reader, up_writer, tunnel=tunnel)
        finally:
            up_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._rules is None:
            raise self._refuse(host, port, "the browser's own traffic goes nowhere")
        if reason := self._rules.refuse_name(host, port):
            raise self._refuse(host, port, reason)
        async with asyncio.timeout(CONNECT_S):
            addresses = await self._resolver(host, port)
        reasons = []
        error: Exception = OSError("no address")
        for text in addresses[:4]:
            reason = self._rules.refuse_address(host, port, ipaddress.ip_address(text.partition("%")[0]))
            if reason:
                reasons.append(reason)
                continue
            try:
                async with asyncio.timeout(CONNECT_S):
                    return await asyncio.open_connection(text, port, limit=HEAD_BYTES)
            except (OSError, TimeoutError) as failed:
                error = failed
        if reasons:
            raise self._refuse(host, port, reasons[0])
        raise error

    def _refuse(self, host: str, port: int, reason: str) -> Refused:
        refusal = Refusal(host, port, reason)
        self.refusals.append(refusal)
        return Refused(refusal)


def once(headers: bytes) -> bytes:
    """Header lines for a connection that serves one request: Chromium would send the next host's down the same one."""
    kept = [
        line for line in headers.split(b"\r\n") if line and line.partition(b":")[0].strip().lower() not in HOP_HEADERS
    ]
    upgrade = any(line.lower().startswith(b"upgrade:") for line in kept)
    return b"\r\n".join([*kept, b"Connection: Upgrade" if upgrade else b"Connection: close", b"", b""])


async def both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    up_reader: asyncio.StreamReader,
    up_writer: asyncio.StreamWriter,
    *,
    tunnel: bool,
) -> None:
    """Copy until the answer has ended (or, in a tunnel, either side has)."""
    sending = asyncio.create_task(copy(reader, up_writer, finish=tunnel))
    try:
        if not tunnel:
            await copy_answer_head(up_reader, writer)
        await copy(up_reader, writer, finish=tunnel)
        if tunnel:
            await sending
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def copy_answer_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass the answer's head on with `Connection: close`, interim 1xx answers as they are."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, headers = head.partition(b"\r\n")
        status = line.split(b" ", 2)[1]
        if status.startswith(b"1") and status != b"101":
            writer.write(head)
            continue
        writer.write(head if status == b"101" else line + b"\r\n" + once(headers))
        return


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, finish: bool) -> None:
    """Copy bytes until the end; `finish` then tells the other side that no more will come."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if finish and writer.can_write_eof():
        writer.write_eof()


async def answer(writer: asyncio.StreamWriter, status: int, title: str, text: str) -> None:
    """A small plain-text answer of our own."""
    body = f"{title}\n{text}\n".encode()
    writer.write(
        b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
        b"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s" % (status, title.encode(), len(body), body)
    )
    await writer.drain()
