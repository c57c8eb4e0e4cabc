"""The tool for tabs: list, open, go to, close."""

import json
from typing import Literal

from pydantic import BaseModel, Field

from glasshouse.tool import ToolError
from tools.browser.acting import Report, action
from tools.browser.going import go
from tools.browser.outcome import arrived
from tools.browser.reading import cut
from tools.browser.session import Session


class Tabs(BaseModel):
    """The tabs: list them, open a new one, make another one the active tab, or close one."""

    action: Literal["list", "new", "select", "close"] = Field("list", description="What to do.")
    tab: int | None = Field(None, description="The tab's id, for select and close (default for close: the active tab).")
    url: str | None = Field(None, description="The address to load in a new tab.", max_length=8000)


@action("browser_tabs", Tabs)
async def tabs(session: Session, args: Tabs, report: Report) -> None:
    report.label = f"tabs: {args.action}"
    if args.action == "new":
        tab = await session.new_tab()
        report.say(f"Opened tab {tab.id}; it is the active one.")
        if args.url:
            await go(session, args.url, report)
    elif args.action == "select":
        if args.tab is None:
            raise ToolError(f'Say which: "tab" is one of {", ".join(map(str, session.tabs))}.')
        tab = await session.select(args.tab)
        report.say(f"Tab {tab.id} is the active one.", *await arrived(session))
        return
    elif args.action == "close":
        closed = session.active_id if args.tab is None else args.tab
        await session.close_tab(closed)
        report.say(f"Closed tab {closed}.")
    await _titles(session)
    report.say(*listed(session))


async def _titles(session: Session) -> None:
    for tab in session.tabs.values():
        found, _ = await tab.sight.do(tab.page.main_frame, "place")
        tab.title = found["title"]


def listed(session: Session) -> list[str]:
    """The tabs, one a line."""
    lines = []
    for tab in session.tab_list():
        title = json.dumps(cut(tab["title"], 100), ensure_ascii=False)
        lines.append(f"{'→' if tab['active'] else ' '} tab {tab['id']}  {cut(tab['url'], 300)}  {title}")
    return lines
