"""A page as text: the lines of its frames put together, cut to what was asked for."""

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import ToolError
from tools.browser.eye import EYE_S, INNER_S, Eye, UnresponsiveError
from tools.browser.inserted import Budget, inserted
from tools.browser.media import media_line
from tools.browser.paper.reading import KIND, matches, paper_of
from tools.browser.tab import Tab

FRAME_LINE = re.compile("^\x03(\\d+)\x04$")
FRAMES = 30  # frames read in one pass; pages with more are mostly advertisements
DEPTH = 5
LINE_MAX = 4000
TAIL = 120  # characters of the line that tells how to go on


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
        return named(self.url, self.title) + view


@dataclass(frozen=True, slots=True)
class Reading:
    """Lines of a page from its beginning (or the matches of a query), and whether there is more after them."""

    lines: Sequence[str]
    more: bool
    portion: int  # percent of the page that was walked
    place: Place
    loading: bool = False  # its document is not all there yet
    late: bool = False  # it is so large that there was no time for more of it
    rest: bool = False  # … but what is left was searched by its plain text


def named(url: str, title: str) -> str:
    """A page by its address and title."""
    return f"{cut(url, 500)}  {json.dumps(cut(title, 200), ensure_ascii=False)}"


def cut(text: str, most: int) -> str:
    """At most `most` characters, the loss marked."""
    return text if len(text) <= most else text[: most - 1] + "…"


async def read_tab(
    tab: Tab,
    *,
    limit: int,
    query: str | None = None,
    scope: str | int | None = None,
    deed: str = "read",
    parse_s: float = 0,
) -> Reading:
    """Read the tab's page, frames in place, up to `limit` characters. Raises ToolError for a missing scope."""
    frame = tab.page.main_frame
    if isinstance(scope, int):
        frame = tab.eye_of(scope).frame
    asked: dict[str, Any] = {"limit": limit, "query": query, "scope": scope, "parse_ms": parse_s * 1000}
    found, eye = await tab.look(frame, deed, seconds=parse_s + EYE_S, **asked)
    if found.get("missing"):
        raise ToolError(
            f"Nothing on the page matches the scope {scope!r}. Leave it out, or take an [N] of the last read."
        )
    if found["kind"] == KIND:
        return await _paper(tab, found, query)
    budget = Budget(limit, FRAMES)
    lines = await _with_frames(Page(tab, budget, query), eye, found["lines"], 0)
    place = Place(found["url"], found["title"], found["y"], found["height"], found["full"])
    if found["kind"] != "text/html" and (sentence := await media_line(tab.alone, found["kind"])):
        lines = [sentence, *lines]
    return Reading(
        lines,
        found["more"] or budget.spent,
        found["shown"],
        place,
        loading=found.get("loading", False),
        late=found["late"],
        rest=found.get("rest", False),
    )


async def _paper(tab: Tab, found: dict[str, Any], query: str | None) -> Reading:
    """A PDF: Chromium shows it in a viewer that has nothing to read."""
    if tab.paper is None:
        tab.paper = await paper_of(tab.alone)
    paper = tab.paper
    place = Place(found["url"], found["title"] or paper.title, found["y"], found["height"], found["full"])
    lines = matches(paper.lines, query) if query else paper.lines
    return Reading(lines, paper.late and not query, paper.portion, place, late=paper.late)


@dataclass(frozen=True, slots=True)
class Page:
    """What the readings of a page's frames share."""

    tab: Tab
    budget: Budget
    query: str | None


async def _with_frames(page: Page, eye: Eye, lines: list[str], depth: int) -> list[str]:
    out: list[str] = []
    budget = page.budget
    keys = [int(mark[1]) for line in lines if (mark := FRAME_LINE.match(line))]
    await open_frames(page.tab, eye, keys[: budget.frames])
    for line in lines:
        if budget.spent:
            break
        mark = FRAME_LINE.match(line)
        if mark is None:
            budget.take(line)
            out.append(cut(line, LINE_MAX))
        elif depth < DEPTH and budget.frames > 0:
            budget.frames -= 1
            out.extend(await _frame_lines(page, eye, int(mark[1]), depth))
    return out


async def look_ahead(tab: Tab) -> None:
    """Have the eyes of a page ready before it is read. Raises what a deed raises."""
    found, eye = await tab.sight.do(tab.page.main_frame, "framed")
    await open_frames(tab, eye, found["frames"][:FRAMES])


async def open_frames(tab: Tab, eye: Eye, keys: list[int]) -> None:
    """Open the eyes of the frames side by side; they are read one after the other, as numbers count on."""
    if not keys:
        return
    with contextlib.suppress(PlaywrightError):
        await eye.know_children(keys)
    await tab.sight.opened([frame for key in keys if (frame := eye.child(key))])


async def _frame_lines(page: Page, eye: Eye, key: int, depth: int) -> list[str]:
    budget = page.budget
    frame = eye.child(key)
    if frame is None:
        return []
    if page.tab.sight.known(frame) is None:  # it was waited for when all were opened
        return ["frame: (it does not answer, or has not come yet)"]
    try:
        asked: dict[str, Any] = {"limit": budget.characters, "query": page.query, "scope": None}
        found, inner = await page.tab.look(frame, "read", seconds=INNER_S, **asked)
        lines = await inserted(frame, found["kind"], page.query, budget)
        if found["kind"] != KIND:  # Chromium's viewer of a PDF has nothing to read
            lines += await _with_frames(page, inner, found["lines"], depth + 1)
    except (PlaywrightError, UnresponsiveError):
        return ["frame: (it could not be read)"]
    if not lines:
        return []
    name = found["title"] or urlsplit(found["url"]).netloc
    title = f"frame {json.dumps(cut(name, 80), ensure_ascii=False)}:" if name else "frame:"
    budget.take(title)
    return [title, *lines]


def page_text(reading: Reading, *, offset: int, most: int, note: str = "") -> str:
    """The reading as the agent gets it, in at most `most` characters: header, lines from `offset` on, how to go on."""
    head = cut(reading.place.line, max(60, most // 3)) + (f"\n{note}" if note else "")
    body = "\n".join(reading.lines)
    if offset and offset >= len(body) and reading.late:
        return f"{head}\n{too_large(reading, 'read')} It was read as far as offset {len(body):,}."
    if offset and offset >= len(body):
        return f"{head}\nThe page ends at {len(body):,} characters: nothing is left at offset {offset}."
    piece = part(body, offset, most - len(head) - 1, more=reading.more)
    after = following(body, offset + len(piece))
    parts = [head, piece or "(nothing to read)"]
    if len(body) > after or reading.more:
        parts.append(rest(reading, after, len(body) - after))
    return "\n".join(parts)


def part(body: str, offset: int, room: int, *, more: bool, tail: int = TAIL) -> str:
    """As many lines from `offset` on as there is room for, beside the line that tells how to go on if there is more."""
    if len(body) - offset <= room - (tail if more else 0):
        return body[offset:]
    piece = body[offset : offset + max(1, room - tail)]
    return piece[: piece.rindex("\n")] if "\n" in piece else piece


def following(body: str, end: int) -> int:
    """Where the part after one that ends here begins: behind the line break, if it ends with a line."""
    return end + 1 if body[end : end + 1] in ("", "\n") else end


def rest(reading: Reading, offset: int, left: int) -> str:
    """The last line of a reading that is not all."""
    how = f'browser_read {{"offset": {offset}}}, or search with {{"query": "…"}}'
    if reading.more:
        return f"… more follows (this is about {reading.portion} % of the page): {how}"
    return f"… {left:,} more characters: {how}"


def too_large(reading: Reading, done: str) -> str:
    """A line for a page that there was not the time to go through."""
    return f'The page is very large: only about its first {reading.portion} % were {done} ("scope" narrows it).'


def matches_text(reading: Reading, query: str, *, offset: int, most: int) -> str:
    """The matches of a query as the agent gets them."""
    late = f"{too_large(reading, 'searched')}\n" if reading.late else ""
    if reading.rest:
        late = f"The page is very large: after about its first {reading.portion} % only plain text was searched.\n"
    if not reading.lines:
        where = "that part of the page" if late and not reading.rest else "the page"
        return f"{reading.place.line}\n{late}Nothing on {where} contains {json.dumps(query, ensure_ascii=False)}."
    body = "\n".join(reading.lines)
    asked = json.dumps(query, ensure_ascii=False)
    head = f"{cut(reading.place.line, max(60, most // 3))}\n{late}Lines with {asked} and their neighbours:\n"
    piece = part(body, offset, most - len(head), more=False, tail=TAIL + len(asked))
    after = following(body, offset + len(piece))
    tail = f'\n… {len(body) - after:,} more characters of matches: browser_read {{"query": {asked}, "offset": {after}}}'
    return head + piece + (tail if len(body) > after else "")
