"""What a session's API events say about its calls, as a fold: which are answered, closed, or still wait for an answer.

Sources: shared behaviour of `requires_action`, interrupts and threads as the API documents them. `event_ids` of an idle
is only a window, so the pending calls are computed from all events. A call before an interrupt is closed, for the whole
session or for the thread that the interrupt names; a terminated thread takes no results.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ToolUse:
    """One `agent.custom_tool_use`."""

    id: str
    name: str
    input: Any = field(hash=False)
    thread_id: str | None


@dataclass
class History:
    """Fed every event of a session in order, once or more often."""

    calls: dict[str, ToolUse] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    closed: dict[str, str] = field(default_factory=dict)  # call id → why no result is wanted any more
    dead_threads: set[str] = field(default_factory=set)
    child_threads: set[str] = field(default_factory=set)
    status: str = "idle"
    stop_reason: str | None = None
    wanted: frozenset[str] = frozenset()  # event_ids of the newest idle, if it requires action
    _seen: set[tuple[str, bool]] = field(default_factory=set)

    def note(self, event: Mapping[str, Any]) -> bool:
        """Take one event in; False if it was known already."""
        key = (str(event.get("id")), event.get("processed_at") is None)
        if key in self._seen:
            return False
        self._seen.add(key)
        kind = event.get("type")
        thread = event.get("session_thread_id")
        if kind == "agent.custom_tool_use":
            self._note_call(event)
        elif kind == "user.custom_tool_result":
            self.answered.add(str(event.get("custom_tool_use_id")))
        elif kind == "user.interrupt":
            self._close(thread if thread in self.child_threads else None, whole=thread is None)
            self.wanted = frozenset()  # what an idle before the interrupt asked for counts no more
        elif kind == "session.thread_created":
            self.child_threads.add(str(thread))
        elif kind == "session.thread_status_terminated":
            self._end_thread(str(thread))
        elif isinstance(kind, str) and kind.startswith("session."):
            self._note_status(kind, event)
        return True

    def pending(self) -> list[ToolUse]:
        """Calls that still want a result, in the order they were made."""
        return [call for id, call in self.calls.items() if id not in self.answered and id not in self.closed]

    @property
    def resting(self) -> bool:
        """Whether the turn has ended: idle, and not for want of an answer."""
        return self.status == "idle" and self.stop_reason != "requires_action"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ("terminated", "deleted")

    def _note_call(self, event: Mapping[str, Any]) -> None:
        call = ToolUse(str(event["id"]), str(event.get("name")), event.get("input"), event.get("session_thread_id"))
        if call.thread_id:
            self.child_threads.add(call.thread_id)
        self.calls[call.id] = call
        if call.thread_id in self.dead_threads:
            self.closed[call.id] = "its thread has ended"

    def _close(self, thread: str | None, *, whole: bool) -> None:
        for call in self.pending():
            if whole or call.thread_id == thread:
                self.closed[call.id] = "interrupted"

    def _end_thread(self, thread: str) -> None:
        self.dead_threads.add(thread)
        for call in self.pending():
            if call.thread_id == thread:
                self.closed[call.id] = "its thread has ended"

    def _note_status(self, kind: str, event: Mapping[str, Any]) -> None:
        if kind == "session.status_idle":
            reason = event.get("stop_reason") or {}
            self.status, self.stop_reason = "idle", reason.get("type")
            self.wanted = frozenset(reason.get("event_ids") or ())
        elif kind == "session.status_running":
            self.status, self.stop_reason, self.wanted = "running", None, frozenset()
        elif kind == "session.status_rescheduled":
            self.status, self.stop_reason = "rescheduling", None
        elif kind in ("session.status_terminated", "session.deleted"):
            self.status, self.stop_reason = kind.rpartition("_")[2].removeprefix("session."), None
            for call in self.pending():
                self.closed[call.id] = "the session has ended"
