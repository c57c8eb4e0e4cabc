"""The document: an HTML tree with browser semantics. The only module that knows the parser library (turbohtml).

`Tree.parse` gives the canonical tree: what a browser gets when it parses the serialised page. The parser runs with
scripting on, as viewers' frames do, and without declarative shadow roots, so that a `<template>` stays one.
Serialising is lazy: an edit costs the fragment and finding its place, not the document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import turbohtml
from turbohtml import Element as Element
from turbohtml import Node as Node

from glasshouse.tool import ToolError
from tools.livepage.selectors import cased_attributes, translated

TABLE_PARTS: Final = frozenset({"table", "thead", "tbody", "tfoot", "tr", "colgroup"})
_INPUT_IN_TABLE: Final = ", ".join(f"{part} > input" for part in sorted(TABLE_PARTS))
LANDMARKS: Final = frozenset({"html", "head", "body"})
RAW_TEXT: Final = frozenset({"script", "style"})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class SelectorError(ToolError):
    """The selector is not valid CSS; the text says where."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an element is: the nearest ancestor-or-self with a unique id, then element-child indexes from there.

    Without an id the path starts at the root element.
    """

    id: str | None
    path: tuple[int, ...]


class Tree:
    """One document. Elements stay valid until their tree is replaced by another parse."""

    def __init__(self, document: turbohtml.Document) -> None:
        self._document = document
        self.elements = len(document.select("*"))

    @classmethod
    def parse(cls, html: str) -> "Tree":
        """The canonical tree of the HTML. Raises ToolError if HTML has no stable way to write what it says."""
        document = _parse(html)
        for _ in range(4):  # a tree that HTML cannot express settles after one or two rounds, or never
            text = document.html
            again = _parse(text)
            if again.html == text:
                return cls(_usable(again))
            document = again
        raise ToolError("No browser can write this document down and read it back the same (is there a <plaintext>?).")

    def html(self) -> str:
        """The whole document, serialised by the standard's rules."""
        return self._document.html

    @property
    def root(self) -> Element:
        """The html element."""
        root = self._document.root
        assert root is not None  # the parser always makes one
        return root

    @property
    def doctype(self) -> str:
        """The doctype as written, or nothing; it decides between standards and quirks mode."""
        return "".join(node.html for node in self._document.children if isinstance(node, turbohtml.Doctype))

    def landmark(self, tag: str) -> Element:
        """The head or the body."""
        return next(child for child in element_children(self.root) if child.tag == tag)

    def select(self, selector: str) -> list[Element]:
        """All matches in document order, as a browser's querySelectorAll gives them. Raises SelectorError."""
        try:
            found = self._matches(selector)
            if found and self._document.select_one("template"):  # the engine looks into templates, browsers do not
                return [element for element in found if not _in_template(element)]
            return found
        except ValueError as error:
            raise SelectorError(str(error)) from None

    def _matches(self, selector: str) -> list[Element]:
        names = cased_attributes(selector)
        if not names:
            return self._document.select(translated(selector))
        marked = []
        for element in self._document.select("svg, svg *, math, math *"):  # names of few elements, so a copy is cheap
            for name in names:
                if (value := element.attr(name)) is not None:
                    element.attrs[f"x-{name}"] = value
                    marked.append((element, f"x-{name}"))
        try:
            pattern = rf"\[\s*({'|'.join(names)})\b"
            return self._document.select(re.sub(pattern, r"[x-\1", translated(selector)))
        finally:
            for element, name in marked:
                del element.attrs[name]

    def by_id(self, value: str) -> list[Element]:
        """All elements with exactly this id, in templates too."""
        quoted = re.sub(r'[\x00-\x1f"\\]', lambda match: f"\\{ord(match[0]):x} ", value)
        return self._document.select(f'[id="{quoted}"]')

    def address(self, element: Element) -> Address:
        """Where the element is now."""
        path: list[int] = []
        here = element
        while True:
            name = here.attr("id")
            if name and len(self.by_id(name)) == 1:
                return Address(name, tuple(reversed(path)))
            parent = here.parent
            if not isinstance(parent, Element):
                return Address(None, tuple(reversed(path)))
            path.append(element_index(here))
            here = parent

    def at(self, address: Address) -> Element:
        """The element at an address. Raises LookupError if there is none: the tree is not the one it was made for."""
        here = self.root
        if address.id is not None:
            here = self.by_id(address.id)[0]
        for index in address.path:
            here = element_children(here)[index]
        return here

    def html_with_script(self, js: str, **data: str) -> str:
        """The whole document with a script, and data-attributes on it, first in its head; the tree stays as it is."""
        script = turbohtml.Element("script")
        for name, value in data.items():
            script.attrs[f"data-{name}"] = value
        script.append(turbohtml.Text(js))
        self.landmark("head").insert(0, script)
        try:
            return self._document.html
        finally:
            script.extract()

    def prune(self, selector: str) -> None:
        """Take all matches out, in templates too. For copies that go away: the count of elements is not kept."""
        for element in self._document.select(selector):
            element.extract()

    def attributes(self) -> Iterator[tuple[Element, str, str]]:
        """Every attribute of every element, in templates too; they may be deleted while iterating."""
        for element in self._document.select("*"):
            for name in list(element.attrs):
                yield element, name, element.attr(name) or ""

    def copy(self) -> "Tree":
        """The same document in a tree of its own."""
        return Tree(_parse(self._document.html))

    def same_as(self, other: "Tree") -> bool:
        """Whether both serialise alike."""
        return self._document.html == other._document.html


def _usable(document: turbohtml.Document) -> turbohtml.Document:
    if document.root is not None and not any(child.tag == "body" for child in element_children(document.root)):
        raise ToolError("A page of frames (<frameset>) cannot be edited here. Send a page with a <body>.")
    return document


def has_input_in_table(node: Node) -> bool:
    """Whether an input stands directly in a table's structure, where only a hidden one may; see `_parse`."""
    return isinstance(node, Element) and bool(node.select(_INPUT_IN_TABLE))


def _lift_inputs(document: turbohtml.Document) -> turbohtml.Document:
    for element in document.select(_INPUT_IN_TABLE):
        table = next((around for around in ancestors(element) if around.tag == "table"), None)
        element.extract()
        if table is not None:
            table.insert_before(element)
    return document


def _parse(html: str) -> turbohtml.Document:
    """Parse a page. Hidden inputs directly in a table are put before it.

    Browsers leave them there. The library does so only while the whole text is Latin-1, so that one character elsewhere
    would move them (test_a_hidden_input_in_a_table_does_not_depend_on_other_text): better the same place always.
    """
    document = turbohtml.parse(
        _LONE_SURROGATE.sub("\ufffd", html), scripting=True, positions=False, allow_declarative_shadow_roots=False
    )
    return _lift_inputs(document) if "<input" in html.lower() else document


def parse_raw(html: str) -> str:
    """The HTML of a document after one parse, for telling whether the text already was canonical."""
    return _parse(html).html


def set_inner(element: Element, html: str) -> Element:
    """Replace the element's content, parsed in its context; returns the element, or the one that took its place."""
    element.set_inner_html(_LONE_SURROGATE.sub("\ufffd", html))
    if element.tag != "template" or element.namespace.name != "HTML":
        return element
    # The library has now made children of what must be the template's content: let the parser make it again.
    wrapper = turbohtml.parse_fragment(f"{start_tag(element)}{element.inner_html}</template>", scripting=True)
    fresh = element_children(wrapper)[0].extract()
    element.replace_with(fresh)
    return fresh


def content(element: Element) -> list[Node]:
    """The child nodes; of a template, those of its content."""
    return [
        inner
        for child in element.children
        for inner in (child.children if isinstance(child, turbohtml.DocumentFragment) else (child,))
    ]


def insert(element: Element, where: str, html: str) -> list[Node]:
    """insertAdjacentHTML; returns the nodes that came in."""
    before = _neighbours(element, where)
    element.insert_adjacent_html(where, _LONE_SURROGATE.sub("\ufffd", html))
    return _between(element, where, before)


def start_tag(element: Element) -> str:
    """The element's start tag as the standard serialises it."""
    attributes = "".join(f' {name}="{_escape(element.attr(name) or "")}"' for name in element.attrs)
    return f"<{element.tag}{attributes}>"


def set_attribute(element: Element, name: str, value: str | None) -> Element:
    """Set or remove (None) an attribute; returns the element, or the one that had to take its place."""
    if value is None:
        if element.attr(name) is not None:
            del element.attrs[name]
        return element
    value = _LONE_SURROGATE.sub("\ufffd", value)
    if name == name.lower() or element.namespace.name == "HTML":
        element.attrs[name.lower()] = value
        return element
    return _with_cased_attribute(element, name, value)


def _with_cased_attribute(element: Element, name: str, value: str) -> Element:
    """The library lowercases names it is given, the parser knows `viewBox`: so let it parse the start tag."""
    context = "svg" if element.namespace.name == "SVG" else "math"
    others = "".join(
        f' {known}="{_escape(element.attr(known) or "")}"' for known in element.attrs if known.lower() != name.lower()
    )
    wrapper = turbohtml.parse_fragment(f'<{element.tag}{others} {name}="{_escape(value)}">', f"{context} {context}")
    fresh = element_children(wrapper)[0].extract()
    for child in list(element.children):
        fresh.append(child)
    element.replace_with(fresh)
    return fresh


def _escape(value: str) -> str:
    for raw, escaped in (("&", "&amp;"), ("\u00a0", "&nbsp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        value = value.replace(raw, escaped)
    return value


def element_children(node: Node) -> list[Element]:
    """The children that are elements."""
    return [child for child in node.children if isinstance(child, Element)]


def element_index(element: Element) -> int:
    """How many elements stand before it under the same parent."""
    return sum(isinstance(sibling, Element) for sibling in element.previous_siblings)


def ancestors(element: Element) -> Iterator[Element]:
    """The elements around it, the nearest first."""
    parent = element.parent
    while isinstance(parent, Element):
        yield parent
        parent = parent.parent


def depth_below(nodes: list[Node]) -> int:
    """How deep the deepest element under these nodes is; 1 for a flat list. Works without recursion."""
    deepest = 0
    level = [node for node in nodes if isinstance(node, Element)]
    while level:
        deepest += 1
        level = [child for element in level for child in element_children(element)]
    return deepest


def label(element: Element) -> str:
    """How an element is called in texts for people and models: `<section id="pricing" class="wide">`, shortened."""
    marks = "".join(
        f' {name}="{value if len(value) <= 40 else value[:39] + "…"}"'
        for name in ("id", "class")
        if (value := element.attr(name))
    )
    return f"<{element.tag}{marks}>"


def _in_template(element: Element) -> bool:
    here: object = element
    while isinstance(here, Element):
        here = here.parent
    return not isinstance(here, turbohtml.Document)


def _neighbours(element: Element, where: str) -> Node | None:
    if where == "beforebegin":
        return element.previous_sibling
    if where == "afterend":
        return element.next_sibling
    if not len(element):
        return None
    return element[0] if where == "afterbegin" else element[-1]


def _between(element: Element, where: str, known: Node | None) -> list[Node]:
    """The nodes between the anchor and the neighbour it had before the insertion, in document order."""
    backwards = where in ("beforebegin", "beforeend")
    outside = where in ("beforebegin", "afterend")
    here = (element.previous_sibling if backwards else element.next_sibling) if outside else _neighbours(element, where)
    nodes: list[Node] = []
    while here is not None and here != known:
        nodes.append(here)
        here = here.previous_sibling if backwards else here.next_sibling
    return nodes[::-1] if backwards else nodes
