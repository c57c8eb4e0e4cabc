"""Edits: what each editing tool does to a draft. Finding the element, checking the input, making the change.

Every function returns a short clause for the result ("set the content of <main id="content">"). Nothing is stored here.
"""

import re
from typing import Final, Literal

from glasshouse.tool import ToolError
from tools.livepage import limits
from tools.livepage.changes import Change
from tools.livepage.document import LANDMARKS, Element, SelectorError, Tree, label
from tools.livepage.nearest import bad_selector, no_match
from tools.livepage.state import Draft

Position = Literal["before", "after", "append", "prepend"]
_WHERE: Final = {"before": "beforebegin", "after": "afterend", "append": "beforeend", "prepend": "afterbegin"}
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_NAME: Final = re.compile(r"[^\s\"'<>/=\x00-\x1f\x7f]{1,100}")
_ID: Final = re.compile(r"[^\s\"'<>]{1,100}")


def find(tree: Tree, selector: str, revision: int) -> tuple[Element, str]:
    """The first match, and a note if there are more. Raises ToolError with what comes nearest."""
    limits.check_selector(selector)
    try:
        found = tree.select(selector)
    except SelectorError as error:
        raise ToolError(bad_selector(selector, str(error))) from None
    if not found:
        raise ToolError(no_match(tree, selector, revision))
    return found[0], f" (the first of {len(found)} matches)" if len(found) > 1 else ""


def set_html(draft: Draft, revision: int, selector: str, html: str) -> str:
    """innerHTML of the first match."""
    limits.check_fragment(html)
    element, note = find(draft.tree, selector, revision)
    _check_can_hold(element)
    _check_raw_text(element, html)
    if element.tag == "html":
        _set_root(draft, element, html)
    else:
        draft.make(Change("inner", draft.tree.address(element), element.tag, html=html), element)
    return f"set the content of {label(element)}{note}"


def add_block(draft: Draft, revision: int, anchor: str, position: Position, html: str) -> str:
    """insertAdjacentHTML at the first match."""
    limits.check_fragment(html)
    if not html:
        raise ToolError("html is empty: there is nothing to add.")
    element, note = find(draft.tree, anchor, revision)
    where = _WHERE[position]
    if position in ("before", "after"):
        _check_has_siblings(element, position)
    else:
        _check_can_hold(element)
        _check_raw_text(element, html)
    if element.tag in ("html", "template") and position in ("append", "prepend"):
        _insert_as_content(draft, element, where, html)
    else:
        draft.make(Change("insert", draft.tree.address(element), element.tag, html=html, where=where), element)
    preposition = {"append": "at the end of", "prepend": "at the start of"}.get(position, position)
    return f"added a block {preposition} {label(element)}{note}"


def remove(draft: Draft, revision: int, selector: str) -> str:
    """Take the first match out, with all that is in it."""
    element, note = find(draft.tree, selector, revision)
    if element.tag in LANDMARKS and element.namespace.name == "HTML":
        raise ToolError(f"<{element.tag}> cannot be removed. Empty it with page_set_html, or use page_replace.")
    name = label(element)
    draft.make(Change("remove", draft.tree.address(element), element.tag), element)
    return f"removed {name}{note}"


def set_attr(draft: Draft, revision: int, selector: str, name: str, value: str | None) -> str:
    """One attribute of the first match; None removes it."""
    if not _NAME.fullmatch(name):
        raise ToolError(f"{name!r} cannot be an attribute's name: no spaces, quotes or any of < > / = are allowed.")
    limits.check_attribute(value or "")
    element, note = find(draft.tree, selector, revision)
    if element.namespace.name == "HTML":
        name = name.lower()
    if element.tag == "template" and name.startswith("shadowroot"):
        raise ToolError("Declarative shadow roots are not supported on a live page. Use plain elements and classes.")
    if element.attr(name) == value:
        return f"{label(element)} has this {name} already{note}"
    draft.make(Change("attr", draft.tree.address(element), element.tag, name=name, value=value), element)
    return f"{'removed' if value is None else 'set'} {name} of {label(element)}{note}"


def set_style(draft: Draft, css: str, id: str | None) -> str:
    """Append a style block to the head, or replace the one with this id."""
    limits.check_fragment(css, what="css")
    if re.search(r"</style", css, re.IGNORECASE):
        raise ToolError("css contains </style, which would end the block. Send only CSS, without tags.")
    return _set_block(draft, "style", css, id, draft.tree.landmark("head"))


def set_script(draft: Draft, js: str, id: str) -> str:
    """Put a script at the end of the body, or replace the one with this id."""
    limits.check_fragment(js, what="js")
    if re.search(r"</script", js, re.IGNORECASE):
        raise ToolError(r"js contains </script, which would end the block. In a string write <\/script.")
    if re.search(r"<!--", js) and re.search(r"<script", js, re.IGNORECASE):
        raise ToolError(
            r"js contains <!-- and <script, which HTML cannot hold together. In strings write <\!-- and <\script."
        )
    return _set_block(draft, "script", js, id, draft.tree.landmark("body"))


def replace(draft: Draft, html: str) -> str:
    """The whole document, parsed as a browser parses a page."""
    if len(html) > limits.PAGE_CHARS:
        limits.check_page(len(html), 0)
    draft.become(Tree.parse(html))
    draft.changed.append("the whole page")
    return "replaced the whole page"


def _set_block(draft: Draft, tag: str, text: str, id: str | None, home: Element) -> str:
    if id is not None and not _ID.fullmatch(id):
        raise ToolError(f"{id!r} cannot be an id here: use letters, digits, - and _.")
    known = draft.tree.by_id(id) if id is not None else []
    if known and known[0].tag != tag:
        raise ToolError(f"#{id} is {label(known[0])}, not a <{tag}>. Choose another id.")
    mark = f' id="{id.replace("&", "&amp;")}"' if id is not None else ""
    if known:
        draft.make(Change("inner", draft.tree.address(known[0]), tag, html=text), known[0])
        return f"replaced <{tag}{mark}>"
    html = f"<{tag}{mark}>{text}</{tag}>"
    draft.make(Change("insert", draft.tree.address(home), home.tag, html=html, where="beforeend"), home)
    return f"added <{tag}{mark}> to the {home.tag}"


def _set_root(draft: Draft, element: Element, html: str) -> None:
    attributes = element.html[: element.html.index("<head")]
    draft.become(Tree.parse(f"{draft.tree.doctype}{attributes}{html}"))
    draft.changed.append("<html>")


def _insert_as_content(draft: Draft, element: Element, where: str, html: str) -> None:
    """In a template a browser would add children that nobody sees, beside html a second body: the content is meant."""
    if element.tag == "html":
        element = draft.tree.landmark("body")
        draft.make(Change("insert", draft.tree.address(element), element.tag, html=html, where=where), element)
        return
    content = html + element.inner_html if where == "afterbegin" else element.inner_html + html
    draft.make(Change("inner", draft.tree.address(element), element.tag, html=content), element)


def _check_can_hold(element: Element) -> None:
    if element.tag in _VOID and element.namespace.name == "HTML":
        raise ToolError(f"<{element.tag}> cannot have content. Use position before or after, or page_set_attr.")


def _check_has_siblings(element: Element, position: str) -> None:
    if element.tag in LANDMARKS and element.namespace.name == "HTML":
        raise ToolError(f"Nothing can stand {position} <{element.tag}>. Use position append or prepend.")


def _check_raw_text(element: Element, html: str) -> None:
    if element.tag in ("script", "style") and re.search(rf"</{element.tag}", html, re.IGNORECASE):
        tool = f"page_set_{element.tag}"
        raise ToolError(f"The text contains </{element.tag}, which would end the element. Use {tool} without tags.")
