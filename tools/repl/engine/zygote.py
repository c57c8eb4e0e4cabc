"""The zygote: a process that has loaded everything, started no thread, and forks a worker for each socket it is sent.

It reads its control socket and nothing else, answers nothing, and ends when the server does. Its workers end with it.
"""

import ctypes
import gc
import os
import signal
import socket
import time

from . import sources, worker
from .evaluator import Limits
from .isolate import initialise

_PR_SET_PDEATHSIG = 1
_STACK_KB = 900  # V8's own default for its main thread; mini-racer's thread has 8 MB


def main(control_fd: int, heap_mb: int, process_mb: int, jitless: int) -> None:
    """Serve the control socket. The V8 heap flag is above the limit we set, which is checked only after collections."""
    server = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        return
    os.environ["TZ"] = "UTC"
    time.tzset()
    heap_flag = f"--max-heap-size={heap_mb * 5 // 3}"
    initialise(["--single-threaded", heap_flag, f"--stack-size={_STACK_KB}"] + (["--jitless"] if jitless else []))
    source = sources.load()
    limits = Limits(heap_bytes=heap_mb << 20, process_bytes=process_mb << 20)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    gc.collect()
    gc.freeze()  # what is here now is shared with every worker: do not touch it
    _fork_for_each(socket.socket(fileno=control_fd), source, limits)


def _fork_for_each(control: socket.socket, source: sources.Sources, limits: Limits) -> None:
    while True:
        message, sockets, *_ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _silence(sockets[1])
            worker.main(socket.socket(fileno=sockets[0]), source, limits)
        for received in sockets:
            os.close(received)


def _silence(last_words: int) -> None:
    """V8 says on standard error why it aborts; nothing else is read or written there. A full pipe must not block."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.set_blocking(last_words, False)
    for stream, file in ((0, nowhere), (1, nowhere), (2, last_words)):
        os.dup2(file, stream)
    os.close(nowhere)
    os.close(last_words)
