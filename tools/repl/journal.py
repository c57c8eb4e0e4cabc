"""What is kept of a session, enough to make it again: a head, and one record for each call that counts.

    head            {"epoch", "seed", "origin", "next", "calls", "cpu_ms", "size", "told"}
    call/00000042   {"n", "at", "script", "made", "steps", "clock", "sum"}: written with its event, before its answer
    begun           {"n"}: a call that runs for long; found after a crash it tells that this call was undone

A call that was stopped, or did not parse, leaves no record: replaying the records in order gives the state.
"""

import json
import secrets
import time
from typing import NamedTuple

from glasshouse.tool import Memory

HEAD, BEGUN, CALLS = "head", "begun", "call/"
PAGE = 250  # records read and replayed at once

WARN_CALLS, WARN_CPU_MS = 5_000, 5_000  # from here on replies say that restoring takes long
MOST_CALLS, MOST_CPU_MS, MOST_BYTES = 20_000, 20_000, 20_000_000  # from here on only a reset helps


class Head(NamedTuple):
    """What must be known of a journal without reading it. `seed`: three 32-bit integers; `origin`: ms since 1970.

    A tuple, for one is made with every call.
    """

    epoch: str
    seed: tuple[int, ...]
    origin: int
    next: int = 1
    calls: int = 0
    cpu_ms: float = 0
    size: int = 0
    told: tuple[int, ...] = ()  # calls of which the agent knows that they did not repeat

    @classmethod
    def fresh(cls) -> "Head":
        """The head of an empty journal."""
        return cls(secrets.token_hex(8), tuple(secrets.randbits(32) for _ in range(3)), time.time_ns() // 1_000_000)

    def skipped(self) -> "Head":
        """After a call that left no record."""
        return self._replace(next=self.next + 1)

    def grown(self, record: bytes, cpu_ms: float) -> "Head":
        """After a call with this record."""
        calls, spent, size = self.calls + 1, self.cpu_ms + cpu_ms, self.size + len(record)
        return Head(self.epoch, self.seed, self.origin, self.next + 1, calls, spent, size, self.told)

    @property
    def heavy(self) -> bool:
        """Restoring takes long: worth a word."""
        return self.calls >= WARN_CALLS or self.cpu_ms >= WARN_CPU_MS

    @property
    def full(self) -> bool:
        """No further call may be added."""
        return self.calls >= MOST_CALLS or self.cpu_ms >= MOST_CPU_MS or self.size >= MOST_BYTES

    def encoded(self) -> bytes:
        """As it is stored: written out, for it is written with every call."""
        seed, told = ",".join(map(str, self.seed)), ",".join(map(str, self.told))
        return (
            f'{{"epoch":"{self.epoch}","seed":[{seed}],"origin":{self.origin},"next":{self.next},"calls":{self.calls},'
            f'"cpu_ms":{self.cpu_ms:.1f},"size":{self.size},"told":[{told}]}}'
        ).encode("ascii")


def key(n: int) -> str:
    """Where call `n` is kept."""
    return f"{CALLS}{n:08d}"


async def load(memory: Memory) -> tuple[Head, int | None]:
    """The head, and the number of a call that a crash cut off."""
    stored = await memory.get(HEAD)
    if stored is None:
        return Head.fresh(), None
    fields = json.loads(stored)
    head = Head(**{**fields, "seed": tuple(fields["seed"]), "told": tuple(fields["told"])})
    begun = await memory.get(BEGUN)
    return head, json.loads(begun)["n"] if begun else None


async def erasure(memory: Memory) -> dict[str, None]:
    """The writes that delete the whole journal."""
    keys: dict[str, None] = {HEAD: None, BEGUN: None}
    last = ""
    while page := await memory.scan(CALLS, after=last):
        last = page[-1][0]
        keys |= dict.fromkeys(found for found, _ in page)
    return keys
