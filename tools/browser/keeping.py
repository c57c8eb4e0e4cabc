"""What a session's browser keeps over sleep, restart and kill -9: tabs, addresses, scroll, cookies, storage, numbers.

Values by key: `tabs`, `cookies`, `local/<hash of origin>`, `session/<tab id>`; written only when they have changed.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from glasshouse.tool import Memory

STORAGE_MAX = 4_000_000  # characters of one origin's storage; more is not kept
ORIGINS = 50  # origins whose local storage is kept


@dataclass
class Kept:
    """What was kept, as read from the memory."""

    tabs: list[dict[str, Any]] = field(default_factory=list)
    active: int = 0
    next_number: int = 1
    next_tab: int = 1
    cookies: list[dict[str, Any]] = field(default_factory=list)
    local: dict[str, dict[str, str]] = field(default_factory=dict)  # by origin
    session: dict[int, dict[str, Any]] = field(default_factory=dict)  # by tab: {origin, items}
    downloads: list[dict[str, Any]] = field(default_factory=list)

    @property
    def storage_state(self) -> Any:
        """Cookies and local storage in Playwright's form."""
        origins = [
            {"origin": origin, "localStorage": [{"name": name, "value": value} for name, value in items.items()]}
            for origin, items in self.local.items()
            if items and origin.startswith("http")
        ]
        return {"cookies": self.cookies, "origins": origins[-ORIGINS:]}


async def recall(memory: Memory) -> Kept | None:
    """What the session kept, or None for a new one."""
    raw = await memory.get("tabs")
    if raw is None:
        return None
    kept = Kept(**json.loads(raw))
    cookies = await memory.get("cookies")
    kept.cookies = json.loads(cookies) if cookies else []
    for _, value in await memory.scan("local/", limit=ORIGINS):
        stored = json.loads(value)
        kept.local[stored["origin"]] = stored["items"]
    for key, value in await memory.scan("session/"):
        kept.session[int(key.removeprefix("session/"))] = json.loads(value)
    return kept


class Keeper:
    """Turns what is seen of the browser into the values that have changed since they were last written."""

    def __init__(self, kept: Kept | None) -> None:
        self.kept = kept or Kept()
        self.sums: dict[str, str] = {}  # of local storage, by origin
        self._written: dict[str, bytes] = {}

    def values(self) -> dict[str, bytes | None]:
        """Everything, as bytes by key, that differs from what was written last."""
        kept = self.kept
        values: dict[str, bytes | None] = {
            "tabs": packed(
                {
                    "tabs": kept.tabs,
                    "active": kept.active,
                    "next_number": kept.next_number,
                    "next_tab": kept.next_tab,
                    "downloads": kept.downloads,
                }
            ),
            "cookies": packed(kept.cookies),
        }
        for origin, items in kept.local.items():
            values[f"local/{hashlib.sha256(origin.encode()).hexdigest()[:24]}"] = packed(
                {"origin": origin, "items": items}
            )
        for tab, stored in kept.session.items():
            values[f"session/{tab}"] = packed(stored)
        changed = {key: value for key, value in values.items() if self._written.get(key) != value}
        changed |= {key: None for key in self._written if key not in values}
        return changed

    def written(self, values: dict[str, bytes | None]) -> None:
        """The values have reached the memory."""
        for key, value in values.items():
            if value is None:
                self._written.pop(key, None)
            else:
                self._written[key] = value

    def seen(self, tab: int, found: dict[str, Any]) -> None:
        """Take in what the eye says of a page's storage; unchanged storage comes as a sum alone."""
        origin = found["origin"]
        local, session = found["local"], found["session"]
        if "entries" in local and small(local["entries"]):
            self.kept.local[origin] = dict(local["entries"])
            self.sums[origin] = local["sum"]
        if "entries" in session and small(session["entries"]):
            items = dict(session["entries"])
            if items:
                self.kept.session[tab] = {"origin": origin, "items": items}
            else:
                self.kept.session.pop(tab, None)


def small(entries: list[list[str]]) -> bool:
    """Whether storage is small enough to be kept."""
    return sum(len(name) + len(value) for name, value in entries) <= STORAGE_MAX


def packed(value: Any) -> bytes:
    """Compact JSON, safe for lone surrogates."""
    return json.dumps(value, separators=(",", ":")).encode()
