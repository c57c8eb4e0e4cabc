"""Seccomp: the system calls a worker needs once it is set up; all others fail with EPERM, in all its threads.

No call here opens, connects, forks, executes, signals another process or reads its memory. The filter is made here, in
the server, and installed by each worker (`engine/seccomp.py`), which so need not load what makes it.
"""

import errno
import fcntl
import tempfile

try:
    import pyseccomp  # type: ignore[import-untyped]
except RuntimeError:  # the system has no libseccomp: that is reported, not fatal
    pyseccomp = None

# What V8, CPython's allocator and the loop over one socket use (found by strace over the tests), by purpose.
ALLOWED = (
    "read", "readv", "write", "writev", "recvfrom", "recvmsg", "sendto", "sendmsg", "pread64", "lseek", "close",
    "poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_ctl", "select", "pselect6",
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "mincore", "pkey_mprotect", "membarrier",
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "sched_yield", "sched_getaffinity",
    "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "clock_getres", "time",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
    "getpid", "gettid", "getuid", "geteuid", "getrandom", "getrusage", "times", "sysinfo",
    "fstat", "exit", "exit_group",
)  # fmt: skip

# What may be asked of a descriptor by fcntl: its flags. F_SETOWN would have the kernel send signals to other processes.
_FCNTL_COMMANDS = (fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL)


def compiled() -> bytes:
    """The filter as the kernel takes it; nothing if the system has no libseccomp."""
    if pyseccomp is None:
        return b""
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for name in ALLOWED:
        try:
            rules.add_rule(pyseccomp.ALLOW, name)
        except (OSError, ValueError, RuntimeError):  # not a system call of this architecture
            continue
    for command in _FCNTL_COMMANDS:
        rules.add_rule(pyseccomp.ALLOW, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()
