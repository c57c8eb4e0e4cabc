"""The rank of pages' workers: they get what the pages and the server leave of the processors, however many are started.

Chromium runs on this machine as a descendant of the server; its worker threads are found by their names in /proc.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
WORKERS = ("DedicatedWorker", "SharedWorker", "ServiceWorker")  # how Chromium names their threads, cut to 15 letters
LOWEST = 19
SOON_S = 0.1  # a worker is told of before its thread is there


class Ranks:
    """Lowers the rank of worker threads soon after a worker is told of."""

    def __init__(self) -> None:
        self._soon: asyncio.TimerHandle | None = None
        self._lowering: asyncio.Task[int] | None = None

    def worker(self, *_: object) -> None:
        """A page has started a worker."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON_S, self._begin)

    def _begin(self) -> None:
        self._soon = None
        if self._lowering is None or self._lowering.done():
            self._lowering = asyncio.create_task(asyncio.to_thread(lower))
        else:
            self.worker()  # it may have come too late for that one

    def close(self) -> None:
        """Lower no more."""
        if self._soon:
            self._soon.cancel()
            self._soon = None


def lower() -> int:
    """Give all workers' threads the lowest rank; how many have it now."""
    count = 0
    for thread in worker_threads():
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            os.setpriority(os.PRIO_PROCESS, thread, LOWEST)
            count += 1
    return count


def worker_threads() -> Iterator[int]:
    """The threads of workers in the renderers below this process."""
    for process in descendants(os.getpid()):
        for task in _listed(PROC / str(process) / "task"):
            with contextlib.suppress(OSError):
                if (PROC / str(process) / "task" / task / "comm").read_text().startswith(WORKERS):
                    yield int(task)


def descendants(of: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    children: dict[int, list[int]] = {}
    for name in _listed(PROC):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int((PROC / name / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    found, left = [], [of]
    while left:
        started = children.get(left.pop(), [])
        found += started
        left += started
    return found


def _listed(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return os.listdir(folder)
    return []
