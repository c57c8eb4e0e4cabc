"""js_list_symbols, and what a call says about the names it changed."""

import os
import re
import signal

from tests.repl.conftest import Bench


async def test_a_name_is_listed_with_kind_type_size_preview_and_origin(repl: Bench) -> None:
    await repl.js(
        "const m = new Map([['a', 1]]); let s = 'text'; function f(a) { return a }; class K {}; var list = [1, 2, 3]"
    )
    await repl.js("loose = { x: 1 }")
    listing = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "TIME", await repl.names())
    assert listing.splitlines()[0] == "6 names, newest first"
    assert set(listing.splitlines()[1:]) == {
        "var loose: Object, size 1 = { x: 1 } (call 2, TIME)",
        "const m: Map, size 1 = Map(1) { 'a' => 1 } (call 1, TIME)",
        "let s: string, size 4 = 'text' (call 1, TIME)",
        "function f: function = [Function: f] (call 1, TIME)",
        "class K: class = [class K] (call 1, TIME)",
        "var list: Array, size 3 = [ 1, 2, 3 ] (call 1, TIME)",
    }


async def test_thousands_of_names_stay_short_and_can_be_searched(repl: Bench) -> None:
    await repl.js("for (let i = 0; i < 5000; i++) globalThis['name' + i] = { i, text: 'x'.repeat(1000) }")
    listing = await repl.names()
    assert listing.startswith("5,000 names, newest first")
    assert len(listing) < 20_000
    assert listing.endswith('… 4,900 more: narrow with js_list_symbols {"query": "…"}')
    assert "name4321" in await repl.names("E4321")
    assert await repl.names("nothing like it") == "No names that fit 'nothing like it' are defined."


_FOUND = {
    "kind:const": {"map", "other"}, "kind:let map": {"maps"}, "type:map": {"map", "maps"},
    "TYPE:Map kind:CONST": {"map"}, "kind:class": {"Mapper"},
    "kind:function": {"mapAll"}, "kind:var": {"mapped"}, "kind:none": set(),
}  # fmt: skip


async def test_names_are_found_by_kind_and_type_too(repl: Bench) -> None:
    await repl.js("const map = new Map(), other = 1; let maps = new Map()")
    await repl.js("class Mapper {}; function mapAll() {}; mapped = []")
    for query, names in _FOUND.items():
        listing = await repl.names(query)
        assert set(re.findall(r"^\w+ (\w+): ", listing, re.MULTILINE)) - {"names", "name"} == names, listing
    assert (await repl.names("kind:const")).startswith("2 names that fit 'kind:const', newest first")


async def test_a_built_in_that_was_replaced_is_listed(repl: Bench) -> None:
    await repl.js("Math = 1; let URL = 'mine'")
    assert "Math: number" in await repl.names()
    assert "let URL: string, size 4 = 'mine'" in await repl.names()


async def test_listing_runs_no_getter(repl: Bench) -> None:
    await repl.js(
        "let ran = 0; Object.defineProperty(globalThis, 'trap', { get() { ran++; return 1 }, enumerable: true })"
    )
    assert "trap: accessor = [Getter/Setter]" in await repl.names()
    assert await repl.js("ran") == "0"


async def test_an_event_tells_what_changed(repl: Bench) -> None:
    await repl.js("let a = 1, b = { n: 1 }")
    await repl.js("a = 2; b.n = 5; delete globalThis.nothing")
    await repl.js("Reflect.deleteProperty(globalThis, 'b'); console.warn('careful'); a")
    events = [event.data for event in await repl.work.events() if event.type == "repl.evaluated"]
    assert [[symbol["name"] for symbol in data["symbols"]["set"]] for data in events] == [["a", "b"], ["a", "b"], ["a"]]
    assert events[1]["symbols"]["set"][1]["preview"] == "{ n: 5 }"
    assert events[2]["symbols"]["removed"] == ["b"]
    assert events[2]["console"] == [{"level": "warn", "text": "careful"}]
    assert (events[2]["n"], events[2]["result"], events[2]["error"], events[2]["author"]) == (3, "2", None, "agent")


async def test_an_event_of_an_error_names_the_line(repl: Bench) -> None:
    await repl.js("const one = 1;\nnull.x")
    await repl.js("let = = 3")
    events = [event.data["error"] for event in await repl.work.events() if event.type == "repl.evaluated"]
    assert (events[0]["line"], events[0]["column"], events[0]["kind"]) == (2, 6, "TypeError")
    assert (events[1]["line"], events[1]["kind"]) == (1, "SyntaxError")


async def test_names_are_listed_although_the_worker_has_just_died(repl: Bench) -> None:
    await repl.js("let x = 1")
    os.kill(await repl.worker_pid(), signal.SIGKILL)
    assert "let x: number = 1" in await repl.names()


# Each makes a value that counts in `ran` when something of it is run by whoever only looks.
_WATCHFUL = [
    "class T { get [Symbol.toStringTag]() { return 'T' + ++ran } }; var t = new T(), s = [t, { t }], w = new Set([t])",
    "class N { static get name() { return 'N' + ++ran } }; var n = new N()",
    "class H { static [Symbol.hasInstance]() { ran++; return true } }; var h = new H()",
    "var e = Object.defineProperty(new Error('x'), 'message', { get() { return 'm' + ++ran } }), es = [e]",
    "class E extends Error { get name() { return 'E' + ++ran } }; var e2 = new E('q')",
    "var c = Object.defineProperty(new Error('x'), 'cause', { get() { ran++ } }), cs = { c }",
    "var r = Object.defineProperty(/x/, 'flags', { get() { return 'f' + ++ran } })",
    "var u = Object.defineProperty(new Uint8Array(2), 'length', { get() { ran++; return 5 } })",
    "var b = Object.defineProperty(new ArrayBuffer(2), 'byteLength', { get() { ran++; return 5 } })",
    "var m = Object.defineProperty(new Map([[1, 2]]), 'size', { get() { ran++; return 5 } })",
    "var f = Object.defineProperty(() => {}, 'name', { get() { return 'f' + ++ran } }), fs = [f]",
    "var p = Object.create(new Proxy({}, { get() { ran++ }, getPrototypeOf() { ran++; return null } }))",
    "var g = { get a() { ran++ } }, gs = [g]",
    "Error.prepareStackTrace = () => 's' + ++ran; var ss = [new Error('y')]",
]


async def test_a_preview_runs_nothing_of_the_agents(repl: Bench) -> None:
    await repl.js("var ran = 0")
    for code in _WATCHFUL:
        await repl.js(code)
        assert "names, newest first" in await repl.names()
        assert await repl.js("ran") == "0", code
    await repl.kill_worker()
    assert await repl.js("ran") == "0"  # and no note
    assert "Uint8Array, size 2 = Uint8Array(2) [ 0, 0 ]" in await repl.names("u")
    assert "Map, size 1 = Map(1) { 1 => 2 }" in await repl.names("m")
