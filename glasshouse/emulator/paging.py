"""Cursors: a window over ordered rows that stays right while rows are added."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from glasshouse.emulator.problem import bad

T = TypeVar("T")
Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class Cursor:
    order: Order
    key: int
    back: bool = False

    def text(self) -> str:
        raw = json.dumps([self.order, self.key, self.back]).encode()
        return "page_" + base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        raw = text.removeprefix("page_")
        try:
            order, key, back = json.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
            return cls("desc" if order == "desc" else "asc", int(key), bool(back))
        except (ValueError, TypeError) as error:
            raise bad("page: not a cursor of this list") from error


@dataclass(frozen=True)
class Page(Generic[T]):
    data: list[T]
    next_page: str | None
    prev_page: str | None


def cut(rows: Sequence[tuple[int, T]], *, order: Order, limit: int, page: str | None) -> Page[T]:
    """One page of `rows`, given as (unique number, row) in rising order. A cursor of the other order is refused."""
    ordered = list(rows) if order == "asc" else list(reversed(rows))
    cursor = Cursor.read(page) if page else None
    if cursor and cursor.order != order:
        raise bad(f"page: this cursor belongs to order={cursor.order}")
    start, stop = _window([number for number, _ in ordered], cursor, limit)
    window = ordered[start:stop]
    more, before = stop < len(ordered), start > 0
    return Page(
        [row for _, row in window],
        Cursor(order, window[-1][0]).text() if window and more else None,
        Cursor(order, window[0][0], back=True).text() if window and before else None,
    )


def _window(numbers: list[int], cursor: Cursor | None, limit: int) -> tuple[int, int]:
    if cursor is None:
        return 0, min(limit, len(numbers))
    rising = cursor.order == "asc"
    if cursor.back:
        stop = sum(1 for n in numbers if (n < cursor.key if rising else n > cursor.key))
        return max(0, stop - limit), stop
    start = sum(1 for n in numbers if (n <= cursor.key if rising else n >= cursor.key))
    return start, min(start + limit, len(numbers))
