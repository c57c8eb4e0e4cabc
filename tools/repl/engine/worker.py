"""A worker: one forked process, one socket, one session. It answers the server and asks nothing of it."""

import asyncio
import os
import socket
import traceback
from typing import Any

from . import confine, wire
from .evaluator import Evaluator, Limits
from .isolate import BrokenError
from .memory import OwnMemory
from .sources import Sources


def main(peer: socket.socket, source: Sources, limits: Limits) -> None:
    """Serve `peer` until it closes; never returns: V8's threads would hang a normal exit."""
    status = 1
    try:
        asyncio.run(_serve(peer, source, limits))
        status = 0
    except MemoryError:
        os.write(2, b"out of memory")
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


async def _serve(peer: socket.socket, source: Sources, limits: Limits) -> None:
    # The loop runs nothing else: mini-racer works on the thread that has one, and everything here may block.
    memory = OwnMemory()
    report = confine.before_threads()
    evaluator = Evaluator(source, limits)
    report |= confine.after_threads(memory.data_bytes(), limits.process_bytes)
    _send(peer, {"ready": evaluator.version, "confined": report, "pid": os.getpid(), "private": memory.private_bytes()})
    while (message := _receive(peer)) is not None:
        try:
            answer = _answer(evaluator, memory, message)
        except BrokenError as broken:
            answer = {"broken": broken.reason}
        _send(peer, answer)


def _answer(evaluator: Evaluator, memory: OwnMemory, message: dict[str, Any]) -> dict[str, Any]:
    match message["op"]:
        case "run":
            return evaluator.run(message["n"], message["at"], message["code"])
        case "open":
            evaluator.open(message["seed"], message["origin"])
            return {}
        case "replay":
            return {"different": evaluator.replay(message["entries"])}
        case "restored":
            evaluator.restored()
            return {}
        case "names":
            return evaluator.names(message["query"], message["limit"])
        case "rest":
            evaluator.collect()
            return {"private": memory.private_bytes()}
        case other:
            return {"broken": f"unknown operation {other}"}


def _send(peer: socket.socket, message: dict[str, Any]) -> None:
    peer.sendall(wire.encode(message))


def _receive(peer: socket.socket) -> dict[str, Any] | None:
    header = _exactly(peer, wire.HEADER.size)
    if header is None:
        return None
    body = _exactly(peer, wire.length(header))
    return None if body is None else wire.decode(body)


def _exactly(peer: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = peer.recv(min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
