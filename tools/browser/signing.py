"""A name and a password given in an address (HTTP Basic): sent by this tab to that origin, and to no other.

Chromium itself takes part in no HTTP authentication (launcher.py): a page, or a part of it, that asks gets no dialog.
"""

import asyncio
import base64
import contextlib
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

ASKS = (
    "It asks for a name and a password (HTTP authentication). If you were given them, put them into the address: "
    "https://name:password@host/."
)


class Signing:
    """The origins that one tab signs its requests to."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        self._by_origin: dict[str, str] = {}  # the header that is sent
        self._sending: set[asyncio.Task[None]] = set()

    async def sign(self, url: str) -> str:
        """Take name and password out of an address, to send them where it leads. Returns the address without."""
        parts = urlsplit(url)
        if parts.username is None and parts.password is None:
            return url
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        given = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
        if not self._by_origin:
            self._cdp.on("Fetch.requestPaused", self._on_paused)
        self._by_origin[origin(plain)] = f"Basic {base64.b64encode(given).decode()}"
        patterns = [{"urlPattern": f"{one}/*"} for one in self._by_origin]
        await self._cdp.send("Fetch.enable", {"patterns": patterns})
        return urlunsplit(plain)

    def _on_paused(self, event: dict[str, Any]) -> None:
        task = asyncio.create_task(self._send(event))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, event: dict[str, Any]) -> None:
        headers = event["request"]["headers"] | {
            "Authorization": self._by_origin.get(origin(urlsplit(event["request"]["url"])), "")
        }
        listed = [{"name": name, "value": value} for name, value in headers.items() if value]
        with contextlib.suppress(PlaywrightError):  # it was given up meanwhile
            await self._cdp.send("Fetch.continueRequest", {"requestId": event["requestId"], "headers": listed})


def origin(parts: SplitResult) -> str:
    """Scheme, host and port, as Chromium writes them."""
    host = (parts.hostname or "").lower()
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme.lower()}://{f'[{host}]' if ':' in host else host}{port}"


def asks(headers: dict[str, str]) -> bool:
    """Whether an answer asks for a name and a password."""
    return "www-authenticate" in headers
