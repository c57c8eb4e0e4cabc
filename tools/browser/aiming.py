"""From a target as the agent writes it ([N], a selector, visible text) to an element and a point on the page."""

import json
import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame

from glasshouse.tool import ToolError
from tools.browser.eye import EYE_S, INNER_S, UnresponsiveError
from tools.browser.tab import Tab

NUMBER = re.compile(r"\s*(?:\*?\[(?=\d+\] [a-z])|\[?(?=\d+\]?\s*$))(\d{1,9})")  # 12, [12], [12] link "Go"
PATIENCE_MS = 1200  # for an element to become visible, enabled, uncovered
FRAMES = 12

# Where the inside of a frame element begins, and whether it had to be scrolled into view.
PLACE_JS = """(el) => {
  const before = el.getBoundingClientRect();
  const away = before.bottom < 40 || before.top > innerHeight - 40;
  if (away) el.scrollIntoView({ block: "center", behavior: "instant" });
  const box = el.getBoundingClientRect();
  return [box.x + el.clientLeft, box.y + el.clientTop, away];
}"""


@dataclass(frozen=True, slots=True)
class Aim:
    """An element: its frame, its number, and how it was found when not by its number."""

    frame: Frame
    n: int
    how: str = ""


def numbered(target: str | int) -> int | None:
    """The number that a target is, if it is one."""
    if isinstance(target, int):
        return target
    return int(match[1]) if (match := NUMBER.match(target)) else None


async def find(tab: Tab, target: str | int) -> Aim:
    """The element that is meant. Raises ToolError when there is none, or more than one."""
    number = numbered(target)
    if number is not None:
        return Aim(tab.eye_of(number).frame, number)
    text = str(target)
    found: list[tuple[Frame, dict[str, Any]]] = []
    main = tab.page.main_frame
    for frame in tab.page.frames[:FRAMES]:
        try:
            some, _ = await tab.look(frame, "candidates", seconds=EYE_S if frame is main else INNER_S, text=text)
        except PlaywrightError:
            continue  # a frame that went away
        except UnresponsiveError:
            if frame is main:
                raise
            continue  # one that hangs, or never comes
        if some["count"]:
            found.append((frame, some))
    by_selector = [one for one in found if one[1]["how"] == "selector"]
    return _only(by_selector or found, text)


def _only(found: list[tuple[Frame, dict[str, Any]]], text: str) -> Aim:
    shown = json.dumps(text, ensure_ascii=False)
    if not found:
        raise ToolError(
            f"Nothing on the page matches {shown}, neither as a selector nor as visible text. Call browser_read."
        )
    frame, some = found[0]
    count = sum(one["count"] for _, one in found)
    first = some["some"][0]
    if count == 1:
        return Aim(frame, first["n"])
    if some["how"] == "selector":
        return Aim(frame, first["n"], f" (the first of {count} that match {shown})")
    listed = "; ".join(f"[{one['n']}] {one['text']}" for _, group in found for one in group["some"])
    more = f" (…of {count})" if count > sum(len(group["some"]) for _, group in found) else ""
    raise ToolError(f"{count} elements have the text {shown}: {listed}{more}. Say which by its number.")


async def reach(
    tab: Tab,
    target: str | int,
    *,
    for_keys: bool = False,
    at: tuple[float, float] | None = None,
    edit: dict[str, Any] | None = None,
) -> tuple[Aim, dict[str, Any]]:
    """The element that is meant, in view and ready, and its facts; `point` in viewport px.

    With `edit` ({text, append}) it is made ready for keys, and `field` tells about it. Raises ToolError with the reason
    why it cannot be.
    """
    number = numbered(target)
    given: dict[str, Any] = {"patience": PATIENCE_MS, "forKeys": for_keys, "at": at, "edit": edit}
    alone = len(tab.page.frames) == 1
    if number is None and alone:  # found and made ready in one round trip
        found, _ = await tab.look(tab.page.main_frame, "reach", text=str(target), **given)
        aim = _only([(tab.page.main_frame, found)] if found["count"] else [], str(target))
    else:
        aim = await find(tab, target)
        found, _ = await tab.look(aim.frame, "reach", n=aim.n, **given)
    facts = found["facts"]
    if facts.get("gone"):
        raise ToolError(f"[{aim.n}] is no longer on the page. Call browser_read for the numbers of now.")
    if facts.get("problem"):
        raise ToolError(f"[{aim.n}] {facts['text']} {facts['problem']}.")
    dx, dy = await frame_offset(tab, aim.frame)
    facts["box"] = [facts["box"][0] + dx, facts["box"][1] + dy, *facts["box"][2:]]
    if facts["point"]:
        facts["inner"] = facts["point"]  # as its frame counts
        facts["point"] = [facts["point"][0] + dx, facts["point"][1] + dy]
        await _not_outside(tab, aim, facts)
    return aim, dict(facts)


async def approach(tab: Tab, facts: dict[str, Any]) -> None:
    """Move the mouse to the point as hands do, which stir before they leave for something else.

    Menus made for hands go by that: jQuery UI's, opened under the mouse, marks what is there at the next move anywhere.
    """
    before, tab.pointer = tab.pointer, (facts["point"][0], facts["point"][1])
    await tab.taken(_move(tab, before, facts["box"]), tab.note)


async def _move(tab: Tab, before: tuple[float, float], box: list[float]) -> None:
    (x, y), (left, top, width, height) = before, box
    if not (left <= x < left + width and top <= y < top + height):
        await tab.page.mouse.move(x + 1, y)  # Chromium makes one of two that are sent together
    await tab.page.mouse.move(*tab.pointer)


async def frame_offset(tab: Tab, frame: Frame) -> tuple[float, float]:
    """Where a frame's own (0, 0) is in the tab's viewport, in px; outer frames are scrolled so that it is in view."""
    x = y = 0.0
    scrolled = False
    while frame.parent_frame is not None:
        element = await frame.frame_element()
        left, top, moved = await element.evaluate(PLACE_JS)
        x, y, scrolled = x + left, y + top, scrolled or moved
        frame = frame.parent_frame
    if scrolled:
        await tab.sight.do(tab.page.main_frame, "redrawn")
    return x, y


async def _not_outside(tab: Tab, aim: Aim, facts: dict[str, Any]) -> None:
    """A point in a frame may lie under something of the page around it, or out of view."""
    if aim.frame.parent_frame is None:
        return
    x, y = facts["point"]
    size = tab.page.viewport_size or {"width": 1280, "height": 800}
    if not (0 <= x < size["width"] and 0 <= y < size["height"]):
        raise ToolError(
            f"[{aim.n}] {facts['text']} is in a frame and out of view. Scroll the page first: browser_scroll."
        )
    over = await tab.page.evaluate(
        "([x, y]) => { const el = document.elementFromPoint(x, y);"
        " return !el || /^(iframe|frame|embed|object)$/.test(el.localName) || el.shadowRoot ? null"
        " : `<${el.localName}${el.id ? '#' + el.id : ''}> ${JSON.stringify(el.textContent.trim().slice(0, 40))}`; }",
        [x, y],
    )
    if over:
        raise ToolError(f"[{aim.n}] {facts['text']} is covered by {over}: deal with that first.")
