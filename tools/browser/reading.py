"""A page as text: the lines of its frames put together, cut to what was asked for."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import ToolError
from tools.browser.sight import Eye, UnresponsiveError
from tools.browser.tab import Tab

FRAME_LINE = re.compile("^\x03(\\d+)\x04$")
FRAMES = 30  # frames read in one pass; pages with more are mostly advertisements
DEPTH = 5
LINE_MAX = 4000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: its address, its title, and which part of it is in view (px)."""

    url: str
    title: str
    y: int
    height: int
    full: int

    @property
    def line(self) -> str:
        """The first line of a reading."""
        bottom = min(self.y + self.height, max(self.full, self.height))
        view = f"  viewport {self.y}–{bottom} of {self.full} px" if self.full > self.height + 1 else ""
        return f"{cut(self.url, 500)}  {json.dumps(cut(self.title, 200), ensure_ascii=False)}{view}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Lines of a page from its beginning (or the matches of a query), and whether there is more after them."""

    lines: Sequence[str]
    more: bool
    portion: int  # percent of the page that was walked
    place: Place


def cut(text: str, most: int) -> str:
    """At most `most` characters, the loss marked."""
    return text if len(text) <= most else text[: most - 1] + "…"


async def read_tab(
    tab: Tab, *, limit: int, query: str | None = None, scope: str | int | None = None, deed: str = "read"
) -> Reading:
    """Read the tab's page, frames in place, up to `limit` characters. Raises ToolError for a missing scope."""
    frame = tab.page.main_frame
    if isinstance(scope, int):
        frame = tab.eye_of(scope).frame
    found, eye = await tab.look(frame, deed, limit=limit, query=query, scope=scope, refresh=True)
    if found.get("missing"):
        raise ToolError(
            f"Nothing on the page matches the scope {scope!r}. Leave it out, or take an [N] of the last read."
        )
    budget = Budget(limit, FRAMES)
    lines = await _with_frames(tab, eye, found["lines"], budget, query, 0)
    place = Place(found["url"], found["title"], found["y"], found["height"], found["full"])
    return Reading(lines, found["more"] or budget.spent, found["shown"], place)


@dataclass
class Budget:
    """What is left of the characters and frames of one reading."""

    characters: int
    frames: int

    @property
    def spent(self) -> bool:
        return self.characters <= 0

    def take(self, line: str) -> None:
        self.characters -= len(line) + 1


async def _with_frames(
    tab: Tab, eye: Eye, lines: list[str], budget: Budget, query: str | None, depth: int
) -> list[str]:
    out: list[str] = []
    for line in lines:
        if budget.spent:
            break
        mark = FRAME_LINE.match(line)
        if mark is None:
            budget.take(line)
            out.append(cut(line, LINE_MAX))
        elif depth < DEPTH and budget.frames > 0:
            budget.frames -= 1
            out.extend(await _frame_lines(tab, eye, int(mark[1]), budget, query, depth))
    return out


async def _frame_lines(tab: Tab, eye: Eye, key: int, budget: Budget, query: str | None, depth: int) -> list[str]:
    try:
        frame = await eye.child(key)
        if frame is None:
            return []
        found, inner = await tab.look(frame, "read", limit=budget.characters, query=query, scope=None)
        lines = await _with_frames(tab, inner, found["lines"], budget, query, depth + 1)
    except (PlaywrightError, UnresponsiveError):
        return ["frame: (it could not be read)"]
    if not lines:
        return []
    name = found["title"] or urlsplit(found["url"]).netloc
    title = f"frame {json.dumps(cut(name, 80), ensure_ascii=False)}:" if name else "frame:"
    budget.take(title)
    return [title, *lines]


def page_text(reading: Reading, *, offset: int, most: int, note: str = "") -> str:
    """The reading as the agent gets it: header, the lines from `offset` on, and how to go on."""
    body = "\n".join(reading.lines)
    if offset and offset >= len(body):
        return f"{reading.place.line}\nThe page ends at {len(body):,} characters: nothing is left at offset {offset}."
    end = offset + most
    piece = body[offset:end]
    if len(body) > end and "\n" in piece:
        piece = piece[: piece.rindex("\n")]
    after = offset + len(piece) + 1
    parts = [reading.place.line, *([note] if note else []), piece or "(nothing to read)"]
    if len(body) > after or reading.more:
        parts.append(rest(reading, after, len(body) - after))
    return "\n".join(parts)


def rest(reading: Reading, offset: int, left: int) -> str:
    """The last line of a reading that is not all."""
    how = f'browser_read {{"offset": {offset}}}, or search with {{"query": "…"}}'
    if reading.more:
        return f"… more follows (this is about {reading.portion} % of the page): {how}"
    return f"… {left:,} more characters: {how}"


def matches_text(reading: Reading, query: str, *, offset: int, most: int) -> str:
    """The matches of a query as the agent gets them."""
    if not reading.lines:
        return f"{reading.place.line}\nNothing on the page contains {json.dumps(query, ensure_ascii=False)}."
    body = "\n".join(reading.lines)
    piece = body[offset : offset + most]
    if len(body) > offset + most and "\n" in piece:
        piece = piece[: piece.rindex("\n")]
    after = offset + len(piece) + 1
    asked = json.dumps(query, ensure_ascii=False)
    tail = f'\n… {len(body) - after:,} more characters of matches: browser_read {{"query": {asked}, "offset": {after}}}'
    return f"{reading.place.line}\nLines with {asked} and their neighbours:\n{piece}" + (
        tail if len(body) > after else ""
    )
