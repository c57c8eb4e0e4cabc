"""A network namespace for Chromium, as launcher.py makes it: whether there is one to be had, and the socket out of it.

The launcher hands over the socket it listens on inside, once, by a Unix socket that exists only until then.
"""

import asyncio
import contextlib
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

HERE = Path(__file__).parent
DESKTOP = HERE / "desktop"  # programs that Chromium finds before those of the machine
STARTER = HERE / "launcher.sh"  # of any Chromium
LAUNCHER = STARTER  # of one in a namespace
PORT = 3128  # launcher.py listens there
TRY_S = 10
HANDOVER_S = 30
REASON = re.compile(r"no network namespace: ([^\n]*)")


class NamespaceError(Exception):
    """There is no namespace to be had; the text says why."""


async def try_out() -> str:
    """How the network can be left here. Raises NamespaceError where it cannot."""
    command = (sys.executable, "-I", "-S", str(HERE / "launcher.py"), "try")
    try:
        async with asyncio.timeout(TRY_S):
            process = await asyncio.create_subprocess_exec(
                *command, env={}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            said = (await process.communicate())[0].decode(errors="replace").strip()
    except (OSError, TimeoutError) as error:
        raise NamespaceError(str(error) or "the launcher does not answer") from error
    if process.returncode != 0:
        raise NamespaceError(why(said))
    return said


def why(text: str) -> str:
    """Why there is no namespace, as the launcher said it, or else the first line of what was said instead."""
    found = REASON.search(text)
    return found[1] if found else text.partition("\n")[0]


def denied(error: Exception) -> bool:
    """Whether a launch failed because there is no namespace, whatever else is tried in it."""
    return REASON.search(str(error)) is not None


def environment(chromium: str, handover: Path | None) -> dict[str, str]:
    """What the launcher has to be told; without a place to hand over, Chromium stays in the server's network."""
    return {
        "GLASSHOUSE_PYTHON": sys.executable,
        "GLASSHOUSE_CHROMIUM": chromium,
        "GLASSHOUSE_HANDOVER": str(handover or ""),
    }


@contextlib.contextmanager
def handover_at(path: Path) -> Iterator[socket.socket]:
    """A Unix socket that a launcher can reach. Chromium finds it gone: nobody else may hand over a socket."""
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.setblocking(False)
        waiting.bind(str(path))
        try:
            waiting.listen(1)
            yield waiting
        finally:
            path.unlink(missing_ok=True)


async def handed_over(waiting: socket.socket, launching: "asyncio.Future[Browser]") -> tuple[str, socket.socket]:
    """How the launcher left the network, and the socket it listens on. Raises what the launch raised, if it failed."""
    accepting: asyncio.Future[Any] = asyncio.ensure_future(asyncio.get_running_loop().sock_accept(waiting))
    try:
        await asyncio.wait([accepting, launching], timeout=HANDOVER_S, return_when=asyncio.FIRST_COMPLETED)
        if not accepting.done():
            if launching.done():
                launching.result()  # raises why it failed
            raise TimeoutError("the launcher does not answer")
        connection, _ = accepting.result()
    finally:
        accepting.cancel()
    with connection:
        connection.settimeout(HANDOVER_S)
        how, descriptors, _, _ = await asyncio.to_thread(socket.recv_fds, connection, 100, 1, socket.MSG_CMSG_CLOEXEC)
    if not descriptors:
        raise OSError("the launcher handed over nothing")
    return how.decode(), socket.socket(fileno=descriptors[0])
