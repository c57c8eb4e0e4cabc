"""Cutting a TCP connection in the middle of a request, which ASGI has no word for."""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Peers = dict[tuple[str, int], asyncio.Transport]


def protocol(peers: Peers) -> type[HttpToolsProtocol]:
    """uvicorn's protocol, which also notes every connection by its peer's address."""

    class CuttableProtocol(HttpToolsProtocol):
        _peer: tuple[str, int] | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._peer = tuple(transport.get_extra_info("peername")[:2])
            peers[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self._peer:
                peers.pop(self._peer, None)
            super().connection_lost(exc)

    return CuttableProtocol


async def cut_connection(scope: Scope) -> None:
    """Reset the connection this request came on. The request's own task may go on; nothing it sends arrives."""
    peers: Peers = scope["app"].state.peers
    if transport := peers.get(tuple(scope["client"])):
        transport.abort()
        await asyncio.sleep(0)  # the protocol learns of it in the next round, and then answers nothing
