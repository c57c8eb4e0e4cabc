"""mini-racer's C functions, taken from its library as they are.

Its Python package would load asyncio and a hundred modules more, and what a worker touches of them is its own memory.
"""

import ctypes
import sys
from typing import Any

# The kinds of values that are told apart here, as mini-racer numbers them (`tests/repl/test_library.py`).
TEXT, ARRAY, FUNCTION = 5, 6, 100
FAILED, NOT_PARSED, OUT_OF_MEMORY = 200, 201, 202  # all kinds from FAILED on are errors

_NAME = {"darwin": "libmini_racer.dylib", "win32": "mini_racer.dll"}.get(sys.platform, "libmini_racer.so")
_handle, _number, _size = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_size_t


class Value(ctypes.Structure):
    """What a handle points to."""

    _pack_ = 1
    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("kind", ctypes.c_uint8))


CALLBACK = ctypes.CFUNCTYPE(None, _number, _handle)

_FUNCTIONS: dict[str, tuple[Any, ...]] = {  # what each gives, then what it takes; a context is a number
    "mr_init_v8": (None, ctypes.c_char_p, ctypes.c_char_p),
    "mr_v8_version": (ctypes.c_char_p,),
    "mr_init_context": (_number, CALLBACK),
    "mr_eval": (_number, _number, _handle, _number),
    "mr_call_function": (_number, _number, _handle, _handle, _handle, _number),
    "mr_alloc_string_val": (_handle, _number, ctypes.c_char_p, _number, ctypes.c_uint8),
    "mr_free_value": (None, _number, _handle),
    "mr_set_hard_memory_limit": (None, _number, _size),
    "mr_hard_memory_limit_reached": (ctypes.c_bool, _number),
    "mr_low_memory_notification": (None, _number),
}


def initialised(folder: str, flags: list[str]) -> Any:
    """The library in mini-racer's folder, with V8 set up for this process and its forks."""
    v8 = ctypes.CDLL(f"{folder}/{_NAME}")
    for name, (gives, *takes) in _FUNCTIONS.items():
        function = getattr(v8, name)
        function.restype, function.argtypes = gives, takes
    v8.mr_init_v8(" ".join(flags).encode(), f"{folder}/icudtl.dat".encode())
    return v8
