"""What a session that stands still waits for, in the names of its calls: read from the end of its log, nothing kept."""

from typing import Any

from glasshouse.log import Log
from glasshouse.store import Session

_NEAR = 200  # events before the end in which an open call is looked for: the list of sessions is asked for often
_NEEDS = {"agent.tool_use": "permission", "agent.mcp_tool_use": "permission", "agent.custom_tool_use": "answer"}


async def waiting_for(log: Log, session: Session) -> list[dict[str, str]]:
    """`[{"name", "needs"}]`, `needs` being `permission` or `answer`; empty unless the session waits for an action."""
    if (session.status, session.stop_reason) != ("idle", "requires_action"):
        return []
    last = await log.store.last_number(session.id)
    calls: dict[str, dict[str, str]] = {}
    wanted: list[str] = []
    for event in await log.store.events(session.id, after=max(0, last - _NEAR), limit=_NEAR):
        if event.type in _NEEDS:
            calls[event.data["id"]] = {"name": event.data["name"], "needs": _NEEDS[event.type]}
        elif event.type == "session.status_idle":
            wanted = _event_ids(event.data)
        elif answered := _answered(event.data):
            calls.pop(answered, None)
    return [calls[id] for id in wanted if id in calls]


def _event_ids(data: dict[str, Any]) -> list[str]:
    return list((data.get("stop_reason") or {}).get("event_ids") or [])


def _answered(data: dict[str, Any]) -> str | None:
    """The call that an event answers, allows or denies."""
    return data.get("custom_tool_use_id") or data.get("mcp_tool_use_id") or data.get("tool_use_id")
