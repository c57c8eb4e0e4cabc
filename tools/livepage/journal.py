"""The journal: how a page's revisions are kept in the session's memory, and read again.

Keys: `head` (epoch, revision, newest snapshot), `edit/00000042` (an Entry as JSON), `snapshot/00000050` (the document,
compressed). An edit and the head are written together with the event that announces it. Revision 0 is the scaffold.
"""

import json
import secrets
import zlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from glasshouse.tool import Memory, ToolError
from tools.livepage.changes import Change, apply
from tools.livepage.document import Tree

SNAPSHOT_EVERY: Final = 50
KEEP: Final = 1000  # revisions of which every single one can be restored
THIN: Final = 500  # of older ones, a snapshot at each multiple of this
_UNTOUCHED: Final = "0"  # the epoch of a page that nobody has edited yet


@dataclass(frozen=True, slots=True)
class Head:
    """Where the page is. `epoch` tells a page from another that had the same revision numbers before a reset."""

    epoch: str = _UNTOUCHED
    rev: int = 0
    snapshot: int = 0

    def __str__(self) -> str:
        return f"{self.epoch}:{self.rev}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision: who made it, by which tool, what it did in words, and its changes as JSON."""

    rev: int
    at: str
    author: str
    tool: str
    summary: str
    changed: list[str]
    changes: list[dict[str, Any]]
    undid_to: int | None = None  # set by an undo: the revision whose document it brought back
    call_id: str | None = None
    notes: list[str] = field(default_factory=list)


def timestamp() -> str:
    """The time as RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def read_head(memory: Memory) -> Head:
    """The head; an untouched page's if there is none."""
    raw = await memory.get("head")
    return Head(**json.loads(raw)) if raw else Head()


async def read_tree(memory: Memory, scaffold: str, revision: int | None = None) -> Tree:
    """The document at a revision, the newest by default. Raises ToolError for a revision that is not kept."""
    head = await read_head(memory)
    wanted = head.rev if revision is None else revision
    if not 0 <= wanted <= head.rev:
        raise ToolError(f"There is no revision {wanted}: the page is at revision {head.rev}.")
    base = wanted - wanted % SNAPSHOT_EVERY if wanted < head.rev else head.snapshot
    raw = await memory.get(_snapshot(base))
    if raw is None and base:
        raise ToolError(_thinned(wanted, head))
    tree = Tree.parse(zlib.decompress(raw).decode() if raw else scaffold)
    entries = await read_entries(memory, base, wanted - base)
    if [entry.rev for entry in entries] != list(range(base + 1, wanted + 1)):
        raise ToolError(_thinned(wanted, head))
    for entry in entries:
        for change in entry.changes:
            tree = apply(tree, Change.from_json(change))
    return tree


async def read_entries(memory: Memory, after: int, count: int) -> list[Entry]:
    """Up to `count` revisions after a number, oldest first."""
    if count <= 0:
        return []
    rows = await memory.scan("edit/", after=_edit(after), limit=count)
    return [Entry(**json.loads(raw)) for _, raw in rows]


def to_remember(head: Head, entry: Entry, tree: Tree, scaffold: str) -> tuple[Head, dict[str, bytes | None]]:
    """The head after an entry, and what the memory must keep for it. `tree` is the document after it."""
    values: dict[str, bytes | None] = {}
    epoch, snapshot = head.epoch, head.snapshot
    if head.rev == 0 and epoch == _UNTOUCHED:
        epoch = secrets.token_hex(3)
        values[_snapshot(0)] = zlib.compress(scaffold.encode(), 1)  # the scaffold of a later version may differ
    if entry.rev % SNAPSHOT_EVERY == 0:
        snapshot = entry.rev
        values[_snapshot(snapshot)] = zlib.compress(tree.html().encode(), 1)
        values |= _thinning(entry.rev)
    after = Head(epoch, entry.rev, snapshot)
    values[_edit(entry.rev)] = to_json(asdict(entry))
    values["head"] = to_json(asdict(after))
    return after, values


def _thinning(rev: int) -> dict[str, bytes | None]:
    """At a snapshot: drop the oldest fifty edits beyond those kept, and their snapshot unless it is a milestone."""
    last = rev - KEEP
    if last < SNAPSHOT_EVERY:
        return {}
    gone: dict[str, bytes | None] = {_edit(number): None for number in range(last - SNAPSHOT_EVERY + 1, last + 1)}
    if (old := last - SNAPSHOT_EVERY) % THIN:
        gone[_snapshot(old)] = None
    return gone


def _thinned(wanted: int, head: Head) -> str:
    return (
        f"Revision {wanted} is no longer kept: the last {KEEP} are, from {max(0, head.rev - KEEP)} on, "
        f"and each {THIN}th before them."
    )


def _edit(number: int) -> str:
    return f"edit/{number:08}"


def _snapshot(number: int) -> str:
    return f"snapshot/{number:08}"


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
