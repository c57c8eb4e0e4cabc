"""Recognises code that the transform would leave as it is, so that the common small call need not be parsed twice.

It errs on the other side only: what might declare, await, import, write to a constant, make promise jobs or begin like
an object goes to the parser. V8 itself says whether the rest is JavaScript at all, before any of it runs
(`tests/repl/test_plain.py` compares the two ways).
"""

import re
from json.encoder import encode_basestring_ascii

# Words that a promise job may come from; without them, and without any seen before, a call is over when it returns.
_STIRS = re.compile(
    r"[aA]sync|await|Promise|then|Microtask|import|eval|Function|constructor|globalThis|\bthis\b|setTimeout|setI"
)
_CHANGED = r"\b(?:let|const|class|function|var|using|delete|use strict)\b|^\s*(?:\{|#!)|\\|\$repl"
_NOT_PLAIN = re.compile(f"{_CHANGED}|{_STIRS.pattern}")  # one search costs less than two
_WRITES = re.compile(r"=|\+\+|--|\b(?:of|in)\b")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_LONGEST = 4096  # beyond that parsing twice is not what takes long
_SPACE = " \t\n\v\f\r"


def stirs(code: str) -> bool:
    """Whether a word in the code could make promise jobs."""
    return _STIRS.search(code) is not None


def script_of(code: str, constants: set[str]) -> tuple[str, str] | None:
    """The code as a script and the names it mentions, both in JSON; None if it may not be run without being parsed."""
    if len(code) > _LONGEST or not code.isascii() or _NOT_PLAIN.search(code):
        return None
    mentioned = set(_NAME.findall(code))
    if not constants.isdisjoint(mentioned) and _WRITES.search(code):
        return None
    one_line = "false" if "\n" in code and "\n" in code.strip(_SPACE) else "true"
    names = '","'.join(sorted(mentioned))  # they have nothing that JSON would escape
    script = f'{{"plain":true,"oneLine":{one_line},"js":{encode_basestring_ascii(code)}}}'
    return script, f'["{names}"]' if names else "[]"
