"""Which of the sent events fit the session's state. The whole request is checked before any of it is applied."""

import time

from glasshouse.emulator.call import Call
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
from glasshouse.emulator.problem import bad
from glasshouse.emulator.session import Session

_ANSWERS = (CustomToolResult, ToolResult, Confirmation)
_WHILE_WAITING = "`user.tool_confirmation`, `user.custom_tool_result`, `user.tool_result`, or `user.interrupt`"


def check(session: Session, events: list[Incoming]) -> None:
    """Raises the API's 400 for the first event that does not fit."""
    if session.status == "terminated":
        raise bad(f"Session {session.id} is terminated and accepts no events")
    settled: set[str] = set()
    for index, event in enumerate(events):
        place = f"Invalid {event.type} event at events[{index}]"
        match event:
            case UserMessage() | Outcome():
                # An interrupt earlier in the same request does not help: it is applied later than it is accepted.
                _check_message(session, place)
            case Interrupt():
                _check_interrupt(session, event, place)
            case SystemMessage():
                _check_system(events, index, place)
            case _:
                _check_answer(session, event, place, settled)


def _check_message(session: Session, place: str) -> None:
    if session.status == "idle" and session.waiting:
        ids = ", ".join(session.waiting)
        raise bad(f"{place}: waiting on responses to events [{ids}]; only {_WHILE_WAITING} may be sent")
    if session.over_budget:
        raise bad(f"{place}: the session's budget is reached; only {_WHILE_WAITING} may be sent")


def _check_interrupt(session: Session, event: Interrupt, place: str) -> None:
    if event.session_thread_id is None:
        return
    thread = session.threads.get(event.session_thread_id)
    if thread is None:
        raise bad(f"{place}: session_thread_id {event.session_thread_id!r} does not match any thread of this session")
    if thread.status == "terminated":
        raise bad(f"{place}: thread {thread.id} is terminated")


def _check_system(events: list[Incoming], index: int, place: str) -> None:
    before = events[index - 1] if index else None
    if index != len(events) - 1 or not isinstance(before, UserMessage | CustomToolResult | ToolResult):
        raise bad(f"{place}: must be the last event and follow a user.message or a tool result")


def _check_answer(session: Session, event: Incoming, place: str, settled: set[str]) -> None:
    if not isinstance(event, _ANSWERS):
        return
    field = "custom_tool_use_id" if isinstance(event, CustomToolResult) else "tool_use_id"
    call_id: str = getattr(event, field)
    wanted = "agent.custom_tool_use" if isinstance(event, CustomToolResult) else "agent.tool_use"
    call = session.find_call(call_id)
    if call is None or (call.kind == "custom") != isinstance(event, CustomToolResult) or _hidden(session, call):
        raise bad(f"{place}: {field} {call_id!r} does not match any `{wanted}` event in this session")
    thread = session.threads[call.thread_id]
    if thread.status == "terminated":
        raise bad(f"{place}: thread {thread.id} is terminated")
    if call.state != "open" or call_id in settled:
        raise bad(f"{place}: {field} {call_id!r} already has a result")
    _check_need(session, event, call, place)
    settled.add(call_id)


def _check_need(session: Session, event: Incoming, call: Call, place: str) -> None:
    if isinstance(event, ToolResult) and not session.self_hosted:
        raise bad(f"{place}: only valid for sessions in a self_hosted environment")
    if isinstance(event, Confirmation) and call.needs != "confirmation":
        raise bad(f"{place}: event {call.id!r} does not wait for a confirmation")
    if isinstance(event, ToolResult) and call.needs != "result":
        raise bad(f"{place}: event {call.id!r} does not wait for a result")


def _hidden(session: Session, call: Call) -> bool:
    """The race of the real API: for a moment a sub-agent's call is on the stream but takes no result."""
    hidden_s = session.world.faults.subthread_race_s
    return session.threads[call.thread_id].parent is not None and time.monotonic() - call.made_at < hidden_s
