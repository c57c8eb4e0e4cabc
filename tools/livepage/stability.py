"""Stability: can HTML express the tree an edit made?

`innerHTML` can build trees that no text parses to (a div in a paragraph, a link in a link). People watching would see
one page and people who come later another. The check parses only what came in, inside the start tags of its
ancestors: if that text comes back as written, so will the whole page. tests/livepage compares it with full parses.
"""

from typing import Final

from tools.livepage.changes import Applied, Change
from tools.livepage.document import (
    LANDMARKS,
    TABLE_PARTS,
    Element,
    Tree,
    ancestors,
    has_input_in_table,
    parse_raw,
    start_tag,
)

_TELLING: Final = frozenset({"type", "encoding", "color", "face", "size"})  # attributes by which a parser decides
_ATTRIBUTES_MATTER: Final = frozenset({"input", "annotation-xml", "font"})
_EATS_NEWLINE: Final = frozenset({"pre", "textarea", "listing"})  # the first newline of their content is dropped


def is_stable(tree: Tree, change: Change, applied: Applied) -> bool:
    """Whether the tree, correct before the change, would survive being written and parsed."""
    element = applied.element
    if change.k == "remove":
        return True
    if change.k == "attr":
        if element.namespace.name == "HTML" and element.tag not in _ATTRIBUTES_MATTER:
            return True
        return _survives(tree, list(ancestors(element)), element.html)
    if change.k == "insert" and change.where in ("beforebegin", "afterend"):
        around = list(ancestors(element))
    else:
        around = [element, *ancestors(element)]
    if "<input" in change.html.lower() and _puts_input_in_table(around[0], applied):
        return False
    if around[0].tag in _EATS_NEWLINE:
        return _survives(tree, around[1:], around[0].html)
    if around[0].tag in LANDMARKS and change.k == "inner":
        html = tree.html()
        return parse_raw(html) == html
    return _survives(tree, around, "".join(node.html for node in applied.nodes))


def _puts_input_in_table(parent: Element, applied: Applied) -> bool:
    inputs = (isinstance(node, Element) and node.tag == "input" for node in applied.nodes)
    return (parent.tag in TABLE_PARTS and any(inputs)) or any(map(has_input_in_table, applied.nodes))


def _survives(tree: Tree, around: list[Element], html: str) -> bool:
    """Parse the piece inside its ancestors' start tags (innermost first) and compare it with what was written."""
    opening = "".join(_opening(element) for element in reversed(around))
    closing = "".join(f"</{element.tag}>" for element in around)
    outer = [element.tag for element in around][-2:]
    if outer == ["head", "html"]:
        closing = closing.removesuffix("</html>") + "<body></body></html>"
    text = tree.doctype + opening + html + closing
    return parse_raw(text) == text


def _opening(element: Element) -> str:
    if element.tag == "body":
        return "<head></head><body>"
    if not element.attrs or not any(name in _TELLING for name in element.attrs):
        return f"<{element.tag}>"
    return start_tag(element)
