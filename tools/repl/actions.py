"""The tools: what the model reads of each, and what each does."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from glasshouse.tool import Context, Result, Text, ToolError
from tools.repl import reply
from tools.repl.definition import kit
from tools.repl.session import Session

_LONGEST_CODE = 256_000  # bytes; parsing more takes longer than a call should
_SHOWN_NAMES = 100
_LONGEST_CALL_S = 60
_RESTORE_S = 60  # what a call may have to wait for before it begins


class Evaluate(BaseModel):
    """Run JavaScript in this session's persistent V8 REPL; get what it printed and its value, as Node's REPL shows it.

    Everything declared at the top level (let, const, class, function, destructuring) stays for later calls, also
    after a restart, and may be declared again. Top-level await works; `_` is the last value. There are built-in
    JavaScript, Intl, console, timers, URL, TextEncoder, structuredClone and crypto.randomUUID; there are no modules,
    files, network or process. A call that runs out of time or memory is undone as a whole.
    """

    code: str = Field(
        description="JavaScript, several statements if you like. The last expression's value is the result."
    )
    timeout_ms: int | None = Field(
        None,
        ge=1,
        le=_LONGEST_CALL_S * 1000,
        description="Milliseconds this call may take; 10,000 if left out, at most 60,000.",
    )


class ListSymbols(BaseModel):
    """List the names defined in this session's JavaScript: kind, type, size, a preview, and which call defined them."""

    query: str = Field(
        "",
        description="Only names that contain this, in any case; `kind:const` or `type:Map` for those of a kind or type."
        " Several words must all fit. Leave out for all.",
    )


class Reset(BaseModel):
    """Forget everything in this session's JavaScript: all names, timers and the history. Cannot be undone."""


@kit.tool("js_repl", Evaluate, timeout_s=_LONGEST_CALL_S + _RESTORE_S)
async def js_repl(session: Session, args: Evaluate, context: Context) -> Result:
    """Run code."""
    if len(args.code.encode("utf-8", "surrogatepass")) > _LONGEST_CODE:
        raise ToolError("Error: code is longer than 256 kB.")
    limit_s = args.timeout_ms / 1000 if args.timeout_ms else context.settings.limit_s
    outcome = await session.run(args.code, limit_s, context)
    return Result((Text(reply.text(outcome)),), is_error=outcome.error is not None)


@kit.tool("js_list_symbols", ListSymbols, timeout_s=_RESTORE_S + 10, read_only=True)
async def js_list_symbols(session: Session, args: ListSymbols, context: Context) -> Result:
    """Show the names."""
    found = await session.names(args.query, _SHOWN_NAMES)
    return Result.text(_listing(int(found["total"]), found["symbols"], args.query))


@kit.tool("js_reset", Reset)
async def js_reset(session: Session, args: Reset, context: Context) -> Result:
    """Begin anew."""
    await context.emit("repl.reset", remember=await session.reset())
    return Result.text("Everything is forgotten: no names, no timers. The next call is call 1.")


def _listing(total: int, symbols: list[dict[str, Any]], query: str) -> str:
    about = f" that fit {query!r}" if query else ""
    if total == 0:
        return f"No names{about} are defined." if query else "No names are defined yet."
    lines = [f"{total:,} name{'s' if total > 1 else ''}{about}, newest first"]
    lines += [_line(symbol) for symbol in symbols]
    if total > len(symbols):
        lines.append(f'… {total - len(symbols):,} more: narrow with js_list_symbols {{"query": "…"}}')
    return "\n".join(lines)


def _line(symbol: dict[str, Any]) -> str:
    """`const m: Map, size 1 = Map(1) { 'a' => 1 } (call 7, 14:03:22)`"""
    size = "" if symbol["size"] is None else f", size {symbol['size']:,}"
    when = ""
    if symbol["call"] is not None:
        at = datetime.fromtimestamp(symbol["at"] / 1000, UTC)
        when = f" (call {symbol['call']}, {at:%Y-%m-%d %H:%M:%S}Z)"
    return f"{symbol['kind']} {symbol['name']}: {symbol['type']}{size} = {symbol['preview']}{when}"
