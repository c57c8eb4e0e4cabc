"""An error names the agent's own place and line, and says what to do instead where the slip is a common one."""

from tests.repl.conftest import Bench

# Code, and the end of the answer to it: the offending line and the carets.
_PLACES = {
    "const a = 1;\nconst b = {};\nb.c.d = a;": "REPL1:3\nb.c.d = a;\n      ^",
    "async function f() {\n  await null;\n  nothing();\n}\nawait f()": "REPL1:3\n  nothing();\n  ^",
    "function out() {\n  function inner() { return null.x }\n  return inner()\n}\nout()": (
        "REPL1:2\n  function inner() { return null.x }\n" + " " * 33 + "^"
    ),
    "await 1;\nlet z = await 2;\nz.foo.bar": "REPL1:3\nz.foo.bar\n      ^",
    "'use strict';\nlet q = 1;\nundef = 2": "REPL1:3\nundef = 2\n      ^",
    "x.y;\nlet x = 1": "REPL1:1\nx.y;\n^",
    "let p = 1;\nconst c = 2; c = p": "REPL1:2\nconst c = 2; c = p\n               ^",
    "let v = 1;\nvoid 0; v.a.b()": "REPL1:2\nvoid 0; v.a.b()\n            ^",
    "let n = null;\nif (1) eval('n.x')": "REPL1:2\nif (1) eval('n.x')\n       ^",
    "({\n  get a() { return this.b.c }\n}).a": "REPL1:2\n  get a() { return this.b.c }\n                          ^",
}
_SLIPS = {
    "import x from 'x'": "there are no modules, network or files here",
    "export const k = 1": "what is declared at the top level stays for later calls",
    "return 5": "the value of the last expression is the result",
    "require('fs')": "There are no modules here",
    "fetch('http://x')": "There is no network here",
    "process.env": "This is not Node.js",
    "document.title": "There is no page here",
    "let t: number = 1": "leave out TypeScript's types",
    "const el = <div>hi</div>": "there is no JSX",
    "def f(x):\n  return x": "not Python",
    "for i in range(3):\n  print(i)": "not Python",
    "print(1)": "console.log prints",
    "x = True": "true, false, null",
    "function g() {\n  return 1;\n": "REPL1:2\n  return 1;\n           ^\n\nUncaught SyntaxError: Unexpected end",
    "{ a: 1": "Unexpected end of input",
    "let NaN = 1": "Identifier 'NaN' has already been declared",
}


async def test_an_error_names_the_place_that_was_written(repl: Bench) -> None:
    for code, shown in _PLACES.items():
        await repl.work.call("js_reset")
        assert (await repl.js(code)).endswith(f"\n\n{shown}"), code


async def test_common_slips_get_a_sentence(repl: Bench) -> None:
    for code, hint in _SLIPS.items():
        await repl.work.call("js_reset")
        answer = await repl.js(code)
        assert "Uncaught" in answer
        assert hint in answer, code
