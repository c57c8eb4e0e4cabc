"""Reading the shop out of what `browser_read` answers: pages are text, with `[N] role "name"` for what can be used."""

import re
from dataclasses import asdict, dataclass

from glasshouse.emulator.marks import Json

_TOKEN = re.compile(r'\[(?P<n>\d+)\] link "(?P<name>[^"]+)"|€\s?(?P<price>\d+(?:\.\d\d)?)|(?P<out>[Ss]old out)')


@dataclass(frozen=True)
class Item:
    name: str
    price: float
    soldOut: bool = False  # noqa: N815  as the agent's JavaScript calls it

    def json(self) -> Json:
        return asdict(self)


def items(text: str) -> list[Item]:
    """The things on a shelf: each link that a price follows. "Sold out" after the price belongs to it."""
    found: list[Item] = []
    name: str | None = None
    for token in _TOKEN.finditer(text):
        if token["name"]:
            name = token["name"]
        elif token["price"] and name:
            found.append(Item(name, float(token["price"])))
            name = None
        elif token["out"] and found and name is None:
            found[-1] = Item(found[-1].name, found[-1].price, soldOut=True)
    return found


def amount(text: str, label: str) -> float | None:
    """The first sum of money after a label."""
    match = re.search(rf"{label}.*?€\s?(\d+(?:\.\d\d)?)", text, re.DOTALL)
    return float(match[1]) if match else None


def grams(text: str) -> int | None:
    match = re.search(r"Weight\D*?(\d+) g", text)
    return int(match[1]) if match else None
