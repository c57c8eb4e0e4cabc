"""One session awake: follows its events, answers its calls, and notices when it may sleep.

A call is claimed before it runs, its result is stored before it is posted, and a stored result is posted again, never
made again. `tests/runtime` kills a server at each of these points.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import Any, Literal

from anthropic import AsyncAnthropic
from opentelemetry.trace import SpanKind

from glasshouse.log import Log, Writer
from glasshouse.runtime.answers import to_api, to_log
from glasshouse.runtime.follow import Batch, Json, SessionGoneError, follow
from glasshouse.runtime.history import History, ToolUse
from glasshouse.runtime.kits import Kits, NotWantedError
from glasshouse.runtime.notebook import Notebook
from glasshouse.runtime.post import RACE_S, THREAD_RACE_S, Outcome, post
from glasshouse.store import Call
from glasshouse.telling import say_about
from glasshouse.tool import Kit, Result, Tool
from glasshouse.tracing import Trace, Tracing, note_failure

logger = logging.getLogger(__name__)

PASSING = {"event_start", "event_delta"}  # previews: never stored by the API, nor by us
UNKNOWN = (
    "The server stopped while {tool} ran, so its outcome is unknown: it may have happened wholly, partly or not at all."
    " It was not run again. Call {check} to see where things stand."
)
INTERRUPTED = "Interrupted by the user before it ended. Call {check} to see where things stand."


Begin = Callable[[ToolUse, Kit[Any]], Awaitable[None]]


@dataclass(frozen=True)
class House:
    """What every session of a server works with."""

    client: AsyncAnthropic
    sender: AsyncAnthropic  # the same without retries, for posts
    log: Log
    kits: Kits
    result_bytes: int
    idle_s: float
    tracing: Tracing = field(default_factory=Tracing)
    settled: Counter[str] = field(default_factory=Counter, hash=False)  # calls whose story has ended, by how

    @classmethod
    def over(
        cls,
        client: AsyncAnthropic,
        log: Log,
        kits: Kits,
        *,
        result_bytes: int,
        idle_s: float,
        tracing: Tracing | None = None,
    ) -> "House":
        """A house whose sender is made from its client."""
        sender = client.with_options(max_retries=0)
        return cls(client, sender, log, kits, result_bytes, idle_s, tracing or Tracing())

    def with_client(self, client: AsyncAnthropic) -> "House":
        """The same with other credentials."""
        return replace(self, client=client, sender=client.with_options(max_retries=0))


class AwakeSession:
    """Runs as one task (`run`) from wake to sleep; `running` are the calls at work, by call id."""

    def __init__(self, house: House, session_id: str, waking: Trace) -> None:
        self.id = session_id
        self._waking = waking  # ends when the session's history is known
        self.history = History()
        self.running: dict[str, asyncio.Task[None]] = {}
        self.closing = False  # from the moment it stops following: what happens now is for the next wake
        self._house = house
        self._notes = Notebook(house.log)
        self._posting: dict[str, asyncio.Task[None]] = {}
        self._tired = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._problem: str | None = None

    async def run(self) -> str | None:
        """Follow until the session rests long enough, is over or gone; returns what went wrong, if anything did."""
        following = asyncio.create_task(self._follow(), name=f"follow {self.id}")
        tired = asyncio.create_task(self._tired.wait(), name=f"idle clock of {self.id}")
        try:
            await asyncio.wait({following, tired}, return_when=asyncio.FIRST_COMPLETED)
            while not (following.done() or self._problem or (self._tired.is_set() and self._at_rest())):
                self._tired.clear()  # something came in the very instant its idle time ended
                tired = asyncio.create_task(self._tired.wait(), name=f"idle clock of {self.id}")
                await asyncio.wait({following, tired}, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                following.result()
            return self._problem
        except SessionGoneError as error:
            if error.deleted:
                await self._bury()
            return str(error)
        finally:
            self.closing = True
            await _end(following, tired)
            if self._alarm:
                self._alarm.cancel()

    async def drain(self, grace_s: float) -> None:
        """Let running calls end within the time, then stop them with a result that says so; post what there is."""
        if self.running:
            await asyncio.wait(list(self.running.values()), timeout=grace_s)
        for task in list(self.running.values()):
            task.cancel("server stops")
        if self.running:
            await asyncio.wait(list(self.running.values()))
        if self._posting:
            await asyncio.wait(list(self._posting.values()), timeout=grace_s)
        await _end(*self._posting.values())
        await self._notes.now()

    def rest_clock(self) -> None:
        """Start the idle time anew; something happened."""
        self._tired.clear()
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if self._at_rest():
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(self._house.idle_s, self._tired.set)

    async def _bury(self) -> None:
        """The API has no such session: nothing of it wants a result any more."""
        self.history.status = "deleted"
        self._notes.soon(lambda writer: writer.tx.set_status(self.id, "deleted", None))
        for call in await self._house.log.store.calls(self.id, "claimed", "executed"):
            self.history.closed[call.id] = "the session is gone"
            self._settle(call.id, "obsolete", "the session is gone")
        self._stop_unwanted()

    def _at_rest(self) -> bool:
        return self.history.resting and not self.running and not self._posting

    async def _follow(self) -> None:
        async with aclosing(follow(self._house.client, self.id)) as batches:
            async for batch in batches:
                await self._take(batch)
                if self.history.over:
                    return

    async def _take(self, batch: Batch) -> None:
        calls: list[ToolUse] = []
        for event in batch.events:
            if event.get("type") in PASSING:
                self._house.log.pass_on(self.id, event["type"], event)
            elif self.history.note(event):
                self._notes.soon(partial(self._record, event, (self.history.status, self.history.stop_reason)))
                if event["type"] == "agent.custom_tool_use":
                    calls.append(self.history.calls[event["id"]])
        if batch.caught_up:
            await self._reconcile()
            calls = [use for use in self.history.pending() if await self._house.log.store.call(use.id) is None]
            self._waking.end("woken")
        for use in calls:
            self._start(use, self._claim)
        self._stop_unwanted()
        await self._answer_interrupted()
        self.rest_clock()

    def _record(self, event: Json, status: tuple[str, str | None], writer: Writer) -> None:
        """Put an event of the API into the log."""
        kind = str(event.get("type"))
        queued = "" if event.get("processed_at") else "~queued"  # seen again, with the same id, once processed
        writer.append(self.id, kind, event, source_id=f"{event.get('id')}{queued}")
        if kind.startswith("session."):
            writer.tx.set_status(self.id, *status)

    def _start(self, use: ToolUse, begin: Begin) -> None:
        """Run a call that is ours; `begin` is awaited when its turn has come."""
        kit = self._house.kits.catalog.owners.get(use.name)
        if kit is None or use.id in self.running or use.id in self.history.closed:
            return  # a name that no kit owns is somebody else's tool: its owner answers
        task = asyncio.create_task(self._execute(use, kit, begin), name=f"{use.name} {use.id}")
        self.running[use.id] = task
        task.add_done_callback(lambda done: self._ended(self.running, use.id, done))

    async def _execute(self, use: ToolUse, kit: Kit[Any], begin: Begin) -> None:
        started: list[float] = []
        trace = self._house.tracing.call(use.name, use.id, self.id, kit=kit.name)
        trace.enter()
        trace.phase("wait for turn")
        say_about(call_id=use.id)

        async def begun() -> None:
            if not started:
                trace.phase("claim")
                await begin(use, kit)
                started.append(perf_counter())
                trace.phase(f"run {kit.name}")

        try:
            result = await self._house.kits.run(self.id, kit, kit.tools[use.name], use.input, use.id, begun=begun)
            await begun()  # bad input never got its turn
        except NotWantedError:
            trace.end("known already")
            return  # its result is stored, or was: the journal has it
        except asyncio.CancelledError:
            if not started or use.id in self.history.closed or use.id in self.history.answered:
                trace.end("obsolete" if started else "not begun", failure="cancelled")
                raise  # it never began, and is found again at the next start; or whoever stopped it has marked it
            note_failure("server stopped")
            result = Result.error(UNKNOWN.format(tool=use.name, check=kit.check))
        await self._finish(use.id, kit, use.name, result, perf_counter() - started[0], trace)

    async def _claim(self, use: ToolUse, kit: Kit[Any]) -> None:
        """Note that the call begins. Raises NotWantedError if the journal has it."""
        claimed = False

        def claim(writer: Writer) -> None:
            nonlocal claimed
            claimed = writer.tx.claim(self._row(use, kit))
            if claimed:
                about = {"call_id": use.id, "tool": use.name, "kit": kit.name, "input": use.input}
                writer.append(self.id, "call.started", {**about, "thread": use.thread_id})

        await self._notes.now(claim)
        if not claimed:
            raise NotWantedError

    def _row(self, use: ToolUse, kit: Kit[Any]) -> Call:
        return Call(use.id, self.id, use.thread_id, kit.name, use.name, _object(use.input), "claimed")

    async def _finish(
        self, call_id: str, kit: Kit[Any], tool: str, result: Result, took_s: float, trace: Trace
    ) -> None:
        """Store the result, then begin to post it."""
        trace.phase("store result")
        limit = self._house.result_bytes
        body = to_api(call_id, result, text_bytes=limit)
        content, files = to_log(result, text_bytes=limit)
        about = {"call_id": call_id, "tool": tool, "kit": kit.name, "is_error": result.is_error, "content": content}
        wanted = False

        def finish(writer: Writer) -> None:
            nonlocal wanted
            wanted = writer.tx.settle(call_id, "executed", result=body)
            if not wanted:
                return  # obsolete meanwhile
            for file_id, image in files.items():
                writer.tx.put_file(self.id, file_id, image.media_type, image.data)
            writer.append(self.id, "call.finished", {**about, "ms": round(took_s * 1000, 1)})

        try:
            await self._notes.now(finish)
        except BaseException as error:
            trace.end("not stored", failure=type(error).__name__)
            raise
        if wanted:
            self._post(call_id, body, trace)
        else:
            trace.end("obsolete")

    def _post(self, call_id: str, body: Json, trace: Trace | None = None) -> None:
        if call_id in self._posting:
            return
        trace = trace or self._house.tracing.stored(call_id, self.id)
        task = asyncio.create_task(self._deliver(call_id, body, trace), name=f"post {call_id}")
        self._posting[call_id] = task
        task.add_done_callback(lambda done: self._ended(self._posting, call_id, done))

    async def _deliver(self, call_id: str, body: Json, trace: Trace) -> None:
        trace.enter()
        trace.phase("post result", SpanKind.CLIENT)
        say_about(call_id=call_id)
        use = self.history.calls.get(call_id)
        race_s = THREAD_RACE_S if use and use.thread_id else RACE_S
        settled = partial(self._outcome, call_id)
        try:
            outcome = await post(self._house.sender, self.id, body, settled, race_s=race_s)
        except BaseException as error:
            trace.end("stored, not posted", failure=type(error).__name__)
            raise
        trace.end(outcome[0])
        self._settle(call_id, *outcome)

    def _outcome(self, call_id: str) -> Outcome | None:
        if call_id in self.history.answered:
            return "posted", None
        if reason := self.history.closed.get(call_id):
            return None if call_id in self.history.wanted else ("obsolete", reason)
        return None

    def _settle(self, call_id: str, state: Literal["posted", "obsolete"], reason: str | None) -> None:
        """Note the end of a call. A crash before it is stored costs a look at the API's record, nothing more."""

        use = self.history.calls.get(call_id)
        kit = self._house.kits.catalog.owners.get(use.name) if use else None

        def settle(writer: Writer) -> None:
            if use and kit:
                writer.tx.claim(self._row(use, kit))  # one that was stopped before its turn has no row yet
            if writer.tx.settle(call_id, state, reason=reason):
                self._house.settled[state] += 1
                about = {"call_id": call_id} if state == "posted" else {"call_id": call_id, "reason": reason}
                writer.append(self.id, "call.posted" if state == "posted" else "call.obsoleted", about)

        self._notes.soon(settle)

    async def _reconcile(self) -> None:
        """Bring the journal in line with the API's record, after start-up and after each reconnect."""
        for call in await self._house.log.store.calls(self.id, "claimed", "executed"):
            if call.id in self.running or call.id in self._posting:
                continue
            kit = self._house.kits.catalog.kits.get(call.kit)
            if outcome := self._outcome(call.id):
                self._settle(call.id, *outcome)
            elif call.result is not None:
                self._post(call.id, dict(call.result))
            elif kit and (tool := kit.tools.get(call.tool)):
                await self._recover(call, kit, tool)

    async def _recover(self, call: Call, kit: Kit[Any], tool: Tool[Any, Any]) -> None:
        """A call that was running when the server died: again if it only reads, else an honest error."""
        if tool.read_only:
            self._start(ToolUse(call.id, call.tool, call.input, call.thread_id), _claimed_before)
            return
        unknown = Result.error(UNKNOWN.format(tool=call.tool, check=kit.check))
        trace = self._house.tracing.call(call.tool, call.id, self.id, kit=kit.name)
        trace.enter()
        note_failure("server stopped")
        await self._finish(call.id, kit, call.tool, unknown, 0, trace)

    def _stop_unwanted(self) -> None:
        """Cancel running calls that were interrupted, or answered by somebody else."""
        for call_id, task in list(self.running.items()):
            reason = self.history.closed.get(call_id)
            if call_id in self.history.answered:
                reason = "answered by another client"
            if reason and not task.cancelling():
                task.cancel(reason)
                self._settle(call_id, "obsolete", reason)

    async def _answer_interrupted(self) -> None:
        """An interrupted call that the API still waits for gets an answer: a session must never be stuck on it."""
        for call_id in (self.history.wanted & self.history.closed.keys()) - self.history.answered:
            use = self.history.calls.get(call_id)
            kit = self._house.kits.catalog.owners.get(use.name) if use else None
            if kit and self.history.closed[call_id] == "interrupted":
                text = INTERRUPTED.format(check=kit.check)
                self._post(call_id, to_api(call_id, Result.error(text), text_bytes=self._house.result_bytes))

    def _ended(self, tasks: dict[str, asyncio.Task[None]], call_id: str, task: asyncio.Task[None]) -> None:
        tasks.pop(call_id, None)
        if not task.cancelled() and (error := task.exception()):
            logger.error("call %s could not be recorded", call_id, exc_info=error)
            self._problem = f"call {call_id} could not be recorded ({type(error).__name__}); it is looked at again soon"
            self._tired.set()  # the sweep wakes the session, and the call is found again
        self.rest_clock()


async def _claimed_before(use: ToolUse, kit: Kit[Any]) -> None:
    """The claim of a call that is run again."""


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Exception):
            await task


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {"input": given}
