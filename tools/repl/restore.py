"""Makes a session's state again in a fresh worker, from its journal."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from glasshouse.tool import Memory, ToolError
from tools.repl import journal
from tools.repl.journal import Head
from tools.repl.pool import Pool
from tools.repl.worker import Worker, WorkerLostError

_SLACK_S = 5.0  # beyond three times what the calls took when they were new
_MOST_LOST = 3  # calls that may be left out before giving up


@dataclass(frozen=True)
class Restored:
    """A worker in the session's state; calls that did not repeat, and calls that had to be left out."""

    worker: Worker
    calls: int
    ms: int
    different: tuple[int, ...]
    lost: tuple[int, ...]


class StuckError(Exception):
    """A call could not be replayed at all; `n` is its number, 0 if it is not known which."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.n = n


async def restore(pool: Pool, memory: Memory, head: Head) -> Restored:
    """Replay the journal. Raises ToolError if that cannot be done."""
    began = time.perf_counter()
    lost: list[int] = []
    one_by_one = False
    while len(lost) <= _MOST_LOST:
        worker = await pool.fresh()
        try:
            calls, different = await _replay(worker, memory, head, lost, one_by_one)
        except StuckError as stuck:
            worker.kill()
            lost += [stuck.n] if one_by_one else []
            one_by_one = True
            continue
        except BaseException:
            worker.kill()
            raise
        ms = round((time.perf_counter() - began) * 1000)
        return Restored(worker, calls, ms, tuple(different), tuple(lost))
    raise ToolError("The JavaScript state of this session could not be restored. Call js_reset to begin anew.")


async def _replay(
    worker: Worker, memory: Memory, head: Head, skip: list[int], one_by_one: bool
) -> tuple[int, list[int]]:
    calls, different, n = 0, [], 0
    try:
        async with asyncio.timeout(_SLACK_S):
            await worker.ask("open", seed=head.seed, origin=head.origin)
        async with asyncio.timeout(_SLACK_S + 3 * head.cpu_ms / 1000):
            async for at, records in _batches(memory, skip, one_by_one):
                n = at
                answer = await worker.ask("replay", raw=_page(records))
                different += [int(other) for other in answer["different"]]
                calls += len(records)
            await worker.ask("restored")
    except (WorkerLostError, TimeoutError) as problem:
        raise StuckError(n) from problem
    return calls, different


async def _batches(memory: Memory, skip: list[int], one_by_one: bool) -> AsyncIterator[tuple[int, list[bytes]]]:
    """The records in order, a page at a time, or one by one (with its number) to find the one that is stuck."""
    last = ""
    left_out = {journal.key(n) for n in skip}
    while page := await memory.scan(journal.CALLS, after=last, limit=journal.PAGE):
        last = page[-1][0]
        records = [record for key, record in page if key not in left_out]
        if not one_by_one:
            yield 0, records
            continue
        for record in records:
            yield int(json.loads(record)["n"]), [record]


def _page(records: list[bytes]) -> bytes:
    """Stored JSON, as it is: decoding it here would cost as much as running it there."""
    return b'{"entries":[' + b",".join(records) + b"]}"
