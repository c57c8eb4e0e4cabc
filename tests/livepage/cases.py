"""Fragments, places and documents from which edits are drawn: what agents write, and what is awkward in HTML."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tools.livepage.edits import Position
from tools.livepage.steps import AddBlock, SetHtml, Step

HERE = Path(__file__).parent
DOCUMENT = (HERE / "document.html").read_text().strip()
FRAGMENTS: list[str] = json.loads((HERE / "fragments.json").read_text())
SELECTORS: list[str] = json.loads((HERE / "selectors.json").read_text())
PLACES = [
    "p", "b", "i", "a", "ul", "li1", "li2", "table", "cap", "thead", "tbody", "tr", "td", "select", "opt", "og", "form",
    "button", "label", "svg", "g", "circle", "fo", "math", "mi", "tpl", "details", "summary", "pre", "dl", "dt", "div",
    "section", "span", "object", "h2", "content", "hero", "footer",
]  # fmt: skip
OPERATIONS = ["inner", "before", "after", "append", "prepend"]


@dataclass(frozen=True)
class Case:
    """An edit of DOCUMENT."""

    place: str
    operation: str
    html: str

    def step(self) -> Step:
        """The edit as a tool's input."""
        selector = f"#{self.place}"
        if self.operation == "inner":
            return SetHtml(selector=selector, html=self.html)
        return AddBlock(anchor=selector, position=cast(Position, self.operation), html=self.html)


def edit_cases(count: int, seed: int = 1) -> list[Case]:
    """That many different edits, drawn from all there are."""
    every = [Case(p, o, f) for p in PLACES for o in OPERATIONS for f in FRAGMENTS if o == "inner" or f]
    return random.Random(seed).sample(every, count)
