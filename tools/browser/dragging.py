"""The tool that drags: an element onto another, by a distance, or along a line, with the mouse button held."""

from itertools import pairwise

from pydantic import BaseModel, Field

from glasshouse.tool import ToolError
from tools.browser.acting import Report, action
from tools.browser.actions import TARGET
from tools.browser.aiming import reach
from tools.browser.outcome import outcome, watched
from tools.browser.session import Session

Point = tuple[float, float]
STEPS = 6  # moves between two points: pages take one big jump for no drag


class Drag(BaseModel):
    """Press the mouse on an element, move it, and let go: to drop, sort, resize, slide, draw, or select text.

    Say where to: another element (`to`), or distances (`by`). The answer says what changed.
    """

    target: str | int = Field(description=TARGET)
    to: str | int | None = Field(None, description="Let go over this element. " + TARGET)
    by: list[Point] = Field(
        default_factory=list, max_length=100, description="[[dx, dy], …] in px: go so far, then so far from there, …"
    )
    at: Point | None = Field(None, description="[x, y] in px where to take it, from its top left corner.")
    to_at: Point | None = Field(None, description="[x, y] in px where to let go, from the top left corner of `to`.")


@action("browser_drag", Drag)
async def drag(session: Session, args: Drag, report: Report) -> None:
    if (args.to is None) == (not args.by):
        raise ToolError('Say where to: either "to", an element, or "by", one or more [dx, dy].')
    tab = session.tab
    goal = None
    if args.to is not None:
        goal = await reach(tab, args.to, at=args.to_at)
    aim, facts = await reach(tab, args.target, at=args.at)
    report.aim_at(facts)
    path = [(facts["point"][0], facts["point"][1])]
    name = f"[{aim.n}] {facts['text']}"
    if goal:
        goal_aim, spot = goal
        risen = facts["place"]["y"] - spot["place"]["y"] if goal_aim.frame == aim.frame else 0  # scrolled since
        path.append((spot["point"][0], spot["point"][1] - risen))
        where = f"to [{goal_aim.n}] {spot['text']}"
    else:
        for dx, dy in args.by:
            path.append((path[-1][0] + dx, path[-1][1] + dy))
        where = f"by {', '.join(f'{dx:g},{dy:g}' for dx, dy in args.by[:4])}{' …' if len(args.by) > 4 else ''} px"
    report.label = f"drag {facts['text']} {where}"
    before = await watched(session, aim.frame, facts["place"])
    mouse = tab.page.mouse
    await mouse.move(*path[0])
    await mouse.down()
    try:
        for (x, y), (next_x, next_y) in pairwise(path):
            for step in range(1, STEPS + 1):
                await mouse.move(x + (next_x - x) * step / STEPS, y + (next_y - y) * step / STEPS)
    finally:
        await mouse.up()
    lines = await outcome(session, before)
    report.say(
        f"Dragged {name}{aim.how} {where}.", *(line for line in lines if not line.startswith("The click reached "))
    )
