"""The operator's hands on the browser: take the controls, use them, give them back. Agents never see this.

While the operator has the controls, the agent's calls wait; what the operator did is told with the next result.
"""

import asyncio
import contextlib
from typing import Literal

from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel, Field

from glasshouse.tool import Context, Result, ToolError
from tools.browser.acting import Report, picture, record
from tools.browser.definition import kit
from tools.browser.going import address
from tools.browser.keys import key_chords
from tools.browser.reading import cut
from tools.browser.session import Session

SETTLE_S = 2


class Control(BaseModel):
    """Drive the browser by hand."""

    action: Literal["take", "give", "release", "goto", "back", "forward", "reload", "click", "move", "type", "press",
                    "scroll", "tab"] = Field(description="What to do; release is give.")  # fmt: skip
    x: float | None = Field(None, description="Point in the viewport, px.")
    y: float | None = Field(None, description="Point in the viewport, px.")
    button: Literal["left", "right", "middle"] = Field("left", description="The mouse button of a click.")
    count: int = Field(1, ge=1, le=3, description="2 for a double click.")
    text: str = Field("", max_length=50_000, description="What to type.")
    keys: str = Field("", max_length=500, description='Keys to press, such as "Control+a".')
    dx: float = Field(0, description="Pixels to scroll to the right.")
    dy: float = Field(0, description="Pixels to scroll down.")
    url: str = Field("", max_length=8000, description="The address for goto.")
    tab: int | None = Field(None, description="The tab to go to.")


@kit.control("browser_control", Control, timeout_s=30, in_turn=False)
async def control(session: Session, args: Control, ctx: Context) -> Result:
    """Controls run beside the agent's calls: a call that waits for the operator must not make the operator wait."""
    if args.action == "take":
        session.hands.take()
    elif args.action in ("give", "release"):
        session.hands.give()
    elif not session.hands.operator:
        raise ToolError("Take the controls first: action take.")
    async with session.turn:
        await session.recorded()
        await session.ready()
        session.hands.renew()
        report = Report(label=args.action)
        await _use(session, args, report)
        if args.action == "move":
            return Result.text("Moved.")
        frame = await picture(session)
        await session.keep()
        await record(session, ctx, "browser_control", report, [], frame, session.tab)
    return Result.text(report.said[0] if report.said else "Done.")


async def _use(session: Session, args: Control, report: Report) -> None:
    if args.action == "take":
        report.label = "operator takes control"
        return
    if args.action in ("give", "release"):
        report.label = "operator gives control back"
        return
    tab = session.tab
    session.new_call()
    known = set(session.tabs)
    if args.action in ("click", "move", "scroll"):
        await _point(session, args, report)
    elif args.action == "type":
        await tab.page.keyboard.insert_text(args.text)
        report.label = f"type {len(args.text)} characters"  # what people type may be secret: it is not logged
    elif args.action == "press":
        for chord in key_chords(args.keys):
            await tab.page.keyboard.press(chord)
        report.label = f"press {args.keys if len(args.keys) > 1 else 'a key'}"
    elif args.action == "tab":
        await session.select(args.tab if args.tab is not None else session.active_id)
        report.label = f"go to tab {session.active_id}"
    else:
        await _navigate(session, args, report)
    if args.action != "move":
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(SETTLE_S + 1):
                await tab.settle(seconds=SETTLE_S)
                await session.follow_windows(tab, known)
        session.hands.did.append(report.label)


async def _point(session: Session, args: Control, report: Report) -> None:
    mouse = session.tab.page.mouse
    if args.x is None or args.y is None:
        raise ToolError(f"{args.action} needs x and y.")
    if args.action == "click":
        await mouse.click(args.x, args.y, button=args.button, click_count=args.count)
        report.label, report.point = f"click at {args.x:.0f}, {args.y:.0f}", [args.x, args.y]
        return
    await mouse.move(args.x, args.y)
    if args.action == "scroll":
        await mouse.wheel(args.dx, args.dy)
        report.label = f"scroll by {args.dy:.0f} px"


async def _navigate(session: Session, args: Control, report: Report) -> None:
    page = session.tab.page
    limit = session.settings.limit_s * 1000
    if args.action == "goto":
        url = address(args.url)
        report.label = f"go to {cut(url, 200)}"
    else:
        url = ""
        report.label = args.action
    try:
        if args.action == "goto":
            await page.goto(url, wait_until="domcontentloaded", timeout=limit)
        elif args.action == "back":
            await page.go_back(wait_until="domcontentloaded", timeout=limit)
        elif args.action == "forward":
            await page.go_forward(wait_until="domcontentloaded", timeout=limit)
        else:
            await page.reload(wait_until="domcontentloaded", timeout=limit)
    except PlaywrightError as error:
        refused = session.take_notes()
        report.failed = True
        report.say(refused[0] if refused else str(error).partition("\n")[0])
