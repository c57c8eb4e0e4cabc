"""How much memory this process uses, read through files opened before landlock closes the file system."""

import os
import re

from .libc import LIBC

_DATA = re.compile(rb"^VmData:\s+(\d+)", re.MULTILINE)  # compiled here, not in each worker
_PRIVATE = re.compile(rb"^Private_(?:Clean|Dirty):\s+(\d+)", re.MULTILINE)


class OwnMemory:
    """Reads `/proc/self`; make it in the process it is about, before it is confined."""

    def __init__(self) -> None:
        self._status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
        self._rollup = os.open("/proc/self/smaps_rollup", os.O_RDONLY | os.O_CLOEXEC)
        self._trim = getattr(LIBC, "malloc_trim", None)  # glibc's

    def trim(self) -> None:
        """Give the system back what was allocated and freed: parsing leaves a megabyte and a half of it."""
        if self._trim:
            self._trim(0)

    def data_bytes(self) -> int:
        """What RLIMIT_DATA counts."""
        return _kilobytes(self._status, _DATA) * 1024

    def private_bytes(self) -> int:
        """Memory that no other process shares, so what ending this one would free."""
        return _kilobytes(self._rollup, _PRIVATE) * 1024


def _kilobytes(file: int, pattern: re.Pattern[bytes]) -> int:
    text = os.pread(file, 65536, 0)
    return sum(int(found) for found in pattern.findall(text))
