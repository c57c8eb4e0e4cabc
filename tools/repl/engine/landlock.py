"""Landlock without a rule: from here on this thread, and those it starts, open no file and connect to no TCP port.

Three system calls through ctypes; see landlock(7). Raises OSError where the kernel has no landlock.
"""

import os
import struct

from .libc import LIBC, checked

_CREATE, _RESTRICT = 444, 446  # the same numbers on every architecture
_VERSION_FLAG = 1
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # kernel ABI → how many file-system rights it knows
_NET_ABI, _SCOPE_ABI = 4, 6  # first ABI with TCP rights; with signals and abstract sockets


def deny_all() -> str:
    """Restrict the calling thread. Returns what holds, for the log."""
    abi = checked(LIBC.syscall(_CREATE, None, 0, _VERSION_FLAG))
    files = (1 << _FS_RIGHTS.get(abi, 16)) - 1
    fields = [files] + ([0b11] if abi >= _NET_ABI else []) + ([0b11] if abi >= _SCOPE_ABI else [])
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = checked(LIBC.syscall(_CREATE, attributes, len(attributes), 0))
    try:
        checked(LIBC.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)
    return f"ABI {abi}"
