"""Fragments, places and documents from which edits are drawn: what agents write, and what is awkward in HTML."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.conftest import Workbench
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


async def random_edit(bench: Workbench, dice: random.Random) -> int:
    """One edit somewhere; how many revisions it made (none when the place is gone, or nothing changed)."""
    place, kind = dice.choice(PLACES), dice.choice([*OPERATIONS, *OPERATIONS, "remove", "attr", "undo"])
    html = dice.choice(FRAGMENTS)
    if kind == "remove":
        result = await bench.call("page_remove", selector=f"#{place} > :nth-child({dice.randint(1, 4)})")
    elif kind == "attr":
        value = dice.choice([None, "x", 'a "b" <c>'])
        name = dice.choice(["class", "title", "data-x", "hidden", "viewBox"])
        result = await bench.call("page_set_attr", selector=f"#{place}", name=name, value=value)
    elif kind == "undo":
        result = await bench.call("page_undo")
    elif kind == "inner":
        result = await bench.call("page_set_html", selector=f"#{place}", html=html)
    else:
        result = await bench.call("page_add_block", anchor=f"#{place}", position=kind, html=html or "x")
    return int("Revision" in result.content[0].text and not result.is_error)  # type: ignore[union-attr]
