"""The difference of two canonical trees as changes, as small and as local as is cheap to find.

Undo, restore, replacing the page and making an edit stable all end here, so that viewers get what differs and keep
their place. The walk goes down while the differing children pair up; where they do not, the content is set anew.
"""

from collections.abc import Iterator

from tools.livepage.changes import Change, apply
from tools.livepage.document import RAW_TEXT, Element, Node, Tree, element_children

_MOST_PAIRS = 16  # more differing children than this are cheaper to send as one piece


class _UnaddressableError(Exception):
    """The difference lies outside what the changes can say (the doctype, comments beside the root)."""


def difference(before: Tree, after: Tree) -> list[Change]:
    """Changes that turn `before` into `after`. `before` is used up."""
    whole = [Change("document", html=after.html())]
    if before.doctype != after.doctype:
        return whole
    changes: list[Change] = []
    before.root.normalize()
    try:
        for change in _walk(before, before.root, after.root):
            changes.append(change)
            apply(before, change)
    except (_UnaddressableError, LookupError):
        return whole
    return changes if before.same_as(after) else whole


def _walk(tree: Tree, old: Element, new: Element) -> Iterator[Change]:
    """Changes under one pair of elements, from the last to the first child so that earlier addresses stay true."""
    olds, news = _middle(old, new)
    if not olds and not news:
        yield from _attributes(tree, old, new)
        return
    whole = old.tag == "template" or old.tag in RAW_TEXT  # their content is no place for addresses
    if not whole and len(olds) == len(news) <= _MOST_PAIRS and all(map(_alike, olds, news)):
        for before, after in reversed(list(zip(olds, news, strict=True))):
            assert isinstance(before, Element)
            assert isinstance(after, Element)
            yield from _walk(tree, before, after)
    elif old.tag == "html":
        raise _UnaddressableError
    elif not whole and not news and all(isinstance(node, Element) for node in olds):
        for node in reversed(olds):
            assert isinstance(node, Element)
            yield Change("remove", tree.address(node), node.tag)
    elif not whole and not olds:
        yield _insertion(tree, old, new, news)
    else:
        yield Change("inner", tree.address(old), old.tag, html=new.inner_html)
    yield from _attributes(tree, old, new)


def _insertion(tree: Tree, old: Element, new: Element, news: list[Node]) -> Change:
    """New nodes where none were: beside an element if one stands next to them, else the content anew."""
    html = "".join(node.html for node in news)
    if news[-1].next_sibling is None:
        return Change("insert", tree.address(old), old.tag, html=html, where="beforeend")
    if news[0].previous_sibling is None:
        return Change("insert", tree.address(old), old.tag, html=html, where="afterbegin")
    if isinstance(neighbour := news[0].previous_sibling, Element):
        index = element_children(new).index(neighbour)
        anchor = element_children(old)[index]
        return Change("insert", tree.address(anchor), anchor.tag, html=html, where="afterend")
    return Change("inner", tree.address(old), old.tag, html=new.inner_html)


def _attributes(tree: Tree, old: Element, new: Element) -> Iterator[Change]:
    wanted = {name: new.attr(name) for name in new.attrs}
    for name in [name for name in old.attrs if name not in wanted]:
        yield Change("attr", tree.address(old), old.tag, name=name, value=None)
    for name, value in wanted.items():
        if old.attr(name) != value:
            yield Change("attr", tree.address(old), old.tag, name=name, value=value)


def _middle(old: Element, new: Element) -> tuple[list[Node], list[Node]]:
    """The children without those that are equal at the start and at the end."""
    olds, news = list(old.children), list(new.children)
    start = 0
    while start < min(len(olds), len(news)) and olds[start].equals(news[start]):
        start += 1
    end = 0
    while end < min(len(olds), len(news)) - start and olds[-1 - end].equals(news[-1 - end]):
        end += 1
    return olds[start : len(olds) - end], news[start : len(news) - end]


def _alike(old: Node, new: Node) -> bool:
    return (
        isinstance(old, Element) and isinstance(new, Element) and old.tag == new.tag and old.namespace is new.namespace
    )
