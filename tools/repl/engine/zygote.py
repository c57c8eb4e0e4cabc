"""The zygote: a process with an isolate that has loaded everything, and forks a worker for each socket it is sent.

It reads its control socket and nothing else, answers nothing, and ends when the server does. Its workers end with it.
Only the thread that forks goes on in the child, so it is V8's: a worker begins with a loaded isolate of its own, most
of whose memory it shares with the others.
"""

import gc
import os
import signal
import socket
import time
from _thread import allocate_lock

from . import library, sources, worker
from .evaluator import Evaluator, Limits
from .isolate import Isolate, drive
from .libc import LIBC

_PR_SET_PDEATHSIG = 1
_STACK_KB = 900  # V8's own default for its main thread; mini-racer's thread has 8 MB


def main(control_fd: str, heap_mb: str, process_mb: str, jitless: str, folder: str, filter_: str) -> None:
    """Serve the control socket. The V8 heap flag is above the limit we set, which is checked only after collections."""
    server = os.getppid()
    LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        return
    os.environ["TZ"] = "UTC"
    time.tzset()
    heap_flag = f"--max-heap-size={int(heap_mb) * 5 // 3}"
    flags = ["--single-threaded", heap_flag, f"--stack-size={_STACK_KB}"] + (["--jitless"] if int(jitless) else [])
    v8 = library.initialised(folder, flags)
    source = sources.load()
    limits = Limits(int(heap_mb) << 20, int(process_mb) << 20, bytes.fromhex(filter_))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    agent = _loaded(Isolate(v8, limits.heap_bytes), source)
    drive(_fork_for_each(socket.socket(fileno=int(control_fd)), agent, source, limits), worker.end)
    while True:
        signal.pause()


def _loaded(agent: Isolate, source: sources.Sources) -> Isolate:
    """The isolate once it has run its scripts. It is collected now, for later each worker had to do so."""
    lock = allocate_lock()

    def go_on(problem: BaseException | None) -> None:
        if problem is not None:
            worker.end(problem)
        lock.release()

    lock.acquire()
    drive(agent.load(Evaluator.script(source), "$repl$takeWayIn()"), go_on)
    lock.acquire()  # until it has gone on
    agent.tidy()
    agent.collect()
    return agent


async def _fork_for_each(control: socket.socket, agent: Isolate, source: sources.Sources, limits: Limits) -> None:
    await agent.run("''")  # goes on upon V8's thread
    gc.collect()
    gc.freeze()  # what is here now is shared with every worker: do not touch it
    while True:
        message, sockets, *_ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _silence(sockets[1])
            await worker.serve(sockets[0], agent, source, limits)
            return
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
