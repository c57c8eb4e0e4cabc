"""The tree of a result, which the panel opens step by step."""

# ruff: noqa: E501 (a program on one line is easier to compare than one cut in two)

import json
from typing import Any

import pytest

from tests.repl.conftest import Bench

Node = dict[str, Any]


async def tree_of(repl: Bench, code: str) -> Node | None:
    await repl.js(code)
    tree: Node | None = (await repl.work.events())[-1].data["tree"]
    return tree


def shape(node: Node) -> Any:
    """{key: text or the same of what lies in it}."""
    if "children" not in node:
        return node["text"]
    return {child["key"]: shape(child) for child in node["children"]}


def nodes(tree: Node) -> int:
    return 1 + sum(nodes(child) for child in tree.get("children", []))


async def test_an_objects_tree_has_its_parts_by_key(repl: Bench) -> None:
    tree = await tree_of(
        repl, "({ a: 1, b: ['x', { c: null }], m: new Map([['k', new Set([2])]]), get g() { return 1 } })"
    )
    assert tree
    assert (tree["kind"], tree["type"]) == ("object", "Object")
    assert shape(tree) == {
        "a": "1", "b": {"0": "'x'", "1": {"c": "null"}}, "m": {"'k'": {"0": "2"}}, "g": "[Getter/Setter]",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["1", "'text'", "null", "undefined", "(() => 1)", "throw { a: 1 }", "class A {}"])
async def test_what_is_no_object_has_no_tree(repl: Bench, code: str) -> None:
    assert await tree_of(repl, code) is None


async def test_instances_errors_and_circles_are_named(repl: Bench) -> None:
    assert (await tree_of(repl, "new (class Point { x = 1 })") or {})["type"] == "Point"
    error = await tree_of(repl, "new TypeError('bad', { cause: new Error('why') })")
    assert error
    assert error["text"] == "TypeError: bad"
    assert {child["key"]: child["text"] for child in error["children"]} == {"message": "'bad'", "cause": "Error: why"}
    circle = await tree_of(repl, "var o = {}; o.self = o; o")
    assert circle
    assert circle["children"] == [{"kind": "circular", "type": "Object", "text": "[Circular]", "key": "self"}]


@pytest.mark.parametrize(
    "code",
    [
        "Array.from({ length: 5000 }, (_, i) => ({ i, text: 'é'.repeat(500) }))",
        "(function nest(n) { return n ? { a: nest(n - 1), b: nest(n - 1), c: [nest(0)] } : {} })(9)",
        "new Array(4294967295)",
        "new Map(Array.from({ length: 100000 }, (_, i) => [i, '\\u0001'.repeat(i % 300)]))",
        "Object.fromEntries(Array.from({ length: 20000 }, (_, i) => ['key' + i, i]))",
        "new Uint8Array(1e6)",
    ],
)
async def test_large_results_have_small_trees_that_say_what_is_missing(repl: Bench, code: str) -> None:
    tree = await tree_of(repl, code)
    assert tree
    assert nodes(tree) <= 200
    assert len(json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()) <= 20_000
    assert "more" in json.dumps(tree) or tree["type"] != "Array"


async def test_what_lies_too_deep_is_counted(repl: Bench) -> None:
    tree = await tree_of(repl, "({ a: { b: { c: { d: [1, 2, 3], e: {} } } } })")
    for key in "abcd":
        assert tree
        (tree,) = [child for child in tree["children"] if child["key"] == key]
    assert tree == {"kind": "array", "type": "Array", "text": "Array(3)", "key": "d", "more": 3}


async def test_making_a_tree_runs_nothing_of_the_agents(repl: Bench) -> None:
    await repl.js("var runs = 0; const touch = () => { runs++; throw 1 }")
    for code in (
        "({ get a() { return touch() }, [Symbol.toStringTag]: 'x', toString: touch, toJSON: touch, [Symbol.iterator]: touch })",
        "new Proxy({}, { get: touch, ownKeys: touch, getOwnPropertyDescriptor: touch, getPrototypeOf: touch })",
        "({ p: new Proxy([], { get: touch }) })",
        "Map.prototype.entries = Map.prototype[Symbol.iterator] = touch; Object.getPrototypeOf(new Map().keys()).next = touch; new Map([])",
    ):
        await repl.js(code)
    assert await repl.js("runs") == "0"


async def test_a_getter_in_a_tree_does_not_count_as_the_agents_name(repl: Bench) -> None:
    tree = await tree_of(repl, "({ __proto__: null, value: 1, writable: 2, get: 3 })")
    assert tree
    assert shape(tree) == {"value": "1", "writable": "2", "get": "3"}
