"""One action from begin to end: its turn, its limit, what it says, what happened beside it, its picture, its record.

An action fills in a Report; everything that goes wrong on the way becomes a sentence in it.
"""

import asyncio
import base64
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel

from glasshouse.tool import Context, Image, Result, ToolError
from tools.browser.definition import kit
from tools.browser.drawing import lighten
from tools.browser.eye import UnresponsiveError
from tools.browser.meanwhile import meanwhile
from tools.browser.network import first_line
from tools.browser.reading import look_ahead
from tools.browser.reasons import ROAMING
from tools.browser.session import Session
from tools.browser.tab import Tab

M = TypeVar("M", bound=BaseModel)

FRAME_S = 3
UNPAINTED_S = 0.5  # for a page that had nothing to show the last time: its styles never come, or it is never done
LARGE = 50_000  # elements: laying so many out takes seconds, without any script
REOPEN_S = 10  # for a Chromium that has died to be there again, with its pages
REPLACED_S = 3  # for the page that another one has kept from coming
NOT_OPENED = "The browser could not be opened again. Call browser_read to try once more."
LEFT = ("navigated or closed", "Cannot find context", "context was destroyed")  # what Chromium says of a page that left


@dataclass
class Report:
    """What an action did: text for the agent, data for the people who watch."""

    said: list[str] = field(default_factory=list)  # the agent's text, in order
    label: str = ""  # the action in a few words
    target: dict[str, Any] | None = None  # {n, role, name, box}
    point: list[float] | None = None
    text: str | None = None  # what was typed, masked where it is secret
    image: Image | None = None
    failed: bool = False
    extra: dict[str, Any] = field(default_factory=dict)  # more fields of the event

    def say(self, *lines: str) -> None:
        """Lines for the agent."""
        self.said.extend(line for line in lines if line)

    def aim_at(self, facts: dict[str, Any]) -> None:
        """The element that is acted on, and where."""
        self.target = {key: facts[key] for key in ("n", "role", "name", "box")}
        self.point = facts.get("point")


Action = Callable[[Session, M, Report], Awaitable[None]]


def action(
    name: str, input: type[M], *, read_only: bool = False, beside: bool = False
) -> Callable[[Action[M]], Callable[[Session, M, Context], Awaitable[Result]]]:
    """Register the function as a tool of the agent whose work goes through `perform`.

    `beside`: it leaves the page as it is, and need not wait until the action before it has got its picture.
    """

    def register(work: Action[M]) -> Callable[[Session, M, Context], Awaitable[Result]]:
        @kit.tool(name, input, timeout_s=60, read_only=read_only)
        @wraps(work)
        async def run(session: Session, args: M, ctx: Context) -> Result:
            return await perform(session, ctx, name, args, work, read_only=read_only, beside=beside)

        return run

    return register


async def perform(
    session: Session,
    ctx: Context,
    tool: str,
    args: M,
    work: Action[M],
    *,
    read_only: bool = False,
    beside: bool = False,
) -> Result:
    """Run one action in the session's browser; the answer says what happened, whatever happened.

    Where it stands and what its pages have stored is written before the answer: what the agent was told of outlives a
    kill. The picture for the people watching is taken after it; the next action waits for that.
    """
    report = Report(label=tool.removeprefix("browser_"))
    if ctx.author == "agent":
        await session.hands.wait()
    async with session.turn:
        if not (beside and session.well):
            await session.recorded()
        await _opened(session)
        session.new_call()
        await _usable(session, report)
        await _within_limit(session, report, lambda: work(session, args, report))
        await session.downloads.finish()
        await _still_there(session)
        await session.keep(look=not read_only or report.failed)
        notes = session.take_notes()
        session.record(_record(session, ctx, tool, report, notes))
    text = "\n".join([*report.said, *notes])
    blocks: list[str | Image] = [text or "Done."]
    if report.image:
        blocks.append(report.image)
    return Result.of(*blocks, is_error=report.failed)


async def _opened(session: Session) -> None:
    """The browser is there; tried once more when Chromium goes just then."""
    with contextlib.suppress(PlaywrightError):
        return await session.ready()
    try:
        await session.ready()
    except PlaywrightError as error:
        raise ToolError(NOT_OPENED) from error


async def _usable(session: Session, report: Report) -> None:
    """Deal with what became of the page between two calls."""
    limit = session.settings.limit_s
    waited = session.tab.leaving and not session.tab.roamed  # else it may never stand still
    try:
        if waited and not await session.tab.arrive(limit / 2):
            await session.tab.stop_loading()
            report.say("The page was leaving for another one that did not answer: that was given up.")
    except UnresponsiveError:
        report.say(await _dealt_with(hanging(session, session.tab, limit)))
    if session.tab.crashed:
        report.say(await _dealt_with(crashed(session, session.tab)))
        await _opened(session)


async def _still_there(session: Session) -> None:
    """A tab is active, also when the action has closed the last one."""
    try:
        async with asyncio.timeout(REOPEN_S):
            await _opened(session)
    except (PlaywrightError, TimeoutError) as error:
        raise ToolError(NOT_OPENED) from error


async def _record(session: Session, ctx: Context, tool: str, report: Report, notes: list[str]) -> None:
    tab = session.tab  # it may be gone when the picture has been taken
    frame, _ = await asyncio.gather(picture(session), _see(session, tab))
    await record(session, ctx, tool, report, notes, frame, tab)


async def _see(session: Session, tab: Tab) -> None:
    """Look at a page that was only loaded: where it stands, what its databases hold, and how to read it soon."""
    if not tab.unseen:
        return
    tab.unseen = False
    await asyncio.gather(session.keep(), _look_ahead(tab))


async def _look_ahead(tab: Tab) -> None:
    with contextlib.suppress(PlaywrightError, TimeoutError, UnresponsiveError):
        async with asyncio.timeout(FRAME_S):
            await look_ahead(tab)


async def _within_limit(session: Session, report: Report, work: Callable[[], Awaitable[None]]) -> None:
    limit = session.settings.limit_s
    tab = session.tab
    try:
        async with asyncio.timeout(limit):
            await _unless_ended(session, tab, work())
        return
    except ToolError as error:
        report.say(str(error))
    except (TimeoutError, UnresponsiveError):
        report.say(await _dealt_with(hanging(session, tab, limit)))
    except PlaywrightError as error:
        report.say(await _dealt_with(broken(session, tab, error)))
    except asyncio.CancelledError:  # interrupted: what it had begun to load must not hold up the next call
        await asyncio.shield(tab.stop_loading())
        raise
    report.failed = True


async def _dealt_with(dealing: Awaitable[str]) -> str:
    """What came of dealing with a page: Chromium may go with it, just then, and is opened again after the call."""
    try:
        return await dealing
    except PlaywrightError:
        return "The page crashed, and the browser with it."


async def _unless_ended(session: Session, tab: Tab, work: Awaitable[None]) -> None:
    """Do the work. Raises UnresponsiveError as soon as the renderer has died on it: what it asked is never answered."""
    async with meanwhile(work, tab.ended.wait()) as (working, ended):
        await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and tab.id in session.tabs:  # else the work itself has replaced it
            raise UnresponsiveError
        await working


async def hanging(session: Session, tab: Tab, limit: float) -> str:
    """Deal with a page that did not answer, and say so."""
    if tab.crashed:
        return await crashed(session, tab)
    # a page that is leaving for one that never comes looks as if it hung
    _, answers = (None, False) if tab.stuck.is_set() else await asyncio.gather(tab.stop_loading(), tab.responsive())
    if answers:
        return (
            f"The page did not get there within {limit:g} s. It still answers: call browser_read to see how it stands."
        )
    if await tab.stop_script():
        if (elements := await tab.elements()) > LARGE:
            return (
                f"The page is very large ({elements:,} elements) and did not answer in time: what it was doing was "
                "stopped. It answers again: call browser_read to see how it stands."
            )
        return (
            "The page hung in a script that did not end: the script was stopped, the page is still there. "
            "Call browser_read to see it."
        )
    fresh = await session.replace(tab)
    if tab.stuck.is_set() and tab.heading:
        with contextlib.suppress(PlaywrightError):
            await fresh.page.goto(tab.heading, wait_until="commit", timeout=REPLACED_S * 1000)
            return (
                f"The page asked something in the moment in which it was left, and could not be answered: "
                f"tab {fresh.id} took the place of {tab.id}. It shows {tab.heading[:300]}: call browser_read."
            )
    return (
        f"The page hung and could not be stopped: tab {tab.id} was closed and an empty tab {fresh.id} opened. "
        f"browser_goto loads a page again (it was {tab.url})."
    )


async def crashed(session: Session, tab: Tab) -> str:
    """Put an empty tab in the place of one whose renderer has died."""
    fresh = await session.replace(tab)
    return f"The page crashed: an empty tab {fresh.id} took its place. browser_goto loads it again (it was {tab.url})."


async def broken(session: Session, tab: Tab, error: PlaywrightError) -> str:
    """A sentence for a Playwright error; a crashed tab is replaced."""
    if tab.crashed:
        return await crashed(session, tab)
    if any(sign in str(error) for sign in LEFT):
        return ROAMING
    if tab.page.is_closed():
        return "The tab closed while the action ran. Call browser_read to see the tab that is active now."
    return f"The browser could not do it: {first_line(error).removeprefix('Page.')}. Call browser_read to see the page."


async def picture(
    session: Session, *, quality: int | None = None, clip: dict[str, float] | None = None
) -> bytes | None:
    """A JPEG of the active tab's viewport, or None when the page gives none in time."""
    tab = session.tabs.get(session.active_id)
    if tab is None or tab.crashed:
        return None
    options: dict[str, Any] = {
        "format": "jpeg",
        "quality": quality or session.settings.quality,
        "optimizeForSpeed": True,
    }
    if clip:
        options |= {"clip": {**clip, "scale": clip.get("scale", 1)}, "captureBeyondViewport": True}
    try:
        async with asyncio.timeout(UNPAINTED_S if tab.unpainted else FRAME_S):
            shot = await tab.cdp.send("Page.captureScreenshot", options)
            tab.unpainted = False
            return base64.b64decode(shot["data"])
    except TimeoutError:
        tab.unpainted = True
        await lighten(session, tab)
    except PlaywrightError:
        pass
    return None


async def record(
    session: Session, ctx: Context, tool: str, report: Report, notes: list[str], frame: bytes | None, tab: Tab
) -> None:
    """The log's line of the action; `tab` is the one that was active at its end."""
    file_id = await ctx.attach(frame, "image/jpeg") if frame else None
    await ctx.emit(
        "browser.acted",
        call_id=ctx.call_id,
        author=ctx.author,
        tool=tool,
        label=report.label,
        url=tab.page.url,
        title=tab.title,
        tabs=session.tab_list(),
        frame=file_id,
        viewport={"width": session.settings.width, "height": session.settings.height},
        target=report.target,
        point=report.point,
        text=report.text,
        scroll={"y": tab.kept.get("y", 0), "max_y": tab.kept.get("max_y", 0)},
        notes=notes,
        error=report.failed,
        said=report.said[0][:300] if report.said else "",
        counts={"console_errors": tab.console_errors, "failed_requests": tab.failed_requests},
        downloads=session.downloads.listed,
        **report.extra,
    )
