"""Sentences for what agents often try and this JavaScript does not have."""

import re

_NOT_HERE = {
    "there is no network here": "fetch XMLHttpRequest WebSocket EventSource Request Response Headers navigator",
    "there are no modules here, only built-in JavaScript": "require module exports",
    "this is not Node.js: there are no files, processes or network": (
        "process Buffer __dirname __filename fs path os child_process http https util assert"
    ),
    "there is no page here": "window document alert prompt confirm localStorage sessionStorage location history self",
    "it is left out here, because state must be restorable and calls must be stoppable": (
        "WebAssembly SharedArrayBuffer Temporal Worker MessageChannel"
    ),
    "this is JavaScript: console.log prints": "print println puts echo printf",
    "this is JavaScript: it says true, false, null and undefined": "True False None nil",
}
_WHY = {name: why for why, names in _NOT_HERE.items() for name in names.split()}
_UNDEFINED = re.compile(r"^ReferenceError: (\S+) is not defined$")
_IMPORT = "Cannot use import statement outside a module"
_TYPESCRIPT = re.compile(
    r"^\s*(?:interface\s+\w+|type\s+\w+\s*=|enum\s+\w+|declare\s)|[\w)\]?]\s*:\s*(?:string|number|boolean|any|void|unknown"
    r"|never|\w+\[\]|Record<|Array<|Promise<)|\bas\s+(?:const|string|number|any|unknown)\b|\bprivate\s+\w+",
    re.MULTILINE,
)
_JSX = re.compile(r"</\w+>|<\w+[^<>]*/>|<>")
_PYTHON = re.compile(
    r"^\s*(?:def\s+\w+\(.*\).*:|from\s+\w+\s+import\b|elif\b|(?:if|for|while|class)\b[^{]*:)\s*(?:#.*)?$", re.MULTILINE
)


def thrown(message: str) -> str:
    """What to add to the text of a thrown error, or nothing."""
    found = _UNDEFINED.match(message)
    why = _WHY.get(found.group(1)) if found else None
    return f"\n({why[0].upper()}{why[1:]}.)" if why else ""


def syntax(message: str, code: str) -> str:
    """The words for a syntax error, with the reason where it is a common slip."""
    if message == _IMPORT:
        return f"{_IMPORT} (there are no modules, network or files here; only built-in JavaScript)"
    if message == "Unexpected token 'export'":
        return f"{message} (there are no modules here; what is declared at the top level stays for later calls)"
    if message == "Illegal return statement":
        return f"{message} (return works in functions only; the value of the last expression is the result)"
    if message == "Unexpected token '<'" and _JSX.search(code):
        return f"{message} (this is JavaScript: there is no JSX)"
    if _PYTHON.search(code):
        return f"{message} (this is JavaScript, not Python)"
    if _TYPESCRIPT.search(code):
        return f"{message} (this is JavaScript: leave out TypeScript's types)"
    return message
