"""The tools of the live page: what the model reads, and what runs.

Selectors take the first match; every answer says what was changed and at which revision the page is.
"""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, Field

from glasshouse.tool import Context, Kit, Result, ToolError
from tools.livepage import edits, limits
from tools.livepage.journal import Entry
from tools.livepage.reading import excerpt, outline
from tools.livepage.sharing import page
from tools.livepage.state import Draft, LivePage, open_page
from tools.livepage.steps import AddBlock, Remove, SetAttr, SetHtml, SetScript, SetStyle

kit: Kit[LivePage] = Kit(name="livepage", title="Live page", state=open_page, check="page_get", page=page)


class Guarded(BaseModel):
    """What every editing tool accepts."""

    if_revision: int | None = Field(
        None, description="Refuse if the page is no longer at this revision; the error says what changed since."
    )


class PageGet(BaseModel):
    """Read the live page: its HTML, a part of it (selector), or an outline of its elements, ids and classes."""

    selector: str | None = Field(None, description="Only the first element that matches this CSS selector.")
    outline: bool = Field(False, description="An outline instead of HTML: short, and shows what can be addressed.")
    max_chars: int = Field(20_000, ge=100, le=90_000, description="How much HTML at most.")
    offset: int = Field(0, ge=0, description="Where to go on in a long answer.")


@kit.tool("page_get", PageGet, read_only=True)
async def page_get(page: LivePage, args: PageGet, ctx: Context) -> Result:
    async with page.reading() as tree:
        element, note = tree.root, ""
        if args.selector is not None:
            element, note = edits.find(tree, args.selector, page.head.rev)
        if args.outline:
            text = outline(tree, element)
        else:
            text = excerpt(tree.html() if args.selector is None else element.html, args.offset, args.max_chars)
    return Result.of(f"Revision {page.head.rev}{note}", text)


class PageSetHtml(SetHtml, Guarded):
    """Replace the content of one element with HTML, parsed as a browser parses it there (rows fit into a tbody)."""


@kit.tool("page_set_html", PageSetHtml)
async def page_set_html(page: LivePage, args: PageSetHtml, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_set_html")


class PageAddBlock(AddBlock, Guarded):
    """Add HTML to the page: before or after an element, or inside it at the start (prepend) or the end (append).

    To add table rows, take the tbody as anchor: browsers give rows added to a table a second tbody.
    """


@kit.tool("page_add_block", PageAddBlock)
async def page_add_block(page: LivePage, args: PageAddBlock, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_add_block")


class PageRemove(Remove, Guarded):
    """Remove one element with everything in it."""


@kit.tool("page_remove", PageRemove)
async def page_remove(page: LivePage, args: PageRemove, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_remove")


class PageSetStyle(SetStyle, Guarded):
    """Add a style block to the page's head, or replace the block with the same id."""


@kit.tool("page_set_style", PageSetStyle)
async def page_set_style(page: LivePage, args: PageSetStyle, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_set_style")


class PageSetAttr(SetAttr, Guarded):
    """Set one attribute of an element; value null removes it."""


@kit.tool("page_set_attr", PageSetAttr)
async def page_set_attr(page: LivePage, args: PageSetAttr, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_set_attr")


class PageSetScript(SetScript, Guarded):
    """Give the page its script, or replace the one with the same id; viewers' pages start afresh when it changes.

    It runs in each viewer's browser, without network or storage. It should not rebuild parts you edit by other tools.
    """


@kit.tool("page_set_script", PageSetScript)
async def page_set_script(page: LivePage, args: PageSetScript, ctx: Context) -> Result:
    return await one_step(page, args, ctx, "page_set_script")


class PageReplace(Guarded):
    """Replace the whole page with another HTML document.

    For parts use page_set_html: it is cheaper, and people who watch keep their place.
    """

    html: str = Field(description="A whole document, from <!DOCTYPE html> on.")


@kit.tool("page_replace", PageReplace)
async def page_replace(page: LivePage, args: PageReplace, ctx: Context) -> Result:
    def steps(draft: Draft) -> str:
        return edits.replace(draft, args.html)

    return answer(page, await page.edit(ctx, "page_replace", steps, if_revision=args.if_revision))


class SetHtmlEdit(SetHtml):
    tool: Literal["page_set_html"]


class AddBlockEdit(AddBlock):
    tool: Literal["page_add_block"]


class RemoveEdit(Remove):
    tool: Literal["page_remove"]


class SetStyleEdit(SetStyle):
    tool: Literal["page_set_style"]


class SetAttrEdit(SetAttr):
    tool: Literal["page_set_attr"]


class SetScriptEdit(SetScript):
    tool: Literal["page_set_script"]


AnyEdit = SetHtmlEdit | AddBlockEdit | RemoveEdit | SetStyleEdit | SetAttrEdit | SetScriptEdit


class PageEdit(Guarded):
    """Make several edits in order as one revision: all of them, or none if one fails.

    Each edit is the input of an editing tool with that tool's name in `tool`.
    """

    edits: list[Annotated[AnyEdit, Field(discriminator="tool")]] = Field(
        min_length=1, max_length=limits.STEPS, description="The edits, made in this order."
    )


@kit.tool("page_edit", PageEdit)
async def page_edit(page: LivePage, args: PageEdit, ctx: Context) -> Result:
    def steps(draft: Draft) -> str:
        done = []
        for number, step in enumerate(args.edits, 1):
            try:
                done.append(step.make(draft, page.head.rev))
            except ToolError as error:
                raise ToolError(f"Edit {number} of {len(args.edits)} failed, so none was made. {error}") from None
        return "; ".join(done)

    return answer(page, await page.edit(ctx, "page_edit", steps, if_revision=args.if_revision))


class PageUndo(BaseModel):
    """Undo the last edit, or bring back an earlier revision. That makes a new revision, so nothing is lost."""

    to_revision: int | None = Field(None, ge=0, description="The revision to bring back; 0 is before any edit.")


@kit.tool("page_undo", PageUndo)
async def page_undo(page: LivePage, args: PageUndo, ctx: Context) -> Result:
    if args.to_revision is not None:
        return answer(page, await page.bring_back(ctx, "page_undo", args.to_revision))
    return answer(page, await page.undo(ctx, "page_undo"))


class GuardedStep(Protocol):
    """An input of the tools above that make one edit."""

    @property
    def if_revision(self) -> int | None: ...
    def make(self, draft: Draft, revision: int) -> str: ...


async def one_step(page: LivePage, args: GuardedStep, ctx: Context, tool: str) -> Result:
    """Make one edit the next revision."""

    def steps(draft: Draft) -> str:
        return args.make(draft, page.head.rev)

    return answer(page, await page.edit(ctx, tool, steps, if_revision=args.if_revision))


def answer(page: LivePage, entry: Entry | None) -> Result:
    """What the model gets after an edit."""
    if entry is None:
        return Result.text(f"Nothing changed: the page is as asked already, at revision {page.head.rev}.")
    lines = [f"Revision {entry.rev}: {entry.summary}.", *entry.notes]
    if page.chars > limits.LARGE_PAGE_CHARS:
        lines.append(f"The page has {page.chars:,} characters; viewers on phones will feel that.")
    return Result.text("\n".join(lines))
