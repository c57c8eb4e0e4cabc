"""What the operator can do from the panel: look at the history, bring a revision back, compare two."""

from typing import Final

from pydantic import BaseModel, Field

from glasshouse.tool import Context, Result
from tools.livepage.actions import answer, kit
from tools.livepage.journal import to_json
from tools.livepage.state import LivePage

_SHOWN: Final = ("rev", "at", "author", "tool", "summary", "changed")


class PageHistory(BaseModel):
    """The newest revisions first, as JSON: {"revision", "entries": [{rev, at, author, tool, summary, changed}]}."""

    limit: int = Field(100, ge=1, le=1000)
    before: int | None = Field(None, description="Only revisions before this one, for going further back.")


@kit.control("page_history", PageHistory)
async def page_history(page: LivePage, args: PageHistory, ctx: Context) -> Result:
    async with page.reading():
        end = page.head.rev if args.before is None else min(page.head.rev, args.before - 1)
        entries = await page.entries(max(0, end - args.limit), min(args.limit, end))
    shown = [{key: getattr(entry, key) for key in _SHOWN} for entry in reversed(entries)]
    return Result.text(to_json({"revision": page.head.rev, "entries": shown}).decode())


class PageRestore(BaseModel):
    """Make an earlier revision the newest one."""

    revision: int = Field(ge=0)


@kit.control("page_restore", PageRestore)
async def page_restore(page: LivePage, args: PageRestore, ctx: Context) -> Result:
    return answer(page, await page.bring_back(ctx, "page_restore", args.revision))


class PageDiff(BaseModel):
    """Two revisions' HTML as JSON {"from", "to"}, for comparing them."""

    from_: int = Field(ge=0, alias="from")
    to: int = Field(ge=0)


@kit.control("page_diff", PageDiff)
async def page_diff(page: LivePage, args: PageDiff, ctx: Context) -> Result:
    async with page.reading():
        before, after = await page.tree_at(args.from_), await page.tree_at(args.to)
    return Result.text(to_json({"from": before.html(), "to": after.html()}).decode())
