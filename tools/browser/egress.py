"""The only way out of the browser: a proxy that resolves a name once, checks the address, and connects to that one.

Each browser context has its own door (a loopback port), so that a refusal is known to the session it belongs to.
Check and connection are one act, so a name that changes between them (DNS rebinding) gains nothing.
It speaks CONNECT (https, WebSockets) and absolute-form HTTP; it reads nothing that is encrypted and keeps nothing.
"""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from tools.browser.addresses import Address
from tools.browser.meanwhile import meanwhile
from tools.browser.rules import Rules, is_host

log = logging.getLogger(__name__)

Resolver = Callable[[str, int], Awaitable[list[str]]]

HEAD_BYTES = 64 * 1024  # more than Chromium ever sends before the empty line
HEAD_S = 30  # a preconnected socket may stay silent for a while
CONNECT_S = 10
HALF_CLOSED_S = 20  # what a server may still send after the browser has said its last
CHUNK = 64 * 1024
CONNECTIONS = 256  # one context of Chromium opens far fewer
LOOKUPS = 8  # at a time: one page full of names that nobody answers for must not hold up those of other sessions
LOOKUP_THREADS = 64  # of all sessions; they are started when needed
HOP_HEADERS = {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"proxy-authenticate",
               b"te", b"trailer"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection that was not made, and why: not allowed, or (`unreachable`) not possible."""

    host: str
    port: int
    reason: str
    unreachable: bool = False

    def __str__(self) -> str:
        said = "cannot be reached" if self.unreachable else "was refused"
        return f"{self.host}:{self.port} {said}: {self.reason}"


class RefusedError(Exception):
    """Carries the refusal to where the answer is written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


async def resolve(host: str, port: int, pool: Executor | None = None) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError if there are none."""
    asking = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(pool, asking)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


@contextlib.contextmanager
def open_resolver() -> Iterator[Resolver]:
    """A resolver with threads of its own: names that nobody answers for keep one for seconds each."""
    pool = ThreadPoolExecutor(LOOKUP_THREADS, "lookup")
    try:
        yield partial(resolve, pool=pool)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Door:
    """One address through which one browser context reaches the web."""

    def __init__(self, rules: Rules | None, resolver: Resolver = resolve) -> None:
        """`rules` None refuses everything: the door of Chromium's own traffic."""
        self._rules = rules
        self._resolver = resolver
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking = asyncio.Semaphore(LOOKUPS)
        self.refusals: deque[Refusal] = deque(maxlen=200)
        self.refused = 0  # in all; what could not be reached does not count
        self.awaited = ""  # the host that the session itself waits for: it need not wait behind those that pages name
        self.host, self.port = "127.0.0.1", 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        """Listen on a free loopback port; leaving it cuts every connection."""
        server = await asyncio.start_server(self.accept, self.host, 0, limit=HEAD_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.cut()

    async def cut(self) -> None:
        """End every connection."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take_refusals(self) -> list[Refusal]:
        """What was refused since the last time, each host and reason once; failures to reach a host are not told."""
        taken = [one for one in dict.fromkeys(self.refusals) if not one.unreachable]
        self.refusals.clear()
        return taken

    def take_refusals_of(self, host: str) -> list[Refusal]:
        """What was refused of this host, or could not be reached, since the last time."""
        found = [one for one in self.refusals if one.host.rstrip(".") == host.rstrip(".")]
        for one in found:
            self.refusals.remove(one)
        return found

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the browser."""
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
        except RefusedError as refused:
            status, title = (502, "Not reachable") if refused.refusal.unreachable else (403, "Refused by Glasshouse")
            await answer(writer, status, title, str(refused.refusal))
            return
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
                host = url.netloc.rpartition("@")[2]  # what was checked, whatever the request's own Host says
                up_writer.write(b"%s %s HTTP/1.1\r\nHost: %s\r\n" % (method, path.encode(), host.encode()))
                up_writer.write(once(headers, b"host"))
            await both_ways(reader, writer, up_reader, up_writer, tunnel=tunnel)
        finally:
            up_writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._rules is None:
            raise self._refuse(host, port, "the browser's own traffic goes nowhere")
        if not is_host(host):
            raise self._refuse(host[:100], port, "that is no host name")
        if reason := self._rules.refuse_name(host, port):
            raise self._refuse(host, port, reason)
        for_name = await self._addresses(host, port)
        reasons = [self._rules.refuse_address(host, port, address) for address in for_name]
        allowed = [address for address, reason in zip(for_name, reasons, strict=True) if reason is None]
        if not allowed:
            raise self._refuse(host, port, str(reasons[0]))
        why = ""
        for address in allowed[:3]:
            try:
                async with asyncio.timeout(CONNECT_S):
                    return await asyncio.open_connection(str(address), port, limit=HEAD_BYTES)
            except TimeoutError:
                why = "it does not answer"
            except OSError:
                why = "nothing answers there"
        raise self._refuse(host, port, why, unreachable=True)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        if "%" not in host:
            with contextlib.suppress(ValueError):  # a name
                return [ipaddress.ip_address(host)]  # asks nobody, and waits behind no name that nobody answers for
        turn = contextlib.nullcontext() if host == self.awaited else self._asking
        try:
            async with asyncio.timeout(CONNECT_S), turn:
                found = await self._resolver(host.rstrip("."), port)
        except (OSError, TimeoutError, UnicodeError):
            found = []
        if not found:
            raise self._refuse(host, port, "there is no such host", unreachable=True)
        return [ipaddress.ip_address(text.partition("%")[0]) for text in found]

    def _refuse(self, host: str, port: int, reason: str, *, unreachable: bool = False) -> RefusedError:
        refusal = Refusal(host, port, reason, unreachable)
        self.refusals.append(refusal)
        self.refused += not unreachable
        return RefusedError(refusal)


def once(headers: bytes, *without: bytes) -> bytes:
    """Header lines for one request a connection: Chromium would send the next host's down the same one."""
    left_out = HOP_HEADERS.union(without)
    kept = [line for line in headers.split(b"\r\n") if line and line.partition(b":")[0].strip().lower() not in left_out]
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
    """Copy until the answer has ended, or the browser has hung up; in a tunnel one side may end a little earlier."""
    sending, receiving = copy(reader, up_writer, finish=tunnel), answer_back(up_reader, writer, tunnel=tunnel)
    async with meanwhile(sending, receiving) as ways:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if tunnel:
            await asyncio.wait(ways, timeout=HALF_CLOSED_S)


async def answer_back(up_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, tunnel: bool) -> None:
    """Copy what the server sends."""
    if not tunnel:
        await copy_answer_head(up_reader, writer)
    await copy(up_reader, writer, finish=tunnel)


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
