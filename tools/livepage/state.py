"""The state of one session's page: the tree in memory, and the one way to change it.

The journal is the truth, the tree a cache of it: whatever goes wrong while editing (a limit, an interrupt, a full
disk), the tree is dropped and read again, so that an edit is in the journal, in the log and in the tree, or in none.
"""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from glasshouse.tool import Context, ToolError
from tools.livepage.changes import Change, perform
from tools.livepage.difference import difference
from tools.livepage.document import Element, Tree, ancestors, depth_below, label
from tools.livepage.journal import (
    SNAPSHOT_EVERY,
    Entry,
    Head,
    read_entries,
    read_head,
    read_tree,
    timestamp,
    to_remember,
)
from tools.livepage.limits import check_depth, check_page
from tools.livepage.stability import is_stable

VIEW: Final = Path(__file__).parent / "view"
PATCH_BYTES: Final = 48_000  # a larger patch stays in the journal; viewers get it from there, the log stays light


@cache
def scaffold() -> str:
    """The page every session starts with, canonical."""
    return Tree.parse((VIEW / "scaffold.html").read_text("utf-8")).html()


@dataclass
class Draft:
    """An edit in the making: the tree it changes, and what has been done to it."""

    tree: Tree
    chars: int
    changes: list[Change] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # labels of what was touched
    notes: list[str] = field(default_factory=list)
    settled: bool = False  # the parser moved something: the changes must be found by comparison
    touched: bool = False
    undid_to: int | None = None

    def make(self, change: Change, element: Element) -> None:
        """Make one change at an element of the tree, within the limits, and keep the tree canonical."""
        self.touched = True
        self.changed.append(label(element))
        around = 1 + sum(1 for _ in ancestors(element))
        before = _size(element, change)
        applied = perform(self.tree, change, element)
        self.changes.append(change)
        check_depth(around + depth_below(applied.nodes))
        self.chars += sum(len(node.html) for node in applied.nodes) + len(change.value or "") - before
        check_page(self.chars, self.tree.elements)
        if not is_stable(self.tree, change, applied):
            self.settle()

    def settle(self) -> None:
        """Take what a browser makes of the serialised tree, and say so."""
        self.become(Tree.parse(self.tree.html()))
        note = (
            "HTML has no way to nest it like this, so the parser moved something, as every browser would: "
            "look at the result with page_get."
        )
        if note not in self.notes:
            self.notes.append(note)

    def become(self, tree: Tree) -> None:
        """Go on with another tree."""
        self.tree, self.settled, self.touched = tree, True, True
        self.chars = len(tree.html())
        check_page(self.chars, tree.elements)
        check_depth(depth_below([tree.root]))


class LivePage:
    """One session's page. Open it with `open_page`."""

    def __init__(self, ctx: Context, head: Head) -> None:
        self.head = head
        self.lock = asyncio.Lock()  # the agent's calls come in order; the operator's controls come between them
        self._memory = ctx.memory
        self._tree: Tree | None = None
        self.chars = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tree]:
        """The document now, while nobody edits it."""
        async with self.lock:
            yield await self._current()

    async def _current(self) -> Tree:
        if self._tree is None:
            self.head = await read_head(self._memory)
            self._tree = await read_tree(self._memory, scaffold())
            self.chars = len(self._tree.html())
        return self._tree

    async def tree_at(self, revision: int) -> Tree:
        """The document at an earlier revision, in a tree of its own. Raises ToolError if it is not kept."""
        return await read_tree(self._memory, scaffold(), revision)

    async def entries(self, after: int, count: int) -> list[Entry]:
        """Revisions after a number, oldest first."""
        return await read_entries(self._memory, after, count)

    async def undo(self, ctx: Context, tool: str) -> Entry | None:
        """Bring back the document before the last edit that is not undone yet. Raises ToolError if there is none."""
        async with self.lock:
            await self._current()
            revision = self.head.rev
        while revision:
            entries = await self.entries(revision - 1, 1)
            if not entries or entries[0].undid_to is None:
                return await self.bring_back(ctx, tool, revision - 1, undid_to=revision - 1)
            revision = entries[0].undid_to
        raise ToolError("There is nothing to undo: the page is as it was at the start.")

    async def bring_back(self, ctx: Context, tool: str, revision: int, *, undid_to: int | None = None) -> Entry | None:
        """Make an earlier document the newest revision. Raises ToolError if it is not kept."""
        tree = await self.tree_at(revision)

        def steps(draft: Draft) -> str:
            draft.become(tree)
            draft.undid_to = undid_to
            draft.changed.append(f"back to revision {revision}")
            return f"brought back revision {revision}"

        return await self.edit(ctx, tool, steps)

    async def edit(
        self, ctx: Context, tool: str, steps: Callable[[Draft], str], *, if_revision: int | None = None
    ) -> Entry | None:
        """Make what `steps` does to a draft the next revision; it returns the summary. None if nothing changed."""
        async with self.lock:
            draft = Draft(await self._current(), self.chars)
            if if_revision is not None:
                await self._check_revision(if_revision)
            try:
                summary = steps(draft)
                changes = await self._changes(draft)
                return await self._commit(ctx, draft, tool, summary, changes) if changes else None
            except BaseException:
                if draft.touched:
                    self._tree = None
                raise

    async def _check_revision(self, expected: int) -> None:
        if expected == self.head.rev:
            return
        if expected > self.head.rev:
            raise ToolError(f"There is no revision {expected} yet: the page is at revision {self.head.rev}.")
        entries = await self.entries(expected, 50)
        changed = list(dict.fromkeys(name for entry in entries for name in entry.changed))
        raise ToolError(
            f"The page is at revision {self.head.rev}, you edited against {expected}. Changed since: "
            f"{', '.join(changed[:12])}. Read those parts with page_get and send the edit again."
        )

    async def _changes(self, draft: Draft) -> list[Change]:
        if not draft.settled:
            return draft.changes
        return difference(await read_tree(self._memory, scaffold()), draft.tree)

    async def _commit(self, ctx: Context, draft: Draft, tool: str, summary: str, changes: list[Change]) -> Entry:
        data = [change.to_json() for change in changes]
        rev = self.head.rev + 1
        entry = Entry(
            rev,
            timestamp(),
            ctx.author,
            tool,
            summary,
            _unique(draft.changed),
            data,
            draft.undid_to,
            ctx.call_id,
            draft.notes,
        )
        tree = draft.tree
        if rev % SNAPSHOT_EVERY == 0:  # the library keeps freed nodes until their tree is dropped
            tree = tree.copy()
            if not tree.same_as(draft.tree):
                raise ToolError(
                    "The page could not be written down as edited. Nothing was changed; edit it another way."
                )
        head, values = to_remember(self.head, entry, tree, scaffold())
        await ctx.emit("livepage.edited", remember=values, **event_data(entry, head))
        self.head, self._tree, self.chars = head, tree, draft.chars
        return entry


def event_data(entry: Entry, head: Head) -> dict[str, Any]:
    """The data of `livepage.edited`. `patch` is null when it is too large for the log."""
    patch: dict[str, Any] | None = {"rev": entry.rev, "changes": entry.changes}
    if len(json.dumps(patch, ensure_ascii=False)) > PATCH_BYTES:
        patch = None
    told = dataclasses.asdict(entry)
    del told["rev"], told["changes"], told["at"], told["notes"]
    return told | {"revision": entry.rev, "epoch": head.epoch, "patch": patch}


@asynccontextmanager
async def open_page(ctx: Context) -> AsyncIterator[LivePage]:
    """Open the session's page. Nothing to close: every edit is in the journal before it is announced."""
    yield LivePage(ctx, await read_head(ctx.memory))


def _size(element: Element, change: Change) -> int:
    if change.k == "inner":
        return len(element.inner_html)
    return len(element.html) if change.k == "remove" else 0


def _unique(labels: list[str]) -> list[str]:
    return list(dict.fromkeys(labels))[:20]
