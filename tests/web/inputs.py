"""Hostile inputs for tools, made from their own schemas: what fits nothing, what is too much, and what fits but bites."""
# ruff: noqa: E501  # lists of tricks

import random
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


NAMES = [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "__class__",
    "then",
    "length",
    "",
    " ",
    "0",
    "\x00",
    "é" * 200,
]
SELECTORS = [
    "*", "**", "#", ".", "[", "]", ":", "::", ">", "> >", "a >", ", ,", "#1", "[a=", "[a='", "\\", "\\0", "/*", "//a", "xpath=//*", "text=/.*/",
    "*:has(*:has(*))", ":is(" * 300 + "a" + ")" * 300, ":not(" * 2000, "a " * 20_000, "a," * 20_000, "*" * 5000, ":nth-child(99999999999999n+1)",
    "[a" * 1000, "body * * * * * * * * * *", ":has(:has(:has(a)))", "html:root:root:root", "internal:control=enter-frame", "css=*", "role=button[name=/(a+)+$/]",
    ">> nth=99999999999", "_react=x", "[12]", "[99999999999999999999]", "[-1]", "[0]", "[1e3]", "[]", "12", "-1", "1e999",
]  # fmt: skip
CODE = [
    "while (true) {}", "for (;;) { Promise.resolve() }", "(function f() { f() })()", "'x'.repeat(2 ** 29 - 30)", "new Array(2 ** 32 - 1).fill(1)",
    "const a = []; while (true) a.push(new Array(1e6).fill(1))", "throw null", "throw undefined", "throw {toString() { throw 1 }}", "Promise.reject()", "null.x",
    "Object.defineProperty(globalThis, 'x', {get() { throw 1 }}); x", "new Proxy({}, {get() { while (true) {} }, ownKeys() { throw 2 }})", "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "Object.prototype.toJSON = () => { throw 3 }; ({})", "globalThis.JSON = null", "delete globalThis.Object", "await new Promise(() => {})", "'\\ud800'", "'\\u0000'.repeat(1000)",
    "import('fs')", "require('child_process').execSync('id')", "process.exit()", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)", "new WebAssembly.Memory({initial: 65536})",
    "eval('1' + '+1'.repeat(100000))", "[" * 5000, "(" * 20_000, "`${" * 3000, "/*", "'", "\\", "\u2028", "#!x", "a\x00b", "let " + "x" * 100_000 + " = 1", "class A { static { while (true) {} } }",
    "console.log('x'.repeat(5e6))", "for (let i = 0; i < 1e5; i++) console.log(i)", "setInterval(() => {}, 0)", "queueMicrotask(function f() { queueMicrotask(f) })", "({}).x.y", "1n ** 100000000n",
]  # fmt: skip
HTML = [
    "<", "</", "<>", "<!--", "<![CDATA[", "<!doctype", "<div>" * 20_000, "<b>" * 3000 + "x", "</div>" * 5000, "<table><tr><td>" * 2000, "<svg><foreignObject>" * 500, "<template>" * 1000, "<a href=javascript:alert(1)>x</a>",
    "<script>while(true){}</script>", "<script>throw 1</script>", "<img src=x onerror=alert(1)>", "<iframe src=file:///etc/passwd></iframe>", "<base href=//evil.test>", "<meta http-equiv=refresh content=0>", "<form><input name=a></form>" * 2000,
    "<p a='" + "x" * 1_000_000 + "'>", "<p " + "a=b " * 20_000 + ">", "<" + "x" * 10_000 + ">", "&#0;&#x110000;&nosuch;" * 1000, "\x00<p\x00>", "<plaintext>", "<frameset>", "<select>" * 2000, "<math><mi>" * 1000, "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "<style>}" + "{" * 5000 + "</style>", "<title>" + "t" * 100_000 + "</title>", "<html><html><body><body>", "<nobr>" * 3000, "x" * 5_000_000,
]  # fmt: skip
CSS = ["}", "{" * 10_000, "@import url(http://169.254.169.254/);", "p { background: url(file:///etc/passwd) }", "</style><script>1</script>", "*" * 10_000, "@media (" * 1000, "\\", "/*", "\x00", ":is(" * 1000, "p { a: " + "(" * 5000]  # fmt: skip
URLS = ["http://127.0.0.1/", "http://[::1", "file:///etc/passwd", "javascript:1", "http://" + "a" * 5000, "http://a:99999/", "//", "http://\x00/", "http://a b/", "http://%zz/", "about:blank#" + "x" * 7000, "chrome://version", "http://.../", "http://\ud800/"]  # fmt: skip
KEYS = ["", "+", "Control+", "Control+Control+Control", "F99", "a" * 5000, "\x00", "Enter+Enter", "Meta+Alt+Shift+Control+Delete", "é", "\ud800", "Control+W", "Alt+F4", "Control+Shift+I"]  # fmt: skip
BY_FIELD = {"selector": SELECTORS, "target": SELECTORS, "anchor": SELECTORS, "scope": SELECTORS, "code": CODE, "js": CODE, "html": HTML, "css": CSS, "url": URLS, "keys": KEYS}  # fmt: skip
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, -(2**63), 10**30, 10**400, 1.5, -0.0, 1e308, 5e-324, "", " ", "\x00", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "x" * 200_000, "0", "true", "null", "NaN", "1e999",
    [], [None], [[]], {}, {"": {}}, {"__proto__": {"x": 1}}, {"constructor": {"prototype": {}}}, {"$ref": "#"}, deep(50), deep(200), [1] * 5000, {f"k{n}": n for n in range(2000)}, ["\ud800"], {"\ud800": "\udfff"},
]  # fmt: skip
TRUE_TO_KIND = {"string": "text", "integer": 3, "number": 2.5, "boolean": True, "array": ["x"], "object": {}}


def plausible(schema: Json) -> Any:
    """A value that a property takes."""
    for choice in schema.get("anyOf", [schema]):
        if "enum" in choice:
            return choice["enum"][0]
        if choice.get("type") in TRUE_TO_KIND:
            return TRUE_TO_KIND[choice["type"]]
    return "text"


def hostile_inputs(tools: list[Json], count: int, seed: int) -> Iterator[tuple[str, Json]]:
    """`count` calls, the same for the same seed: (tool, input)."""
    chance = random.Random(seed)
    for n in range(count):
        tool = tools[n % len(tools)]
        properties: Json = tool["input_schema"]["properties"]
        required = tool["input_schema"].get("required", [])
        given = {name: plausible(properties[name]) for name in properties if name in required or chance.random() < 0.3}
        for name in chance.sample(list(properties), k=min(len(properties), chance.choice([1, 1, 1, 2, 3]))):
            given[name] = chance.choice(BY_FIELD.get(name, ODD) if chance.random() < 0.6 else ODD)
        if chance.random() < 0.15:
            given[chance.choice(NAMES)] = chance.choice(ODD)
        if chance.random() < 0.1 and given:
            given.pop(chance.choice(list(given)))
        if "timeout_ms" in properties and isinstance(given.get("timeout_ms", 0), int):
            given["timeout_ms"] = chance.choice([100, 200, 300])  # endless code is to end soon
        if "seconds" in properties and isinstance(given.get("seconds", 0), int | float):
            given["seconds"] = 0.1
        yield tool["name"], given
