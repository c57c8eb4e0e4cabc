"""Code that is run without being parsed first does what it does when it is parsed."""

import json

import py_mini_racer
import pytest

from tests.repl import sequences
from tests.repl.conftest import Bench
from tests.repl.hostile import PATCHES
from tools.repl.engine import plain
from tools.repl.engine.sources import load

_ALL = [
    step
    for about in ("DECLARATIONS", "VALUES", "ERRORS", "AWAIT", "CONSOLE", "SPECIALS", "SYNTAX")
    for steps in getattr(sequences, about)
    for step in steps
]

# Each would be changed by the transform, or has to be explained by the parser.
_NOT_PLAIN = [
    "let x = 1", "const c = 1", "var v", "class A {}", "function f() {}", "await 1", "async () => {}", "import('fs')",
    "{ a: 1 }", "\n {}", "'use strict'; x", "using x = y", "l\\u0065t", "Promise.resolve(1)", "setTimeout(f)", "é",
    "delete x", "#!shebang", "$repl$const.c", "c = 1", "c++", "for (c of [1]) ;", "[c] = [1]", "({ c } = { c: 1 })",
    "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("code", _NOT_PLAIN)
def test_what_the_transform_may_change_is_not_plain(code: str) -> None:
    assert plain.script_of(code, {"c"}) is None


def test_plain_code_is_left_as_it_is_by_the_transform() -> None:
    nothing = {"declared": [], "needed": [], "awaits": False, "lines": 0}
    seen = 0
    with py_mini_racer.MiniRacer() as parser:
        parser.eval(load().tool.decode())
        for code in {*_ALL, *PATCHES}:
            found = plain.script_of(code, {"answer"})
            if found is None:
                continue
            script, mentioned = json.loads(found[0]), json.loads(found[1])
            parsed = json.loads(str(parser.eval(f"prepare.call({json.dumps(json.dumps([code, ['answer'], False]))})")))
            if "problem" in parsed:
                continue  # V8 refuses it, too: the call then goes the other way
            seen += 1
            assert parsed["script"]["js"] == script["js"] == code
            assert parsed["script"]["oneLine"] == script["oneLine"]
            assert {key: parsed["script"][key] for key in nothing} == nothing, code
            assert set(parsed["script"]["mentioned"]) <= set(mentioned)
    assert seen > 100


async def test_code_that_throws_a_syntax_error_while_it_runs_is_run_once(repl: Bench) -> None:
    await repl.js("var runs = 0")
    assert "SyntaxError" in await repl.js("runs += 1, JSON.parse('{')")
    assert "SyntaxError" in await repl.js("runs += 1, RegExp('(')")
    assert await repl.js("runs") == "2"


async def test_errors_of_plain_code_name_the_place_that_was_written(repl: Bench) -> None:
    for code, line, column in (("1 + nothing", 1, 5), ("1\n  nothing.x", 2, 3), ("[1].map(x => nothing)", 1, 14)):
        await repl.js(code)
        error = (await repl.work.events())[-1].data["error"]
        assert (error["line"], error["column"]) == (line, column)


async def test_a_replaced_built_in_is_told_when_it_is_mentioned_and_always_listed(repl: Bench) -> None:
    await repl.js("var replace = (name, value) => { Reflect.set(globalThis, name, value) }")
    await repl.js("replace('escape', 1), replace('own', 2)")
    assert "var own: number = 2" in await repl.names("own")
    assert "escape: number = 1" in await repl.names("escape")
    event = (await repl.work.events())[-1]
    assert {symbol["name"] for symbol in event.data["symbols"]["set"]} >= {"own"}
    await repl.js("escape")
    event = (await repl.work.events())[-1]
    assert [symbol["name"] for symbol in event.data["symbols"]["set"]] == ["escape"]
