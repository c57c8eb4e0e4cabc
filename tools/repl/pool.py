"""All workers of a server: some ready for new sessions, and those of sleeping sessions, kept within a memory budget."""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from glasshouse.tool import Figure
from tools.repl.settings import ReplSettings
from tools.repl.worker import Worker, WorkerLostError
from tools.repl.zygote import Zygote

logger = logging.getLogger(__name__)

_REST_S = 5  # collecting garbage of the largest heap takes well under a second


@dataclass(frozen=True)
class Mark:
    """Which state a worker holds: of which journal, up to before which call."""

    epoch: str
    next_call: int


@dataclass(frozen=True)
class Parked:
    """A sleeping session's worker, and what keeping it costs."""

    mark: Mark
    worker: Worker
    private_bytes: int


class Pool:
    """Gives workers out and takes them back."""

    def __init__(self, settings: ReplSettings) -> None:
        self._settings = settings
        self.zygote = Zygote(settings)
        self._ready: deque[Worker] = deque()
        self._parked: OrderedDict[str, Parked] = OrderedDict()
        self._filling: asyncio.Task[None] | None = None

    async def fresh(self) -> Worker:
        """A worker that has run nothing yet. Raises ToolError if none can be started."""
        while self._ready:
            worker = self._ready.popleft()
            if worker.alive:
                self.fill()
                return worker
            worker.kill()
        worker = await self.zygote.worker()
        self.fill()
        return worker

    def take(self, session_id: str, mark: Mark) -> Worker | None:
        """The session's own worker, if it was kept and holds just this state."""
        parked = self._parked.pop(session_id, None)
        if parked is None:
            return None
        if parked.mark == mark and parked.worker.alive:
            return parked.worker
        parked.worker.kill()
        return None

    async def park(self, session_id: str, mark: Mark, worker: Worker) -> None:
        """Keep the worker of a session that sleeps, as long as the budget allows."""
        self.forget(session_id)
        try:
            async with asyncio.timeout(_REST_S):
                private = int((await worker.ask("rest"))["private"])
        except (WorkerLostError, TimeoutError):
            worker.kill()
            return
        except BaseException:
            worker.kill()
            raise
        self._parked[session_id] = Parked(mark, worker, private)
        self._evict()

    def forget(self, session_id: str) -> None:
        """End the worker kept for a session, if there is one."""
        parked = self._parked.pop(session_id, None)
        if parked:
            parked.worker.kill()

    @property
    def parked(self) -> tuple[str, ...]:
        """The sessions whose workers are kept, longest unused first."""
        return tuple(self._parked)

    def figures(self) -> list[Figure]:
        """For the operator."""
        ready, parked = len(self._ready), len(self._parked)
        counts = {"live": max(0, self.zygote.alive - ready - parked), "ready": ready, "parked": parked}
        said = "JavaScript processes: of sessions awake, kept ready, kept for sessions asleep."
        return [
            *(Figure("processes", said, count, {"state": state}) for state, count in counts.items()),
            Figure(
                "parked_bytes",
                "Private memory of the processes kept for sessions asleep.",
                sum(parked.private_bytes for parked in self._parked.values()),
            ),
        ]

    async def close(self) -> None:
        """End everything."""
        if self._filling:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        for worker in (*self._ready, *(parked.worker for parked in self._parked.values())):
            worker.kill()
        self._ready.clear()
        self._parked.clear()
        await self.zygote.close()

    def _evict(self) -> None:
        budget = self._settings.parked_mb << 20
        while sum(parked.private_bytes for parked in self._parked.values()) > budget:
            session_id, parked = self._parked.popitem(last=False)
            parked.worker.kill()
            logger.info("a sleeping REPL was let go", extra={"session_id": session_id})

    def fill(self) -> None:
        """See in the background that workers are ready."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._make_ready())

    async def _make_ready(self) -> None:
        try:
            while len(self._ready) < self._settings.ready:
                self._ready.append(await self.zygote.worker())
        except Exception:
            logger.exception("no REPL worker could be made ready")


@asynccontextmanager
async def open_pool(settings: ReplSettings) -> AsyncIterator[Pool]:
    """The pool of a server, with its first workers on their way."""
    pool = Pool(settings)
    pool.fill()
    try:
        yield pool
    finally:
        await pool.close()
