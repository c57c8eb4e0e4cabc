"""Reading a page for the agent: a part of the HTML, or an outline of what is there and how large it is."""

from typing import Final

from tools.livepage.document import Element, Tree, element_children

LINES: Final = 200
_SILENT: Final = frozenset({"br", "wbr"})


def excerpt(html: str, offset: int, max_chars: int) -> str:
    """A piece of the HTML, with the call that continues where it stops."""
    piece = html[offset : offset + max_chars]
    left = len(html) - offset - len(piece)
    if offset == 0 and left <= 0:
        return piece
    end = offset + len(piece)
    more = f'; {left:,} more: page_get {{"offset": {end}}} with the same selector' if left > 0 else ""
    return f"{piece}\n[characters {offset:,}–{end:,} of {len(html):,}{more}]"


def outline(tree: Tree, top: Element) -> str:
    """One line an element: tag, id, classes, size, and the text where it is a leaf; bounded by leaving out the deepest.

    Runs of alike siblings are folded: the first is shown, the others are counted.
    """
    depth = 12
    lines = _lines(top, depth)
    while len(lines) > LINES and depth > 1:
        depth -= 1
        lines = _lines(top, depth)
    left = len(lines) - LINES
    if left > 0:
        lines = [*lines[:LINES], f"… {left} more lines: give a selector to look into one part."]
    return "\n".join([f"{tree.elements:,} elements", *lines])


def _lines(element: Element, depth: int, level: int = 0) -> list[str]:
    lines = ["  " * level + _line(element)]
    if depth <= 0:
        return lines
    kind, run = "", 0
    for child in element_children(element):
        if child.tag in _SILENT:
            continue
        alike = _kind(child)
        if alike == kind and not child.attr("id"):
            run += 1
            continue
        lines += _folded(run, kind, level + 1)
        kind, run = alike, 0
        lines += _lines(child, depth - 1, level + 1)
        if len(lines) > 4 * LINES:  # far beyond what is shown: the caller tries again with less depth
            break
    return lines + _folded(run, kind, level + 1)


def _folded(run: int, kind: str, level: int) -> list[str]:
    return ["  " * level + f"… {run} more {kind}"] if run else []


def _kind(element: Element) -> str:
    return element.tag + "".join("." + name for name in (element.attr("class") or "").split())


def _line(element: Element) -> str:
    id = element.attr("id")
    children = element_children(element)
    name = element.tag + (f"#{id}" if id else "") + _kind(element)[len(element.tag) :]
    text = " ".join(element.text.split()) if not children else ""
    if element.tag in ("script", "style"):
        return f"{name} ({len(text):,} characters)"
    if children:
        return f"{name} ({len(children)} inside)"
    return f'{name} "{text if len(text) <= 60 else text[:59] + "…"}"' if text else name
