"""What the agent reads and the log keeps of a call, made from a worker's report, which is trusted with nothing."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

from tools.repl import hints

_EVENT_CODE = 20_000  # characters of code, console and result that an event carries: it must stay under 100 KB
_EVENT_CONSOLE = 30_000
_EVENT_BYTES = 95_000
_TREE_BYTES = 20_000  # at most, as js/tree.js counts them
_SYMBOL_BYTES = 3_000  # at most: its name has 200 characters, its type 60, its preview 120


@dataclass(frozen=True)
class Line:
    """One line group of the console."""

    level: str
    text: str


@dataclass(frozen=True)
class Problem:
    """What went wrong. `text` is what the agent reads; line and column count from 1 in the code of this call."""

    text: str
    kind: str
    line: int | None = None
    column: int | None = None


class Symbols(TypedDict):
    """The names that a call made, changed or read, and those it removed."""

    set: list[Any]
    removed: list[Any]


NO_SYMBOLS: Symbols = {"set": [], "removed": []}


class Outcome(NamedTuple):
    """One call as it ended. `pending`: timers still waiting; `left`: console lines that were not kept."""

    n: int
    code: str
    console: tuple[Line, ...] = ()
    result: str | None = None
    error: Problem | None = None
    pending: int = 0
    left: int = 0
    ms: int = 0
    symbols: Symbols = NO_SYMBOLS
    notes: tuple[str, ...] = ()
    tree: dict[str, Any] | None = None  # of a result that is an object


def read_report(n: int, code: str, report: dict[str, Any], ms: int) -> Outcome:
    """The outcome a worker reports."""
    shown, rest = report["shown"], report["rest"]
    error, console, names = shown["error"], shown["console"], rest["names"]
    return Outcome(
        n,
        code,
        tuple([Line(str(level), str(text)) for level, text in console]) if console else (),
        shown["result"],
        _thrown(n, code, error) if error else None,
        int(rest["pending"]),
        int(rest["left"]),
        ms,
        {"set": names["set"], "removed": names["removed"]},
        tree=rest["tree"],
    )


def read_syntax(n: int, code: str, problem: dict[str, Any]) -> Outcome:
    """The outcome of code that does not parse, shown as Node shows it: the line, carets, the words."""
    line, column = int(problem["line"]), int(problem["column"])
    message = hints.syntax(str(problem["message"]), code)
    place = f"REPL{n}:{line}\n" if "\n" in code.strip() else ""
    shown = f"{place}{_pointed(code, line, column, int(problem['length']))}\n\n" if problem["length"] else ""
    return Outcome(n, code, error=Problem(f"{shown}Uncaught SyntaxError: {message}", "SyntaxError", line, column))


def text(outcome: Outcome) -> str:
    """The one text block of a result."""
    parts = [line.text for line in outcome.console]
    if outcome.left:
        parts.append(f"… {outcome.left} more console lines were not kept")
    if outcome.error:
        parts.append(outcome.error.text)
    elif outcome.result is not None:
        parts.append(outcome.result)
    if outcome.pending:
        parts.append(f"({outcome.pending} timer{'s' if outcome.pending > 1 else ''} pending)")
    return "\n".join([*parts, *outcome.notes])


def event(outcome: Outcome) -> dict[str, Any]:
    """The fields of `repl.evaluated` but for `call_id` and `author`."""
    error = outcome.error
    data: dict[str, Any] = {
        "n": outcome.n,
        "code": _short(outcome.code, _EVENT_CODE),
        "console": _console(outcome.console),
        "result": None if outcome.result is None else _short(outcome.result, _EVENT_CODE),
        "error": None
        if error is None
        else {"text": _short(error.text, _EVENT_CODE), "line": error.line, "column": error.column, "kind": error.kind},
        "pending": outcome.pending,
        "ms": outcome.ms,
        "symbols": outcome.symbols,
        "tree": outcome.tree,
    }
    if _at_most(outcome) < _EVENT_BYTES:
        return data
    if _size(data) > _EVENT_BYTES:
        data |= {"code": _short(outcome.code, 2_000), "console": data["console"][:20]}
    if _size(data) > _EVENT_BYTES:
        data |= {"console": [], "result": _short(data["result"] or "", 4_000)}
        data |= {"symbols": {"set": [], "removed": []}, "tree": None}
    return data


def _console(lines: tuple[Line, ...]) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = []
    room = _EVENT_CONSOLE
    for line in lines:
        if room <= 0:
            kept.append({"level": "info", "text": f"… {len(lines) - len(kept)} more lines"})
            break
        kept.append({"level": line.level, "text": _short(line.text, room)})
        room -= len(line.text)
    return kept


def _at_most(outcome: Outcome) -> int:
    """No more bytes than this: each character takes six at worst. Counting is cheaper than encoding twice."""
    texts = [outcome.code, outcome.result or "", *(line.text for line in outcome.console)]
    if outcome.error:
        texts.append(outcome.error.text)
    names = len(outcome.symbols["set"]) + len(outcome.symbols["removed"])
    rest = _SYMBOL_BYTES * names + (_TREE_BYTES if outcome.tree else 0) + 60 * len(texts) + 1_000
    return 6 * sum(map(len, texts)) + rest


def _size(data: dict[str, Any]) -> int:
    return len(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _short(whole: str, most: int) -> str:
    return whole if len(whole) <= most else f"{whole[:most]}… {len(whole) - most} more characters"


def _thrown(n: int, code: str, error: dict[str, Any]) -> Problem:
    words, hint = str(error["text"]), hints.thrown(str(error["message"]))
    if error["call"] != n:
        return Problem(words + hint, str(error["kind"]))
    line, column = int(error["line"]), int(error["column"])
    if "\n" in code.strip():
        words += f"\n\nREPL{n}:{line}\n{_pointed(code, line, column, 1)}"
    return Problem(words + hint, str(error["kind"]), line, column)


def _pointed(code: str, line: int, column: int, length: int) -> str:
    """A line of the code with carets under a place; long lines are cut around it."""
    lines = code.split("\n")
    shown = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
    start = max(0, column - 80)
    indent = "".join(char if char == "\t" else " " for char in shown[start : column - 1])
    return f"{shown[start : start + 160]}\n{indent}{'^' * max(1, min(length, 80))}"
