"""A worker: one forked process, one socket, one session. It answers the server and asks nothing of it."""

import os
import sys
from typing import Any

from . import confine, wire
from .evaluator import Evaluator, Limits
from .isolate import BrokenError, Isolate
from .memory import OwnMemory
from .sources import Sources

Message = dict[str, Any]


def end(problem: BaseException | None) -> None:
    if isinstance(problem, MemoryError):
        os.write(2, b"out of memory")
    elif problem is not None:
        sys.__excepthook__(type(problem), problem, problem.__traceback__)  # `traceback` is not loaded
    os._exit(0 if problem is None else 1)


async def serve(peer: int, agent: Isolate, source: Sources, limits: Limits) -> None:
    memory = OwnMemory()
    report = confine.before_threads()
    evaluator = await Evaluator.start(agent, Isolate(agent.v8), source)
    await evaluator.warm()
    memory.trim()
    report |= confine.after_threads(memory.data_bytes(), limits.process_bytes, limits.system_calls)
    hello = {"ready": evaluator.version, "confined": report, "pid": os.getpid(), "private": memory.private_bytes()}
    _send(peer, wire.encode(hello))
    buffer = bytearray()
    while (received := _receive(peer, buffer)) is not None:
        try:
            if received[0]["op"] == "run":
                message = received[0]
                answer = wire.framed(*await evaluator.run(message["n"], message["at"], message["code"]))
            else:
                answer = wire.encode(await _answer(evaluator, memory, *received))
        except BrokenError as broken:
            answer = wire.encode({"broken": broken.reason})
        _send(peer, answer)
        evaluator.tidy()  # while nobody waits


async def _answer(evaluator: Evaluator, memory: OwnMemory, message: Message, raw: bytes) -> Message:
    match message["op"]:
        case "open":
            await evaluator.open(message["seed"], message["origin"])
            return {}
        case "replay":
            return {"different": await evaluator.replay(wire.decode(raw)["entries"])}
        case "restored":
            await evaluator.restored()
            return {}
        case "names":
            return await evaluator.names(message["query"], message["limit"])
        case "rest":
            await evaluator.collect()
            memory.trim()
            return {"private": memory.private_bytes()}
        case other:
            return {"broken": f"unknown operation {other}"}


def _receive(peer: int, buffer: bytearray) -> tuple[Message, bytes] | None:
    """The next message, None at the end; `buffer` holds what came of the one after it."""
    while (message := wire.take(buffer)) is None:
        part = os.read(peer, 1 << 16)
        if not part:
            return None
        buffer += part
    return message


def _send(peer: int, message: bytes) -> None:
    while message:
        message = message[os.write(peer, message) :]
