"""Installs the filter of system calls (`tools/repl/syscalls.py`) by the one system call that reaches all threads.

See seccomp(2). Raises OSError where that is not to be had.
"""

import ctypes
import os
import struct

from .libc import LIBC, checked

_CALL = {"x86_64": 317, "aarch64": 277}  # the machines that mini-racer is made for
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_INSTRUCTION_BYTES = 8
_PROGRAM = struct.Struct("@HP")  # struct sock_fprog


def allow_only(program: bytes) -> str:
    """Install a filter in every thread of the process. Returns what holds, for the log."""
    if not program:
        raise OSError("libseccomp is not installed")
    number = _CALL.get(os.uname().machine)
    if number is None:
        raise OSError(f"not known on {os.uname().machine}")
    count = len(program) // _INSTRUCTION_BYTES
    instructions = ctypes.create_string_buffer(program, len(program))
    given = _PROGRAM.pack(count, ctypes.addressof(instructions))
    thread = checked(LIBC.syscall(number, _SET_MODE_FILTER, _ALL_THREADS, given))
    if thread:
        raise OSError(f"thread {thread} does not take it")
    return f"a filter of {count} instructions"
