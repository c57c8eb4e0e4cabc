"""The page for people: read from the session's memory alone, so that watching never wakes a session."""

from functools import cache
from typing import Any

from glasshouse.tool import Document, Event, Memory, Page, Patch, ToolError
from tools.livepage.export import without_scripts
from tools.livepage.journal import Entry, Head, read_entries, read_head, read_tree
from tools.livepage.state import VIEW, scaffold

RESUMABLE = 200  # revisions a viewer may be behind and still get them one by one
_DIGITS = 12  # of a revision's number; no page has so many


async def document(memory: Memory, revision: str | None) -> Document:
    """A revision (None: the newest) as the frame loads it: with the bridge as the first thing in its head."""
    head = await read_head(memory)
    rev = head.rev if revision is None else _kept(head, revision)
    tree = await read_tree(memory, scaffold(), rev)
    shown = revision or str(head)
    return Document(tree.html_with_script(bridge(), revision=shown), shown)


def _kept(head: Head, revision: str) -> int:
    """The number in `epoch:rev`. Raises ToolError unless the page still has that epoch, or was not edited then."""
    if revision == str(Head()):
        return 0
    epoch, _, text = revision.partition(":")
    if epoch != head.epoch or not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        raise ToolError("The page was reset since then; what it was before is not kept.")
    return int(text)


def patch(event: Event) -> Patch | None:
    """The patch an event carries; None for other events. `data` is None when the patch was too large for the log."""
    if event.type == "livepage.reset":
        return Patch("reload", {"rev": 0}, str(Head()))
    if event.type != "livepage.edited":
        return None
    data = event.data["patch"]
    return Patch(_name(data), data, f"{event.data['epoch']}:{event.data['revision']}")


async def since(memory: Memory, revision: str) -> list[Patch]:
    """What a viewer who shows `revision` (`epoch:rev`) is missing: patches, or one snapshot if that is too long ago."""
    head = await read_head(memory)
    epoch, _, text = revision.partition(":")
    rev = int(text) if text.isdecimal() else -1
    known = epoch == head.epoch or revision == str(Head())
    if known and 0 <= head.rev - rev <= RESUMABLE:
        entries = await read_entries(memory, rev, head.rev - rev)
        if [entry.rev for entry in entries] == list(range(rev + 1, head.rev + 1)):
            return [_patch(head, entry) for entry in entries]
    tree = await read_tree(memory, scaffold())
    return [Patch("snapshot", {"rev": head.rev, "html": tree.html()}, str(head))]


async def export(memory: Memory, safe: bool) -> str:
    """The document to download; `safe` means without scripts."""
    tree = await read_tree(memory, scaffold())
    return without_scripts(tree) if safe else tree.html()


def _patch(head: Head, entry: Entry) -> Patch:
    data: dict[str, Any] = {"rev": entry.rev, "changes": entry.changes}
    return Patch(_name(data), data, f"{head.epoch}:{entry.rev}")


def _name(data: dict[str, Any] | None) -> str:
    """A changed script needs a fresh frame; a whole document is a snapshot; all else is a patch."""
    changes = data["changes"] if data else []
    if any(change.get("tag") == "script" and change["k"] != "insert" for change in changes):
        return "reload"
    return "snapshot" if any(change["k"] == "document" for change in changes) else "patch"


@cache
def bridge() -> str:
    """The script that applies patches inside the frame: one scope, so that the page's own scripts do not meet it."""
    names = ("address", "scripts", "keep", "morph", "apply", "glow", "point")
    parts = [VIEW / "vendor" / "idiomorph.js", *(VIEW / "frame" / f"{name}.js" for name in names), VIEW / "bridge.js"]
    code = "\n".join(part.read_text("utf-8") for part in parts)
    return f"(() => {{\n{code}\n}})()"


page = Page(document, patch, since, export)
