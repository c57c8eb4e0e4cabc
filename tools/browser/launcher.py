"""Starts Chromium in a network namespace of its own, as Playwright's `executable_path` (by launcher.sh).

It leaves the server's network, opens a port in the new, empty one, hands that listening socket to the server, and
becomes Chromium. A socket belongs to the namespace it was made in: so what Chromium sends there arrives in the server,
and there is nowhere else to send to. Stands alone: it is run by path, with nothing of the server loaded.

launcher.py try                        prints how a namespace can be had, or exits 1 with the reason
launcher.py start CHROMIUM SOCKET …    becomes Chromium with the arguments that follow; with "" as the socket it stays
                                       in the server's network
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
INSIDE_UID = 1000  # never 0: who is root in a namespace of its own has more of the kernel to attack
PORT = 3128  # nothing else listens in there
BACKLOG = 512
OFF = "SpareRendererForSitePerProcess,RenderDocument"  # Chromium's names for features

libc = ctypes.CDLL(None, use_errno=True)


def main(what: str, *rest: str) -> None:
    """Try, or start."""
    chromium, handover, *arguments = rest or ("", "")
    if what == "try" or handover:
        way = leave()
        listener = listen()
        if what == "try":
            print(way)
            return
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(handover)
            socket.send_fds(server, [way.encode()], [listener.fileno()])
        listener.close()
    prefer(arguments)
    checked(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))  # no driver, no Chromium
    os.execv(chromium, [chromium, *map(plainer, arguments)])


def plainer(argument: str) -> str:
    """Switch features off that make pages slow to come; Playwright's own switch for that is the last, and so the one.

    A renderer that nobody has asked for yet: there is one for all contexts, thrown away when another context goes to a
    page, so that with several sessions each page costs a renderer more. And a frame of its own for each document of the
    same site, which shields no site from another but takes a tenth of the time that a page needs to come, or more.
    """
    return f"{argument},{OFF}" if argument.startswith("--disable-features=") else argument


def prefer(arguments: list[str]) -> None:
    """Have Chromium take part in no HTTP authentication: it would wait for a dialog that a headless one never shows."""
    profile = next((one.partition("=")[2] for one in arguments if one.startswith("--user-data-dir=")), None)
    if profile:
        os.makedirs(profile, exist_ok=True)
        with open(os.path.join(profile, "Local State"), "x") as writing:
            writing.write('{"auth": {"schemes": "none"}}')


def leave() -> str:
    """Leave the server's network; says how that was possible. Raises OSError where it is not."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        inside = uid or INSIDE_UID
        for file, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{inside} {uid} 1"),
            ("gid_map", f"{gid or INSIDE_UID} {gid} 1"),
        ):
            with open(f"/proc/self/{file}", "w") as writing:
                writing.write(text)
        return "network and user namespace"
    checked(libc.unshare(CLONE_NEWNET))
    return "network namespace"


def listen() -> socket.socket:
    """The port that leads to the server, on every loopback address: the address tells the sessions apart."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP | IFF_RUNNING))
    return socket.create_server(("0.0.0.0", PORT), backlog=BACKLOG)


def checked(result: int) -> None:
    """Raise what the C library's call failed with."""
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as problem:
        sys.exit(f"no network namespace: {problem}")
