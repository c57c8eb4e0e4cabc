"""What a worker can reach if V8 is broken through: nothing. Tried from Python inside a process confined like a worker."""

# ruff: noqa: E501 (a program on one line is easier to compare than one cut in two)

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from tests.repl.conftest import Bench, OpenBench
from tools.repl import syscalls
from tools.repl.worker import Worker
from tools.repl.zygote import Zygote

_TOOLS = Path(__file__).parents[2] / "tools" / "repl"

# Runs in a process that has done what a worker does before it reads its first message.
_ATTEMPTS = """
import ctypes, fcntl, json, os, resource, signal, socket, subprocess, sys, threading
sys.path.insert(0, sys.argv[1])
parent, port = int(sys.argv[2]), int(sys.argv[3])
from engine import confine, memory
libc = ctypes.CDLL(None, use_errno=True)
if sys.argv[4] == "nobody" and os.getuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    libc.prctl(4, 1, 0, 0, 0)  # dumpable again, as a process is that was started by that user
own = memory.OwnMemory()
report = confine.before_threads() | confine.after_threads(own.data_bytes(), 512 << 20, bytes.fromhex(sys.argv[5]))

def attempt(what):
    try:
        result = what()
        return "refused" if result == -1 else f"done: {result!r}"
    except BaseException as problem:
        return "refused"

def connect():
    one = socket.socket()
    one.connect(("127.0.0.1", port))

attempts = {
    "read a file": lambda: open("/etc/passwd").read(),
    "write a file": lambda: open("/tmp/escaped", "w").write("x"),
    "list a folder": lambda: os.listdir("/"),
    "read the server's memory": lambda: open(f"/proc/{parent}/mem", "rb").read(1),
    "read the server's environment": lambda: open(f"/proc/{parent}/environ").read(),
    "connect": connect,
    "open a socket": lambda: socket.socket(socket.AF_UNIX),
    "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
    "fork": os.fork,
    "start a program": lambda: os.execv("/bin/true", ["true"]),
    "start a thread": lambda: threading.Thread(target=print).start(),
    "signal the server": lambda: os.kill(parent, 0),
    "trace the server": lambda: libc.ptrace(16, parent, 0, 0),
    "read through process_vm_readv": lambda: libc.syscall(310, parent, 0, 0, 0, 0, 0),
    "raise its own limits": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)),
    "limit the server": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (3, 3)),
    "load a module": lambda: libc.syscall(175, 0, 0, 0),
    "mount": lambda: libc.mount(b"none", b"/mnt", b"tmpfs", 0, 0),
    "leave its namespace": lambda: libc.unshare(0x10000000),
    "use io_uring": lambda: libc.syscall(425, 1, 0),
    "use bpf": lambda: libc.syscall(321, 0, 0, 0),
    "use userfaultfd": lambda: libc.syscall(323, 0),
    "duplicate the server's descriptors": lambda: libc.syscall(438, libc.syscall(434, parent, 0), 0, 0),
    "see whether a file is there": lambda: os.stat("/etc/passwd"),
    "ask for access": lambda: libc.access(b"/etc/passwd", 0),
    "read a link": lambda: os.readlink("/proc/self/exe"),
    "change directory": lambda: os.chdir("/tmp"),
    "leave the root": lambda: os.chroot("/"),
    "remove a file": lambda: os.unlink("/tmp/nothing"),
    "make a folder": lambda: os.mkdir("/tmp/escaped"),
    "make a memory file": lambda: os.memfd_create("x"),
    "watch files": lambda: libc.syscall(254, 0),
    "open by openat2": lambda: libc.syscall(437, -100, b"/etc/passwd", b"\\0" * 24, 24),
    "open by handle": lambda: libc.syscall(304, -100, b"\\0" * 16, 0),
    "make a pair of sockets": socket.socketpair,
    "make a pipe": os.pipe,
    "duplicate a descriptor": lambda: os.dup(0),
    "have signals sent to the server": lambda: fcntl.fcntl(1, 8, parent),
    "signal everybody": lambda: os.kill(-1, 0),
    "signal a thread of the server": lambda: libc.syscall(234, parent, parent, 0),
    "queue a signal": lambda: libc.syscall(129, parent, 0, b"\\0" * 128),
    "signal by descriptor": lambda: libc.syscall(424, 0, 0, 0, 0),
    "fork by clone": lambda: libc.syscall(56, 17, 0, 0, 0, 0),
    "fork by clone3": lambda: libc.syscall(435, b"\\0" * 64, 64),
    "fork by vfork": lambda: libc.syscall(58),
    "start a program by descriptor": lambda: libc.syscall(322, 0, b"", 0, 0, 0x1000),
    "write to the server's memory": lambda: libc.syscall(311, parent, 0, 0, 0, 0, 0),
    "advise the server's memory": lambda: libc.syscall(440, 0, 0, 0, 0, 0),
    "be dumpable again": lambda: libc.prctl(4, 1, 0, 0, 0),
    "live on without the parent": lambda: libc.prctl(1, 0, 0, 0, 0),
    "use another filter": lambda: libc.syscall(317, 0, 0, 0),
    "join a namespace": lambda: libc.syscall(308, 0, 0),
    "open a performance counter": lambda: libc.syscall(298, 0, 0, -1, -1, 0),
    "keep a key": lambda: libc.syscall(250, 0, -1, 0),
    "share memory": lambda: libc.syscall(29, 0, 4096, 0o1600),
    "open a message queue": lambda: libc.syscall(240, b"/x", 0o102, 0o600, 0),
    "talk to a device": lambda: libc.ioctl(1, 0x5413, b"\\0" * 16),
    "be another user": lambda: libc.syscall(117, 0, 0, 0),
    "be of another personality": lambda: libc.syscall(135, 0x0040000),
    "put the server behind": lambda: libc.syscall(141, 0, parent, 19),
    "pin the server": lambda: libc.syscall(203, parent, 8, b"\\1" * 8),
    "change the clock": lambda: libc.syscall(227, 0, b"\\0" * 16),
    "name the machine": lambda: libc.syscall(170, b"x", 1),
    "restart the machine": lambda: libc.syscall(169, 0, 0, 0, 0),
}
print(json.dumps({"report": report, "attempts": {name: attempt(what) for name, what in attempts.items()}}), flush=True)
os._exit(0)
"""

# JavaScript that looks for a way out; each ends in an error or finds nothing.
_ESCAPES = {
    "this.constructor.constructor('return process')()": "ReferenceError",
    "import('fs')": "no modules here",
    "await import('node:child_process')": "no modules here",
    "require('fs')": "ReferenceError",
    "new Function('return typeof process + typeof require + typeof Deno + typeof Bun')()": "'undefinedundefinedundefinedundefined'",
    "fetch('http://127.0.0.1/')": "ReferenceError",
    "new WebSocket('ws://127.0.0.1/')": "ReferenceError",
    "new WebAssembly.Memory({ initial: 1 })": "ReferenceError",
    "eval('%DebugPrint(1)')": "SyntaxError",
    "typeof $262 + typeof d8 + typeof load + typeof read + typeof quit + typeof os": "'undefinedundefinedundefinedundefinedundefinedundefined'",
    "typeof __timer_manager": "'undefined'",
    "(async () => {}).constructor('return import(`fs`)')()": "rejected",
    "[].map.constructor('return this')() === globalThis": "true",
    "await (async function* () {}).constructor('yield import(`fs`)')().next()": "Not supported",
    "await import({ toString() { return 'fs' } }, { with: { type: 'json' } })": "no modules here",
    "importScripts('x')": "ReferenceError",
    "[Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).getTimezoneOffset()]": "[ 'UTC', 0 ]",
    "Object.getOwnPropertyNames(globalThis).filter(name => /shared|wasm|webassembly|temporal/i.test(name))": "[]",
    "setTimeout(function () { throw String(this.constructor.constructor('return this')() === globalThis) }, 1)": "true",
}  # fmt: skip


async def confined_attempts(port: int, user: str) -> dict[str, dict[str, str]]:
    arguments = ["-I", "-c", _ATTEMPTS, str(_TOOLS), str(os.getpid()), str(port), user, syscalls.compiled().hex()]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    found: dict[str, dict[str, str]] = json.loads(out)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="landlock, seccomp and namespaces are Linux's")
@pytest.mark.parametrize("user", ["whoever runs this", "nobody"])
async def test_a_confined_process_reaches_no_file_network_or_other_process(user: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        found = await confined_attempts(listener.getsockname()[1], user)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert {step: how for step, how in found["report"].items() if how.startswith("failed")} == {}
    assert {name: how for name, how in found["attempts"].items() if how != "refused"} == {}


async def test_every_step_of_the_confinement_is_reported(repl: Bench) -> None:
    await repl.js("1")
    report = (await repl.sessions["sesn_a"].worker()).confined
    assert set(report) == {
        "parent", "memory of others", "namespaces", "capabilities", "no new privileges", "landlock", "limits", "seccomp",
    }  # fmt: skip


async def test_a_worker_has_no_environment_and_no_descriptors_of_the_server(repl: Bench) -> None:
    await repl.js("1")
    pid = await repl.worker_pid()
    if os.geteuid() != 0:
        pytest.skip("a worker's /proc is closed to all but root")
    environment = await asyncio.to_thread(Path(f"/proc/{pid}/environ").read_bytes)
    assert b"GLASSHOUSE" not in environment
    assert b"PATH=" not in environment
    targets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    outside = [
        target
        for target in targets
        if not target.startswith(("/dev/null", "/proc/", "pipe:", "socket:", "anon_inode:"))
    ]
    assert outside == []
    assert len(targets) < 20


async def test_no_javascript_finds_a_way_out(repl: Bench) -> None:
    for code, expected in _ESCAPES.items():
        assert expected in await repl.js(code), code


async def test_a_sandbox_that_is_required_and_incomplete_refuses_to_run(
    open_bench: OpenBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = Zygote._fork

    async def without_landlock(self: Zygote, control: socket.socket) -> Worker:
        worker = await fork(self, control)
        worker.confined["landlock"] = "failed: Function not implemented"
        return worker

    monkeypatch.setattr(Zygote, "_fork", without_landlock)
    async with open_bench(ready=0) as repl:
        assert await repl.js("1 + 1") == "2"
    async with open_bench(require_confinement=True, ready=0) as repl:
        answer = await repl.js("1 + 1")
        assert answer.startswith("The JavaScript sandbox is not complete here (landlock)")
        assert "GLASSHOUSE_REPL_REQUIRE_CONFINEMENT" in answer
