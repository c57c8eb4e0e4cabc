"""What a policy works with: the tools' text, and what it says of the shapes of a drawing."""

import re
from collections.abc import Awaitable, Callable
from typing import Any


class Agent:
    """The tools, as a policy uses them."""

    def __init__(self, run: Callable[..., Awaitable[str]]) -> None:
        self.do = run
        self.text = ""

    async def read(self) -> str:
        self.text = await self.do("read")
        return self.text

    def number(self, pattern: str) -> int:
        """The number of the first element whose line fits."""
        found = re.search(rf"\[(\d+)\] {pattern}", self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return int(found[1])

    def said(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in the text."""
        found = re.search(pattern, self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return found.groups()

    async def click(self, pattern: str) -> str:
        return await self.do("click", target=self.number(pattern))

    async def type(self, pattern: str, text: str) -> str:
        return await self.do("type", target=self.number(pattern), text=text)

    async def click_after(self, pattern: str) -> str:
        """Click the first element after a text."""
        found = re.search(rf"{pattern}\[(\d+)\]", self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return await self.do("click", target=int(found[1]))

    async def submit(self) -> str:
        return await self.click('button "(?i:submit|search|login|ok)"')


COLOURS = {
    "red": "#ff0000",
    "lime": "#00ff00",
    "blue": "#0000ff",
    "cyan": "#00ffff",
    "magenta": "#ff00ff",
    "yellow": "#ffff00",
    "black": "#000000",
    "white": "",
    "grey": "#808080",
    "gray": "#808080",
    "orange": "#ffa500",
    "olive": "#808000",
    "purple": "#800080",
    "pink": "#ffc0cb",
    "green": "#008000",
    "aqua": "#00ffff",
    "teal": "#008080",
    "navy": "#000080",
    "maroon": "#800000",
    "silver": "#c0c0c0",
}


SHAPE = re.compile(
    r'\[(\d+)\] (?:(circle|rect|polygon) "|text "(\w)" )(#\w+) (\d+)×(\d+) at ([\d-]+),([\d-]+)(?:, (\d) corners)?'
)


def shapes(agent: Agent) -> list[dict[str, Any]]:
    """The shapes of a drawing, as the text tells of them."""
    found = []
    for n, tag, sign, ink, _, height, x, y, corners in SHAPE.findall(agent.text):
        kind = {"circle": "circle", "rect": "rectangle", "polygon": "triangle"}.get(tag) or (
            "digit" if sign.isdigit() else "letter"
        )
        found.append(
            {
                "n": int(n),
                "kind": kind,
                "sign": sign,
                "ink": ink,
                "size": int(height),
                "x": int(x),
                "y": int(y),
                "corners": corners,
            }
        )
    return found


def fits(shape: dict[str, Any], text: str, *, large: int = 15) -> bool:
    """Whether a shape is what a text such as "a large red triangle" or "small 4s" means."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    for word in words:
        name = word.lower().removesuffix("s") if len(word) > 2 else word.removesuffix("s")
        if name in ("circle", "rectangle", "triangle", "letter", "digit"):
            if shape["kind"] != name:
                return False
        elif name in COLOURS:
            if shape["ink"] != COLOURS[name]:
                return False
        elif name in ("large", "small"):
            if (shape["size"] >= large) != (name == "large"):
                return False
        elif len(name) == 1 and name != "a" and shape["sign"] != name:
            return False
    return True
