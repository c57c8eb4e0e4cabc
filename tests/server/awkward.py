"""A web server whose pages are as awkward as pages get: for the browser's hard situations, driven through the API."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.browser.conftest import Site

WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of the protocol


@dataclass
class Awkward(Site):
    """A site of which some paths never answer (`/never`), never end (`/endless`), break off, or flood a WebSocket."""

    burst: int = 300  # of the flood's messages, a hundred times a second
    gone: bool = False  # no connection is answered any more
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Awkward"]:
        """Listen on a free loopback port."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.leave()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.gone:
            return writer.close()
        self._open.add(writer)
        try:
            await super().serve(reader, writer)
        finally:
            self._open.discard(writer)
        return None

    def leave(self) -> None:
        """Break every connection off and take no more."""
        self.gone = True
        for writer in self._open:
            writer.transport.abort()

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = urlsplit(head.split(" ")[1]).path
        if path == "/never":
            await reader.read()  # until it is given up
        elif path == "/reset":
            writer.transport.abort()
        elif path == "/short":
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<h1>cut short</h1>"
            )
            writer.close()
        elif path == "/midway":
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<h1>half of it</h1>"
            )
            await writer.drain()
            writer.transport.abort()
        elif path == "/endless":
            await endless(writer)
        elif path == "/flood":
            await flood(head, reader, writer, self.burst)
        else:
            await super()._answer(head, reader, writer)


async def endless(writer: asyncio.StreamWriter) -> None:
    """A page that goes on as long as somebody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>E</title><h1>begun</h1>")
    while True:
        writer.write(b"<p>more</p>")
        await writer.drain()
        await asyncio.sleep(0.02)


async def flood(head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, burst: int) -> None:
    """A WebSocket that says thousands of things a second until it is closed."""
    key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1((key + WEBSOCKET).encode()).digest()).decode()
    upgrade = "HTTP/1.1 101 Is\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{upgrade}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    closing = asyncio.ensure_future(reader.read(1))
    while not closing.done():
        writer.write(b"\x81\x05hello" * burst)
        await writer.drain()
        await asyncio.sleep(0.01)
    writer.close()
