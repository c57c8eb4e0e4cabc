"""What a worker gives up: its session, its parent's death, its rights, its files, its network. Each step best effort.

`before_threads` binds every thread started later; `after_threads` the process as it then stands.
"""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Callable

from . import landlock, seccomp
from .libc import LIBC, checked

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_NAMESPACES = {"user": _CLONE_NEWUSER, "network": _CLONE_NEWNET, "ipc": _CLONE_NEWIPC}
_OWN_CAPABILITIES = struct.pack("=Ii", 0x20080522, 0)  # version 3, this thread

Report = dict[str, str]  # step → what holds, or "failed: why"


def before_threads() -> Report:
    """Confine a process that has one thread."""
    return _steps(
        {
            "parent": _die_with_parent,
            "memory of others": _close_own_memory,
            "namespaces": _leave_namespaces,
            "capabilities": _drop_capabilities,
            "no new privileges": _no_new_privileges,
            "landlock": landlock.deny_all,
        }
    )


def after_threads(data_now: int, data_more: int, filter_: bytes) -> Report:
    """Confine a process that has started its threads: it may add `data_more` bytes to the `data_now` it has.

    `filter_` is the one of system calls.
    """
    return _steps({"limits": lambda: _limit(data_now, data_more), "seccomp": lambda: seccomp.allow_only(filter_)})


def _steps(steps: dict[str, Callable[[], str]]) -> Report:
    report = {}
    for name, step in steps.items():
        try:
            report[name] = step()
        except Exception as problem:
            report[name] = f"failed: {problem}"
    return report


def _die_with_parent() -> str:
    os.setsid()
    checked(LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    return "own session, dies with its parent"


def _close_own_memory() -> str:
    checked(LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    return "not dumpable"


def _leave_namespaces() -> str:
    left = []
    if LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        return ", ".join(_NAMESPACES)
    for name, flag in _NAMESPACES.items():  # a container may forbid some of them
        if LIBC.unshare(flag) == 0:
            left.append(name)
    if not left:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return ", ".join(left)


def _drop_capabilities() -> str:
    checked(LIBC.capset(_OWN_CAPABILITIES, bytes(24)))
    return "none left"


def _no_new_privileges() -> str:
    checked(LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    return "set"


def _limit(now: int, more: int) -> str:
    for what, value in (
        (resource.RLIMIT_DATA, now + more),  # not RLIMIT_AS: V8's sandbox reserves a terabyte of addresses
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))
    return f"{more >> 20} MB more memory, no files written, no core"
