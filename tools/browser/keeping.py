"""What a session's browser keeps over sleep, restart and kill -9: tabs, addresses, scroll, cookies, storage, numbers.

Values by key: `tabs`, `cookies`, `local/<hash>`, `database/<hash>`, `session/<tab>`; written only when changed.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from glasshouse.tool import Memory
from tools.browser.databases import Databases

STORAGE_MAX = 4_000_000  # characters of one origin's storage; more is not kept
DATABASES = "database/"  # before the names of their values
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
    databases: dict[str, Databases] = field(default_factory=dict)  # IndexedDB by origin
    session: dict[int, dict[str, Any]] = field(default_factory=dict)  # by tab: {origin, items}
    downloads: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)  # values that may have to be deleted

    def storage_state(self, wanted: str) -> Any:
        """What is kept in Playwright's form: "all", "local" (no databases), or only "cookies"."""
        local = {} if wanted == "cookies" else self.local
        stored = self.databases if wanted == "all" else {}
        origins = [
            {
                "origin": origin,
                "localStorage": [{"name": name, "value": text} for name, text in local.get(origin, {}).items()],
                "indexedDB": stored.get(origin, []),
            }
            for origin in dict.fromkeys([*local, *stored])
            if origin.startswith("http") and (local.get(origin) or stored.get(origin))
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
    await _recall_databases(memory, kept)
    for key, value in await memory.scan("session/"):
        kept.session[int(key.removeprefix("session/"))] = json.loads(value)
    return kept


async def _recall_databases(memory: Memory, kept: Kept) -> None:
    """Databases are kept store by store, with what is needed to make the database anew."""
    after = ""
    while found := await memory.scan(DATABASES, after=after):
        after = found[-1][0]
        for key, value in found:
            kept.written[key] = value
            one = json.loads(value)
            databases = kept.databases.setdefault(one["origin"], [])
            database = next((two for two in databases if two["name"] == one["name"]), None)
            if database is None:
                database = {"name": one["name"], "version": one["version"], "stores": []}
                databases.append(database)
            database["version"] = one["version"]
            if one["store"]:
                database["stores"].append(one["store"])


def database_values(origin: str, database: dict[str, Any]) -> dict[str, bytes]:
    """A database as values: one for each store, and one for a database without any."""
    about = {"origin": origin, "name": database["name"], "version": database["version"]}
    return {
        DATABASES + digest(json.dumps([origin, database["name"], store and store["name"]])): packed(
            {**about, "store": store}
        )
        for store in database["stores"] or [None]
    }


def digest(text: str) -> str:
    """A name for a key of the memory."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Keeper:
    """Turns what is seen of the browser into the values that have changed since they were last written."""

    def __init__(self, kept: Kept | None) -> None:
        self.kept = kept or Kept()
        self.sums: dict[str, str] = {}  # of local storage, by origin
        self._packed: dict[str, tuple[Databases, dict[str, bytes]]] = {}  # by origin: to pack them takes time
        self._written: dict[str, bytes] = dict(self.kept.written)

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
            values[f"local/{digest(origin)}"] = packed({"origin": origin, "items": items})
        for origin, databases in kept.databases.items():
            if origin not in self._packed or self._packed[origin][0] is not databases:
                values_of = {key: value for one in databases for key, value in database_values(origin, one).items()}
                self._packed[origin] = (databases, values_of)
            values |= self._packed[origin][1]
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
