"""What an action changed, as the agent reads it: a new page, or the lines that came and went."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame

from glasshouse.tool import ToolError
from tools.browser.eye import Eye
from tools.browser.loading import hurried
from tools.browser.meanwhile import meanwhile
from tools.browser.reading import Place, Reading, cut, named, page_text, read_tab
from tools.browser.reasons import ROAMING, empty_answer, reason_of, why_not
from tools.browser.session import Session
from tools.browser.signing import ASKS, asks
from tools.browser.tab import QUIET_MS, Tab

T = TypeVar("T")

NEW_PAGE = 3000  # characters of a page that an action has led to
CHANGES = 1500  # characters of what came
UNCHANGED = "Nothing to be seen on the page has changed."
HOPS = 4  # addresses that a page leads on to by itself are followed so often
REST_S = 5  # of a call's limit, for all but waiting for a page that an action leads to


@dataclass(frozen=True, slots=True)
class Before:
    """What was there before an action."""

    tab: Tab
    tabs: frozenset[int]
    url: str
    title: str
    eyes: tuple[Eye, ...]  # of the documents that are compared


async def watched(session: Session, frame: Frame | None = None, place: dict[str, Any] | None = None) -> Before:
    """Remember what is to be seen. With a `place`, the eye of `frame` has just done so, and that is what it said."""
    tab = session.tab
    main = tab.page.main_frame
    frame = frame or main
    eyes = [await tab.sight.eye(main)]
    if place is None or frame is not main:
        place, eyes[0] = await tab.sight.do(main, "watch")
    if frame is not main:
        eyes.append(await tab.sight.eye(frame))
    return Before(tab, frozenset(session.tabs), place["url"], place["title"], tuple(eyes))


async def outcome(
    session: Session, before: Before, *, seconds: float | None = None, typed: dict[str, Any] | None = None
) -> list[str]:
    """Wait until the page is calm again (a navigation: `seconds`), and say what is different.

    `typed` ({n, wanted, append}) is a field of the last document compared: what it made of the text is told as well.
    """
    tab = before.tab
    if seconds is None:
        seconds = max(1.0, session.settings.limit_s - REST_S)
    found = None
    with may_close(tab):
        found = await tab.settled(lambda: _finish(before, 0, typed), seconds=seconds)
    if tab.opened:
        await session.follow_windows(tab, set(before.tabs))
    if session.active_id not in session.tabs:
        await session.ready()
    if session.tab is not tab:
        return await arrived(session)
    if tab.leaving:
        await tab.stop_loading()
        return [
            f"The page it leads to has not answered in {seconds:g} s, so it was given up; {before.url} is still shown."
        ]
    await session.downloads.finish()
    return await _changed(session, before, found, typed)


@contextlib.contextmanager
def may_close(tab: Tab) -> Iterator[None]:
    """What is done may close the tab: that is no fault of it."""
    try:
        yield
    except PlaywrightError:
        if not tab.page.is_closed():
            raise


async def _finish(before: Before, i: int, typed: dict[str, Any] | None) -> dict[str, Any]:
    """Wait until one of the documents is calm, and compare it."""
    eye, tab = before.eyes[i], before.tab
    last = i == len(before.eyes) - 1
    given = {"max": QUIET_MS, "next": tab.numbers.next, "room": CHANGES, "typed": typed if last else None}
    given["known"] = tab.known if i == 0 else None
    found: dict[str, Any] = await eye.do("finish", given)
    tab.numbers.gave(eye, found["next"])
    if i == 0:
        tab.stands(found)
    return found


async def arrived(session: Session, *, most: int = NEW_PAGE, parse_s: float = 2) -> list[str]:
    """The beginning of the page that is shown now; `parse_s` is the longest wait for its document to be there."""

    def look(tab: Tab) -> Coroutine[Any, Any, Reading]:
        reading = read_tab(tab, limit=most, deed="arrive", parse_s=parse_s)
        return hurried(reading, tab.stopped, lambda: tab.sight.do(tab.page.main_frame, "enough"))

    tab, reading = await _led_to(session, parse_s, look)
    late = [f"{_part(tab, parse_s)} This is what is there by now."] if reading.loading else []
    return [*failed(tab), *late, page_text(reading, offset=0, most=most)]


def _part(tab: Tab, parse_s: float) -> str:
    """A sentence for a document that is not all there."""
    if not tab.stopped.is_set():
        return f"The page is still loading after {parse_s:.1f} s."
    reason = f": {reason_of(tab.failure[1])}" if tab.failure else ""
    return f"The page stopped loading before it was all there{reason}."


async def landed(session: Session, *, parse_s: float) -> list[str]:
    """Which page is shown now, without a look at it; `parse_s` is the longest wait for its document to be there."""

    async def land(tab: Tab) -> bool:
        there = await tab.land(parse_s)
        if tab.taking:
            await tab.taking
        return there

    tab, there = await _led_to(session, parse_s, land)
    late = [] if there else [_part(tab, parse_s)]
    status = f"  status {tab.response.status}" if tab.response else ""
    return [*failed(tab), *late, named(tab.url, tab.title) + status]


async def _led_to(session: Session, parse_s: float, look: Callable[[Tab], Coroutine[Any, Any, T]]) -> tuple[Tab, T]:
    """What a look gives at the page that the tab has come to, in the end."""
    for _ in range(HOPS):
        tab = session.tab
        found = await _unless_roaming(tab, look(tab))
        if not tab.leaving or not await tab.arrive(parse_s):
            break  # else its script, or a <meta>, has led on at once: that page is meant
    return tab, found


async def _unless_roaming(tab: Tab, reading: Coroutine[Any, Any, T]) -> T:
    """What was read. Raises ToolError when the page goes elsewhere without end: no document then lasts to be read."""
    async with meanwhile(reading, tab.roaming.wait()) as (looking, roaming):
        await asyncio.wait({looking, roaming}, return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            raise ToolError(ROAMING)
        found: T = looking.result()
        return found


def failed(tab: Tab) -> list[str]:
    """A line when the tab shows Chromium's error page, why the page did not load; or when the page wants a password."""
    if tab.failure and (tab.distrusted or tab.page.url.startswith("chrome-error:")):
        return [why_not(*tab.failure)]
    answer = tab.response
    return [ASKS] if answer and answer.status == 401 and asks(answer.headers) else []


async def _changed(
    session: Session, before: Before, known: dict[str, Any] | None, typed: dict[str, Any] | None
) -> list[str]:
    lines = failed(before.tab)
    for i in range(len(before.eyes)):
        try:
            found = known if known is not None and i == 0 else await _finish(before, i, typed)
        except PlaywrightError:
            if i == 0:
                return await arrived(session)
            lines.append("The frame it is in shows another page now: call browser_read.")
            continue
        if found["typed"] and typed:
            lines.extend(made_of(found["typed"], typed))
        if i == 0:
            lines.extend(
                _moved(before, Place(found["url"], found["title"], found["y"], found["height"], found["full"]))
            )
        lines.extend(_differences(found))
        if found["reached"] is False and found["hit"]:
            lines.append(f"The click reached {found['hit']} instead: something moved. Click again if nothing happened.")
    if before.tab.response and before.tab.response.status in (204, 205):
        lines.append(empty_answer(before.tab.response.url, before.tab.response.status))
    return lines or [UNCHANGED]


def made_of(field: dict[str, Any], typed: dict[str, Any]) -> list[str]:
    """A line when the field holds something else than what was typed (masks, limits, autocomplete)."""
    if field.get("gone"):
        return []
    if field["same"] or typed["append"] or field["value"] is None:
        return [f"But {field['bad']}."] if field["bad"] else []
    return [f"The field made {json.dumps(field['value'], ensure_ascii=False)} of it."]


def _moved(before: Before, now: Place) -> list[str]:
    lines = []
    if now.url != before.url:
        lines.append(f"URL is now {cut(now.url, 500)}")
    if now.title != before.title:
        lines.append(f"Title is now {json.dumps(cut(now.title, 200), ensure_ascii=False)}")
    return lines


def _differences(found: dict[str, object]) -> list[str]:
    came, gone = found["came"], found["gone"]
    assert isinstance(came, list)
    assert isinstance(gone, list)
    lines = []
    if came:
        lines.append("Now on the page:")
        lines.extend(came)
    if found["left_out"]:
        lines.append(f"… and {found['left_out']} more new lines: browser_read shows them")
    if gone:
        more = int(str(found["gone_count"])) - len(gone)
        lines.append("Gone: " + "; ".join(gone) + (f"; … {more} more lines" if more > 0 else ""))
    if found["over"]:
        lines.append(f"Now covered by {found['over']}: what lies under it.")
    return lines
