"""Where all that Chromium and its driver write is kept while a server runs: one folder, gone when the server ends.

A server that was killed removes nothing: the next one does. Several on one machine tell each other's folders from those
that are left by a lock that the living hold.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

PREFIX = "glasshouse-browser-"
LOCK = "lock"
FRESH_S = 24 * 3600  # a folder without a lock was left half removed, or is being made, or is an older version's


@contextlib.contextmanager
def open_home() -> Iterator[str]:
    """A folder of this server alone, in the place for temporary files."""
    made = tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)
    with made as folder, (Path(folder) / f"{LOCK}.new").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # only now it gets its name: a lock that nobody holds yet looks like that of a dead server
        os.rename(lock.name, Path(folder) / LOCK)
        yield folder


def clear_left() -> int:
    """Remove the folders of servers that are no more, as far as they are our user's; how many there were."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else removes it at the same time
            if _left(folder):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    if removed:
        log.info("removed %d folders that killed servers had left", removed)
    return removed


def _left(folder: Path) -> bool:
    about = folder.lstat()
    if about.st_uid != os.getuid() or folder.is_symlink():
        return False
    try:
        lock = (folder / LOCK).open("r+")
    except FileNotFoundError:
        return time.time() - about.st_mtime > FRESH_S
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
