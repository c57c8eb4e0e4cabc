"""Changes: the few primitive steps into which every edit is resolved, addressed by the server.

The same list of changes is stored, replayed after a restart and sent to viewers; nothing is resolved twice.
As JSON: `{"k": kind, "at": {"id", "path"}, "tag", …}` with the fields of its kind, empty ones left out.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from tools.livepage.document import Address, Element, Node, Tree, content, insert, set_attribute, set_inner

Kind = Literal["inner", "insert", "remove", "attr", "document"]
WHERE: Final = ("beforebegin", "afterbegin", "beforeend", "afterend")


@dataclass(frozen=True, slots=True)
class Change:
    """One step. `tag` is what must be found at the address: a viewer that finds another element asks for everything."""

    k: Kind
    at: Address | None = None  # None for a whole document
    tag: str = ""
    html: str = ""
    where: str = ""  # of an insertion: as in insertAdjacentHTML
    name: str = ""  # of an attribute
    value: str | None = None  # of an attribute; None removes it

    def to_json(self) -> dict[str, Any]:
        """As viewers get it and the journal keeps it."""
        data: dict[str, Any] = {"k": self.k}
        if self.at is not None:
            at: dict[str, Any] = {"id": self.at.id} if self.at.id is not None else {}
            data["at"] = at | ({"path": list(self.at.path)} if self.at.path else {})
            data["tag"] = self.tag
        if self.k in ("inner", "insert", "document"):
            data["html"] = self.html
        if self.k == "insert":
            data["where"] = self.where
        if self.k == "attr":
            data |= {"name": self.name, "value": self.value}
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Change":
        """The inverse of `to_json`."""
        at = data.get("at")
        address = None if at is None else Address(at.get("id"), tuple(at.get("path", ())))
        rest = {key: data[key] for key in ("tag", "html", "where", "name", "value") if key in data}
        return cls(data["k"], address, **rest)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change did to the tree: the element it was made at, and the nodes that came in."""

    element: Element
    nodes: list[Node]


def apply(tree: Tree, change: Change) -> Tree:
    """Make the change; gives another tree if the whole document changed. LookupError if it does not fit."""
    if change.k == "document" or change.at is None:
        return Tree.parse(change.html)
    element = tree.at(change.at)
    if element.tag != change.tag:
        raise LookupError(f"{change.at} is a <{element.tag}>, not a <{change.tag}>")
    perform(tree, change, element)
    return tree


def perform(tree: Tree, change: Change, element: Element) -> Applied:
    """Make the change at an element found already, and keep the count of elements."""
    if change.k == "remove":
        tree.elements -= len(element.select("*")) + 1
        element.extract()
        return Applied(element, [])
    if change.k == "attr":
        return Applied(set_attribute(element, change.name, change.value), [])
    if change.k == "insert":
        nodes = insert(element, change.where, change.html)
        tree.elements += sum(len(node.select("*")) + 1 for node in nodes if isinstance(node, Element))
        return Applied(element, nodes)
    tree.elements -= len(element.select("*"))
    element = set_inner(element, change.html)
    tree.elements += len(element.select("*"))
    return Applied(element, content(element))
