"""One thread of a session: its own events, its calls, and the turns it plays one after another."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from glasshouse.emulator.call import Answer, Call, CallKind
from glasshouse.emulator.eventlog import EventLog
from glasshouse.emulator.marks import Json, new_id, now
from glasshouse.emulator.meter import Meter

if TYPE_CHECKING:
    from glasshouse.emulator.session import Session

log = logging.getLogger(__name__)

WINDOW = 5  # ids in a requires_action; the rest are only in the history
END_TURN: Json = {"type": "end_turn"}
INTERRUPTED = "The call was interrupted before a result arrived. Make it again if it is still needed."
Status = Literal["idle", "running", "rescheduling", "terminated"]
_CROSS_POSTED = ("agent.custom_tool_use", "agent.tool_use")


class TurnOver(Exception):  # noqa: N818  a signal, not an error
    """A story ends its turn early, with this stop_reason."""

    def __init__(self, stop_reason: Json, stop_details: Json | None = None) -> None:
        super().__init__(stop_reason["type"])
        self.stop_reason = stop_reason
        self.stop_details = stop_details


@dataclass
class Turn:
    """One play of a story, for a message (`event`) or by hand."""

    play: Callable[["Thread", "Turn"], Awaitable[None]]
    event: Json | None = None
    done: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Thread:
    def __init__(self, session: "Session", agent: Json, parent: "Thread | None" = None) -> None:
        self.id = new_id("sthr")
        self.session = session
        self.agent = agent
        self.parent = parent
        self.log = EventLog()
        self.status: Status = "idle"
        self.stop_reason: Json = END_TURN
        self.calls: dict[str, Call] = {}  # all there ever were
        self._open: dict[str, Call] = {}
        self.meter = Meter()
        self.created_at = self.updated_at = now()
        self.archived_at: str | None = None
        self._inbox: deque[Turn] = deque()
        self._playing: asyncio.Task[None] | None = None
        self._output_chars = 0

    # -- turns

    def enqueue(self, turn: Turn) -> None:
        self._inbox.append(turn)
        self._wake()

    def _wake(self) -> None:
        if self._inbox and self._playing is None and self.status != "terminated":
            self._playing = self.session.start(self._play_all())

    async def _play_all(self) -> None:
        stop = TurnOver(END_TURN)
        while self._inbox:
            turn = self._inbox.popleft()
            self.set_running()
            if turn.event is not None:
                self.log.process(turn.event["id"])
            stop = await self._play(turn)
        self._playing = None
        if self.parent:
            self.parent.set_running()  # first, or the session would look idle between the two
        self.set_idle(stop.stop_reason, stop.stop_details)

    async def _play(self, turn: Turn) -> TurnOver:
        try:
            await turn.play(self, turn)
        except TurnOver as over:
            return over
        except asyncio.CancelledError:
            turn.done.cancel()
            raise
        except Exception as error:
            log.exception("a story failed in session %s", self.session.id)
            self.session.story_errors.append(error)
            failed = {"type": "unknown_error", "message": repr(error), "retry_status": {"type": "terminal"}}
            self.post("session.error", error=failed)
            return TurnOver({"type": "retries_exhausted"})
        else:
            return TurnOver(END_TURN)
        finally:
            self.close_request(is_error=False)
            if not turn.done.done():
                turn.done.set_result(None)

    async def halt(self) -> bool:
        """Cancel the story that plays; answers whether one did."""
        active = self._playing
        if active is None:
            return False
        active.cancel()
        await asyncio.wait([active])
        self._playing = None
        return True

    def lay_down(self) -> None:
        """After `halt`: close the open calls with error results and go idle."""
        for call in self.open_calls:
            self.session.close_call(call, visibly=self.session.world.interrupt_results)
        if self.parent and self.parent.status == "idle" and self.parent._playing:
            self.parent.set_running()  # its sub-agent was interrupted, it was not: it goes on
        if self.status != "idle" or self.stop_reason != END_TURN:
            self.set_idle(END_TURN)

    def resume(self) -> None:
        """Play what came while the interrupt was applied."""
        self._wake()

    def terminate(self) -> None:
        if self._playing:
            self._playing.cancel()
        self._playing = None
        self._inbox.clear()
        self.close_request(is_error=True)
        for call in self.open_calls:
            self.session.close_call(call, visibly=False)
        self.status = "terminated"
        self.updated_at = now()
        self.meter.stop()
        self._announce("session.thread_status_terminated")
        if self.parent:
            self.log.sealed = True

    # -- states

    def set_running(self) -> None:
        if self.status in ("running", "terminated"):
            return
        self.status, self.updated_at = "running", now()
        self.meter.start()
        self.session.refresh()
        self._announce("session.thread_status_running")

    def set_idle(self, stop_reason: Json, stop_details: Json | None = None) -> None:
        if self.status == "terminated":
            return
        self.status, self.stop_reason, self.updated_at = "idle", stop_reason, now()
        self.meter.stop()
        details: Json = {"stop_details": stop_details} if stop_details else {}
        self._announce("session.thread_status_idle", stop_reason=stop_reason, **details)
        self.session.refresh(details)

    def _announce(self, kind: str, **fields: object) -> None:
        event_id = new_id("sevt")
        fields |= {"session_thread_id": self.id, "agent_name": self.agent["name"]}
        self.log.append(kind, event_id=event_id, **fields)
        if self.parent:
            self.session.log.append(kind, event_id=event_id, **fields)

    # -- what the agent does

    def post(self, kind: str, *, event_id: str | None = None, **fields: object) -> Json:
        """Write an agent's event; calls of a sub-agent's thread also appear on the session's stream."""
        event = self.log.append(kind, event_id=event_id, **fields)
        self._output_chars += len(str(fields))
        if self.parent and kind in _CROSS_POSTED:
            self.session.log.append(kind, event_id=event["id"], session_thread_id=self.id, **fields)
        return event

    async def open_request(self) -> None:
        """Begin a model request unless one is open. Ends the turn when the budget is used up."""
        if self.log.request:
            return
        if self.session.over_budget:
            raise TurnOver({"type": "budget_reached"})
        self.log.request = self.log.append("span.model_request_start")["id"]
        if self.session.world.pace.think_s:
            await asyncio.sleep(self.session.world.pace.think_s)

    def close_request(self, *, is_error: bool = False) -> None:
        if self.log.request is None:
            return
        usage = self.session.meter.request(context_chars=self.log.text_chars, output_chars=self._output_chars)
        self._output_chars = 0
        self.log.append(
            "span.model_request_end",
            model_request_start_id=self.log.request,
            is_error=is_error,
            model_usage=usage,
        )
        self.log.request = None

    def make_call(self, kind: CallKind, name: str, input: Json, **fields: Any) -> Call:
        event = self.post(
            "agent.custom_tool_use" if kind == "custom" else "agent.tool_use", name=name, input=input, **fields
        )
        call = Call(event["id"], kind, name, input, self.id)
        self.calls[call.id] = self._open[call.id] = call
        return call

    def settle(self, call_id: str, answer: Answer) -> None:
        self.calls[call_id].settle(answer)
        self._open.pop(call_id, None)

    async def wait_for(self, calls: Sequence[Call]) -> list[Answer]:
        """Go idle until every call is answered. Answers that came early cost no idle at all."""
        if self.session.world.pace.idle_s:
            await asyncio.sleep(self.session.world.pace.idle_s)
        if self.waiting:
            self.ask()
        await asyncio.wait(
            [call.answer for call in calls]
        )  # `wait`, because cancelling a story must not cancel the answer
        return [call.answer.result() for call in calls]

    @property
    def open_calls(self) -> list[Call]:
        return list(self._open.values())

    @property
    def waiting(self) -> list[str]:
        return [call.id for call in self._open.values() if call.needs != "nothing"]

    def ask(self) -> None:
        self.set_idle({"type": "requires_action", "event_ids": self.waiting[:WINDOW]})

    def answered(self) -> None:
        """One of the calls no longer waits: ask for the rest, or run on."""
        if self.status != "idle" or self.stop_reason["type"] != "requires_action":
            return
        if self.waiting:
            self.ask()
        else:
            self.set_running()

    def public(self) -> Json:
        return {
            "id": self.id,
            "type": "session_thread",
            "session_id": self.session.id,
            "parent_thread_id": self.parent and self.parent.id,
            "agent": {key: value for key, value in self.agent.items() if key != "multiagent"},
            "status": self.status,
            "stats": self.meter.stats(),
            "usage": self.meter.usage(),
            "workflow_run_id": None,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "archived_at": self.archived_at,
        }
