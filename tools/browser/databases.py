"""The IndexedDB of a session's origins: read when Chromium reports a change, and only what has changed.

Chromium reports from outside of the page, so a page that does not write costs nothing, and none can hide what it wrote.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from tools.browser.tab import Tab

MOST = 4_000_000  # characters of one origin's databases as JSON; a store that is too much for that is not kept

Databases = list[dict[str, Any]]  # in the form of Playwright's storage state


@cache
def reader() -> str:
    """The JavaScript that reads."""
    return (files("tools.browser") / "databases.js").read_text(encoding="utf-8").partition("\nasync ")[2]


def origin_of(url: str) -> str:
    """The origin of an http or https address, else nothing."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


class Watch:
    """Which databases have changed since they were read. `kept` is what is kept of them, by origin."""

    def __init__(self, kept: dict[str, Databases]) -> None:
        self.kept = kept
        self.changed: dict[str, set[str] | None] = {}  # origin → stores as JSON [database, store]; None: all
        self._sums: dict[str, dict[str, str]] = {}

    def begin(self, tab: Tab) -> None:
        """Hear what is reported for a tab."""
        tab.cdp.on("Storage.indexedDBListUpdated", lambda event: self._on_list(event["origin"]))
        tab.cdp.on("Storage.indexedDBContentUpdated", self._on_content)

    async def look(self, tab: Tab) -> None:
        """Read what has changed of the databases of the page's origin."""
        origin = origin_of(tab.page.url)
        if origin and origin not in tab.tracked:
            tab.tracked.add(origin)
            self.changed[origin] = None
            await tab.cdp.send("Storage.trackIndexedDBForOrigin", {"origin": origin})
        if origin not in self.changed:
            return
        only = self.changed.pop(origin)
        known = self._sums.get(origin, {})
        given = {"only": None if only is None else sorted(only), "known": known, "most": MOST}
        try:
            found = await tab.alone(f"async {reader()}", given)
        except BaseException:
            self.changed[origin] = None  # next time, then
            raise
        self.take(origin, found)

    def take(self, origin: str, found: list[dict[str, Any]]) -> None:
        """Take in what was read: unchanged stores come as a sum alone."""
        before = {
            json.dumps([one["name"], store["name"]]): store
            for one in self.kept.get(origin, [])
            for store in one["stores"]
        }
        kept, sums = [], {}
        for database in found:
            stores = []
            for store in database["stores"]:
                name = json.dumps([database["name"], store["about"]["name"]])
                records: list[Any] = json.loads(store["records"]) if store.get("records") else []
                if "records" not in store and not store.get("large") and name in before:
                    records = before[name]["records"]
                stores.append({**store["about"], "records": records})
                sums[store["id"]] = store["sum"]
            kept.append({"name": database["name"], "version": database["version"], "stores": stores})
        self._sums[origin] = sums
        self.kept.pop(origin, None)
        if kept:
            self.kept[origin] = kept

    def _on_list(self, origin: str) -> None:
        self.changed.setdefault(origin.rstrip("/"), set())

    def _on_content(self, event: dict[str, Any]) -> None:
        stores = self.changed.setdefault(event["origin"].rstrip("/"), set())
        if stores is not None:
            name = [event["databaseName"], event["objectStoreName"]]
            stores.add(json.dumps(name, separators=(",", ":"), ensure_ascii=False))
