"""One session: its threads, its status, and what becomes of the events clients send."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from glasshouse.emulator.call import Answer, Call
from glasshouse.emulator.eventlog import EventLog
from glasshouse.emulator.incoming import (
    Confirmation,
    CustomToolResult,
    Incoming,
    Interrupt,
    Outcome,
    SystemMessage,
    ToolResult,
    UserMessage,
)
from glasshouse.emulator.marks import Json, new_id, now
from glasshouse.emulator.meter import Meter
from glasshouse.emulator.problem import missing
from glasshouse.emulator.thread import INTERRUPTED, WINDOW, Status, Thread, Turn

if TYPE_CHECKING:
    from glasshouse.emulator.world import World


class Session:
    def __init__(self, world: "World", agent: Json, environment: Json, fields: Json) -> None:
        self.world = world
        self.id = new_id("sesn")
        self.agent = agent
        self.environment = environment
        self.title: str | None = fields.get("title")
        self.metadata: dict[str, str] = fields.get("metadata") or {}
        self.budget: Json | None = fields.get("budget")
        self.vault_ids: list[str] = fields.get("vault_ids") or []
        self.resources: list[Json] = fields.get("resources") or []
        self.created_at = self.updated_at = now()
        self.archived_at: str | None = None
        self.status: Status = "idle"
        self.shown_status: Status = "idle"
        self.deleted = False
        self.meter = Meter()
        self.memory: dict[str, Any] = {}  # what stories remember from turn to turn
        self.turns = 0
        self.story_errors: list[Exception] = []
        self.primary = Thread(self, agent)
        self.threads: dict[str, Thread] = {self.primary.id: self.primary}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def log(self) -> EventLog:
        return self.primary.log

    @property
    def calls(self) -> dict[str, Call]:
        return {call.id: call for thread in self.threads.values() for call in thread.calls.values()}

    def find_call(self, call_id: str) -> Call | None:
        return next((thread.calls[call_id] for thread in self.threads.values() if call_id in thread.calls), None)

    @property
    def self_hosted(self) -> bool:
        return bool(self.environment["config"]["type"] == "self_hosted")

    @property
    def over_budget(self) -> bool:
        return self.budget is not None and self.meter.cents >= int(self.budget["max_list_cost"]["amount"])

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def thread(self, thread_id: str) -> Thread:
        if thread_id not in self.threads:
            raise missing("Thread", thread_id)
        return self.threads[thread_id]

    # -- status

    def refresh(self, details: Json | None = None) -> None:
        """Bring the session's status in line with its threads', and say so on the stream."""
        if any(thread.status == "running" for thread in self.threads.values()):
            if self.status != "running":
                self._set_status("running")
                self.log.append("session.status_running")
            return
        self._set_status("idle")
        self.log.append("session.usage", usage=self.meter.usage(), budget=self.budget)
        self.log.append("session.status_idle", stop_reason=self.stop_reason, **(details or {}))

    @property
    def waiting(self) -> list[str]:
        return [call_id for thread in self.threads.values() for call_id in thread.waiting]

    @property
    def stop_reason(self) -> Json:
        if self.waiting:
            return {"type": "requires_action", "event_ids": self.waiting[:WINDOW]}
        return self.primary.stop_reason

    def _set_status(self, status: Status) -> None:
        self.status, self.updated_at = status, now()
        if status == "running":
            self.meter.start()
        else:
            self.meter.stop()
        lag = self.world.pace.status_lag_s
        if lag:
            asyncio.get_running_loop().call_later(lag, setattr, self, "shown_status", status)
        else:
            self.shown_status = status

    async def reschedule(self, delay_s: float) -> None:
        self._set_status("rescheduling")
        self.log.append("session.status_rescheduled")
        await asyncio.sleep(delay_s)
        self._set_status("running")
        self.log.append("session.status_running")

    def terminate(self) -> None:
        if self.status == "terminated":
            return
        for thread in list(self.threads.values()):
            if thread.status != "terminated":
                thread.terminate()
        self._set_status("terminated")
        self.shown_status = "terminated"
        self.log.append("session.status_terminated")
        self.log.sealed = True

    def archive(self) -> None:
        self.terminate()
        self.archived_at = self.archived_at or now()

    def delete(self) -> None:
        self.deleted = True
        self.log.sealed = False
        self.log.append("session.deleted")
        for thread in self.threads.values():
            thread.log.close_followers()

    # -- what clients send; everything here has passed `admission.check`

    def apply(self, event: Incoming) -> Json:
        """Take one checked event; answers its echo."""
        match event:
            case UserMessage():
                return self._take_message(event)
            case Interrupt():
                return self._take_interrupt(event)
            case CustomToolResult() | ToolResult():
                return self._take_result(event)
            case Confirmation():
                return self._take_confirmation(event)
            case Outcome():
                return self.log.append(**_fields(event), outcome_id=new_id("outc"))
            case SystemMessage():
                return self.log.append(**_fields(event))

    def _take_message(self, event: UserMessage) -> Json:
        echo = self.log.append(**_fields(event), processed_at=None)
        self.primary.enqueue(Turn(self.world.play, echo))
        self.world.work.need(self)
        return echo

    def _take_interrupt(self, event: Interrupt) -> Json:
        echo = self.log.append(**_fields(event), processed_at=None)
        self.start(self._apply_interrupt(echo))
        self.world.work.need(self)
        return echo

    async def _apply_interrupt(self, echo: Json) -> None:
        await asyncio.sleep(self.world.pace.interrupt_s)
        named = echo.get("session_thread_id")
        threads = [self.threads[named]] if named else [t for t in self.threads.values() if t.status != "terminated"]
        self.log.process(echo["id"])
        if self.over_budget:  # the API ignores interrupts there
            return
        halted = [thread for thread in threads if await thread.halt()]  # parents first, or they would go on
        for thread in reversed(halted):
            thread.lay_down()
        for thread in threads:
            thread.resume()

    def _take_result(self, event: CustomToolResult | ToolResult) -> Json:
        call_id = event.custom_tool_use_id if isinstance(event, CustomToolResult) else event.tool_use_id
        thread = next(thread for thread in self.threads.values() if call_id in thread.calls)
        fields = _fields(event)
        echo = thread.log.append(**fields)
        if thread.parent:
            echo = self.log.append(**fields, session_thread_id=thread.id)
        thread.settle(call_id, Answer(call_id, fields.get("content") or [], bool(event.is_error)))
        thread.answered()
        self.world.work.need(self)
        return echo

    def _take_confirmation(self, event: Confirmation) -> Json:
        thread = next(thread for thread in self.threads.values() if event.tool_use_id in thread.calls)
        call = thread.calls[event.tool_use_id]
        routed = {"session_thread_id": thread.id} if thread.parent else {}
        echo = self.log.append(**_fields(event), **routed)
        denied = event.deny_message or "The user denied this call." if event.result == "deny" else None
        call.needs = "result" if self.self_hosted and denied is None else "nothing"
        call.verdict.set_result(denied)
        thread.answered()
        return echo

    def close_call(self, call: Call, *, visibly: bool) -> None:
        """End a call that no client will answer any more."""
        content: list[Json] = [{"type": "text", "text": INTERRUPTED}]
        thread = self.threads[call.thread_id]
        thread.settle(call.id, Answer(call.id, content, is_error=True, closed=True))
        if not visibly:
            return
        kind, key = ("user.custom_tool_result", "custom_tool_use_id")
        if call.kind == "builtin":
            kind, key = ("agent.tool_result", "tool_use_id")
        fields: Json = {key: call.id, "content": content, "is_error": True}
        thread.log.append(kind, **fields)
        if thread.parent:
            self.log.append(kind, **fields, session_thread_id=thread.id)

    def public(self) -> Json:
        return {
            "id": self.id,
            "type": "session",
            "status": self.shown_status,
            "agent": self.agent,
            "environment_id": self.environment["id"],
            "title": self.title,
            "metadata": self.metadata,
            "resources": self.resources,
            "vault_ids": self.vault_ids,
            "outcome_evaluations": [],
            "stats": self.meter.stats(),
            "usage": self.meter.usage(),
            "budget": self.budget,
            "deployment_id": None,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "archived_at": self.archived_at,
        }


def _fields(event: Incoming) -> Json:
    """The event as sent, with `kind` for `type` as `EventLog.append` names it."""
    sent = event.model_dump(exclude_none=True)
    return {"kind": sent.pop("type"), **sent}
