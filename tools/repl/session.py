"""One session's JavaScript: its journal, the worker that holds its state, the rule that a stopped call leaves nothing.

A call is a transaction. It is committed with its event; whatever ends it before (time, memory, a crash, an interrupt)
kills the worker, and the state before the call is made again from the journal, in the background.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from glasshouse.tool import Context, ToolError
from tools.repl import journal, reply
from tools.repl.pool import Mark, Pool
from tools.repl.reply import Outcome, Problem
from tools.repl.restore import restore
from tools.repl.settings import ReplSettings
from tools.repl.worker import Worker, WorkerLostError

logger = logging.getLogger(__name__)

_LONG_S = 0.05  # a call that runs longer than this is noted as begun
_NAMES_S = 5
_UNDONE = "Nothing this call did was kept; the session is as it was before the call."


class Session:
    """The state of the kit in one session."""

    def __init__(self, context: Context, pool: Pool, head: journal.Head) -> None:
        self._context = context
        self._memory = context.memory
        self._settings: ReplSettings = context.settings
        self._pool = pool
        self._head = head
        self._worker: Worker | None = None
        self._restoring: asyncio.Task[Worker] | None = None
        self._notes: list[str] = []
        self._begun = False  # the store says that a call has begun
        self._chores: set[asyncio.Task[Any]] = set()
        self._alarm: asyncio.TimerHandle | None = None

    async def run(self, code: str, limit_s: float, context: Context, *, again: bool = True) -> Outcome:
        """Run code as the session's next call. Raises ToolError where it cannot even begin."""
        if self._head.full:
            raise ToolError(
                f"Error: this session holds {self._head.calls:,} calls; start a new one or call js_reset."
                " js_list_symbols still works."
            )
        worker = await self.worker()
        n, began = self._head.next, time.perf_counter()
        self._watch(min(_LONG_S, limit_s), self._take_long, worker, n, limit_s)
        try:
            answer, record = await worker.run(n, time.time_ns() // 1_000_000, code)
        except TimeoutError:
            return await self._undo(context, n, code, "time", f"timed out after {limit_s:g} s and was stopped", began)
        except WorkerLostError as lost:
            if lost.reason == "crash" and again and time.perf_counter() - began < _LONG_S:
                self._drop_worker()  # it was dead or dying before: the call is undone, so it can be made once more
                return await self.run(code, limit_s, context, again=False)
            return await self._undo(context, n, code, lost.reason, self._what_happened(lost.reason), began)
        except asyncio.CancelledError:
            self._drop_worker()
            self._chore(self._skip(n))
            self._restore_soon()
            raise
        finally:
            if self._alarm:
                self._alarm.cancel()
        ms = _ms_since(began)
        if "problem" in answer:
            return await self._finish(
                context, reply.read_syntax(n, code, answer["problem"]), self._head.skipped(), None
            )
        outcome = reply.read_report(n, code, answer, ms)
        return await self._finish(context, outcome, self._head.grown(record, float(answer["cpu_ms"])), record)

    async def names(self, query: str, limit: int, *, again: bool = True) -> dict[str, Any]:
        """{total, symbols}: the session's names that contain the query, newest first."""
        worker = await self.worker()
        try:
            async with asyncio.timeout(_NAMES_S):
                return await worker.ask("names", query=query, limit=limit)
        except (TimeoutError, WorkerLostError) as problem:
            self._drop_worker()
            if again and isinstance(problem, WorkerLostError):  # it may have been dead before: asking changes nothing
                return await self.names(query, limit, again=False)
            self._restore_soon()
            raise ToolError("The names could not be listed in time. Try again with a query.") from problem
        except asyncio.CancelledError:
            self._drop_worker()
            self._restore_soon()
            raise

    async def reset(self) -> dict[str, None]:
        """Forget the state. Gives the writes that delete the journal."""
        await self._stop_chores()
        self._drop_worker()
        self._pool.forget(self._context.session_id)
        self._head = journal.Head.fresh()
        self._notes.clear()
        return await journal.erasure(self._memory)

    async def worker(self) -> Worker:
        """The worker that holds the session's state: the one it has, the one that was kept, or a new one."""
        if self._worker and not self._worker.alive:
            self._drop_worker()
        if self._worker is None and self._restoring is None:
            self._worker = self._pool.take(self._context.session_id, self._mark())
        if self._worker is None:
            self._worker = await asyncio.shield(self._restore_soon())
            self._restoring = None
        return self._worker

    async def leave(self) -> None:
        """The session sleeps: let its worker be kept."""
        await self._stop_chores()
        worker, self._worker = self._worker, None
        if worker and worker.alive:
            await self._pool.park(self._context.session_id, self._mark(), worker)
        elif worker:
            worker.kill()

    def note_cut_off(self, n: int) -> None:
        """A call was running when the server died."""
        self._notes.append(f"Note: call {n} was cut off by a restart. {_UNDONE}")
        self._begun = True
        self._head = self._head._replace(next=max(self._head.next, n + 1))

    def _mark(self) -> Mark:
        return Mark(self._head.epoch, self._head.next)

    def _what_happened(self, reason: str) -> str:
        settings = self._settings
        if reason == "memory":
            return f"out of memory (limit {settings.heap_mb} MB heap, {settings.process_mb} MB in all)"
        return "the JavaScript engine stopped unexpectedly during this call"

    async def _finish(self, context: Context, outcome: Outcome, head: journal.Head, record: bytes | None) -> Outcome:
        """Commit: record, head and event in one transaction, before anybody hears of it."""
        if notes := self._take_notes(head):
            outcome = outcome._replace(notes=notes)
        writes: dict[str, bytes | None] = {journal.HEAD: head.encoded()}
        if record is not None:
            writes[journal.key(outcome.n)] = record
        author = {"call_id": context.call_id, "author": context.author}
        try:
            if self._begun:
                await asyncio.gather(*self._chores, return_exceptions=True)  # the note must not come after its deletion
                writes[journal.BEGUN] = None
            await context.emit("repl.evaluated", remember=writes, **author, **reply.event(outcome))
        except BaseException:  # recorded or not, nobody knows: the journal does
            self._drop_worker()
            raise
        self._head, self._begun = head, False
        return outcome

    async def _undo(self, context: Context, n: int, code: str, kind: str, what: str, began: float) -> Outcome:
        self._drop_worker()
        ending = _UNDONE if kind != "crash" else "Nothing this call did was kept; the session was restored."
        outcome = Outcome(n, code, error=Problem(f"Error: {what}. {ending}", kind), ms=_ms_since(began))
        try:
            return await self._finish(context, outcome, self._head.skipped(), None)
        finally:
            self._restore_soon()

    async def _skip(self, n: int) -> None:
        self._head = self._head._replace(next=n + 1)
        await self._memory.put({journal.HEAD: self._head.encoded(), journal.BEGUN: None})

    def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()

    def _restore_soon(self) -> asyncio.Task[Worker]:
        if self._restoring is None or (self._restoring.done() and self._restoring.exception()):
            self._restoring = asyncio.create_task(self._restore())
        return self._restoring

    async def _restore(self) -> Worker:
        stored, _ = await journal.load(self._memory)
        if stored.next > self._head.next:  # a commit whose caller was stopped before it could hear of it
            self._head = stored
        restored = await restore(self._pool, self._memory, self._head)
        if restored.calls == 0 and not restored.lost:
            return restored.worker
        news = [n for n in restored.different if n not in self._head.told]
        note = _differences(news) + _losses(restored.lost)
        head = self._head._replace(told=tuple(sorted({*self._head.told, *restored.different})))
        writes = {journal.HEAD: head.encoded()} | {journal.key(n): None for n in restored.lost}
        try:
            await self._context.emit(
                "repl.restored", remember=writes, calls=restored.calls, ms=restored.ms, note=note or None
            )
        except BaseException:
            restored.worker.kill()
            raise
        self._head = head
        if note:
            self._notes.append(note)
        logger.info("restored %s calls in %s ms", restored.calls, restored.ms)
        return restored.worker

    def _take_notes(self, head: journal.Head) -> tuple[str, ...]:
        notes, self._notes = self._notes, []
        if head.heavy and not self._head.heavy:
            work_s = head.cpu_ms / 1000
            notes.append(f"(this session holds {head.calls:,} calls, {work_s:.0f} s of work; js_reset begins anew)")
        return tuple(notes)

    def _watch(self, after_s: float, then: Callable[..., None], *args: Any) -> None:
        self._alarm = asyncio.get_running_loop().call_later(after_s, then, *args)

    def _take_long(self, worker: Worker, n: int, limit_s: float) -> None:
        """A call that runs for long is noted as begun, for a crash may come before its record; later its time is up."""
        if limit_s <= _LONG_S:
            worker.give_up()
            return
        self._watch(limit_s - _LONG_S, worker.give_up)
        self._begun = True
        self._chore(self._memory.put({journal.BEGUN: json.dumps({"n": n}).encode("ascii")}))

    def _chore(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task

    async def _stop_chores(self) -> None:
        await asyncio.gather(*self._chores, return_exceptions=True)
        restoring, self._restoring = self._restoring, None
        if restoring:
            restoring.cancel()
            result = (await asyncio.gather(restoring, return_exceptions=True))[0]
            if isinstance(result, Worker) and result is not self._worker:
                result.kill()


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _differences(calls: list[int]) -> str:
    if not calls:
        return ""
    which = f"call {calls[0]}" if len(calls) == 1 else f"calls {', '.join(map(str, calls[:8]))}"
    return f"Note: after a restart {which} gave a different result than before; values that depend on it may differ."


def _losses(calls: tuple[int, ...]) -> str:
    if not calls:
        return ""
    return f"Note: after a restart call {', '.join(map(str, calls))} could not be repeated; what it did is lost."


@asynccontextmanager
async def open_session(context: Context) -> AsyncIterator[Session]:
    """The session's state; its worker comes at the first need."""
    head, cut_off = await journal.load(context.memory)
    session = Session(context, context.server, head)
    if cut_off is not None and cut_off >= head.next:
        session.note_cut_off(cut_off)
    try:
        yield session
    finally:
        await session.leave()
