"""What the engine says of mini-racer's library is what its Python package says of it."""

import ctypes

from py_mini_racer import _dll
from py_mini_racer._objects import _MiniRacerTypes as Types

from tools.repl.engine import library


def test_values_are_laid_out_and_numbered_as_in_mini_racer() -> None:
    assert (Types.str_utf8, Types.array, Types.function) == (library.TEXT, library.ARRAY, library.FUNCTION)
    failures = (Types.execute_exception, Types.parse_exception, Types.oom_exception)
    assert failures == (library.FAILED, library.NOT_PARSED, library.OUT_OF_MEMORY)
    theirs = _dll._RawValue
    places = [(field.offset, field.size) for field in (theirs.value, theirs.len, theirs.type)]
    ours = (library.Value.data, library.Value.size, library.Value.kind)
    assert [(field.offset, field.size) for field in ours] == places
    assert ctypes.sizeof(library.Value) == ctypes.sizeof(theirs)
