"""What every request passes: `Host` names that are ours, bounded bodies, one shape of failure, security headers.

A foreign name in `Host` that resolves to this machine (DNS rebinding) finds nothing. What a handler could not foresee
is answered here, inside the headers that every answer gets.
"""

import ipaddress
import json
import logging
import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glasshouse.settings import Settings

logger = logging.getLogger(__name__)

BODY_BYTES = 8_000_000  # what a request may carry; the largest legitimate one is a page's HTML
OPEN = {"/webhook", "/health", "/ready", "/tools"}
HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s/?#@\[\]:]+)(:[0-9]{1,5})?")
FOREIGN = (
    421, "unknown_host", "This server does not go by that name. Add it to GLASSHOUSE_HOSTS or GLASSHOUSE_PUBLIC_URL."
)  # fmt: skip
TOO_LARGE = 413, "too_large", f"A request may carry at most {BODY_BYTES:,} bytes."
FAILED = 500, "internal", "The server failed at this request; its log says why. Nothing was changed halfway."
HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; frame-src 'self';"
        b" connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",  # what may be kept says so itself
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}


def own_names(settings: Settings) -> frozenset[str]:
    """Host names, without ports, that requests may carry."""
    public = urlsplit(settings.public_url or "").hostname or ""
    listed = (name.strip().lower() for name in settings.hosts.split(","))
    return frozenset({"localhost", settings.host.lower(), public, *listed} - {""})


class Guard:
    """ASGI: refuses foreign `Host` names and oversized bodies, and adds the security headers that every answer has."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing here speaks WebSockets
        answer, body = Answer(send), Body(receive)
        refusal = self._refused(scope)
        if refusal:
            await answer.refuse(*refusal)
            return
        try:
            await self._app(scope, body, answer)
        except Exception as error:
            if not body.over:
                logger.error("%s %s failed", scope["method"], _route(scope), exc_info=error)
            if not answer.begun:
                await answer.refuse(*(TOO_LARGE if body.over else FAILED))

    def _refused(self, scope: Scope) -> tuple[int, str, str] | None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if scope["path"] not in OPEN and not (len(hosts) == 1 and self._known(hosts[0])):
            return FOREIGN
        lengths = [value for name, value in scope["headers"] if name == b"content-length"] or [b"0"]
        if len(lengths) > 1 or not lengths[0].isdigit() or int(lengths[0]) > BODY_BYTES:
            return TOO_LARGE
        return None

    def _known(self, host: str) -> bool:
        try:
            if not HOST.fullmatch(host):
                return False
            name = urlsplit(f"//{host}").hostname or ""
            if name in self._names:
                return True
            ipaddress.ip_address(name)  # rebinding needs a name; a bare address is what it says
            return True
        except ValueError:
            return False


class Body:
    """A request's body; cut off at the limit, where the handler then sees a client that went away."""

    def __init__(self, receive: Receive) -> None:
        self.over = False
        self._receive = receive
        self._taken = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        self.over = self._taken > BODY_BYTES
        return {"type": "http.disconnect"} if self.over else message


class Answer:
    """An answer on its way, with the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self.begun = False
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in HEADERS.items() if name not in present]
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, status: int, code: str, text: str) -> None:
        """Say no, in the shape of errors.py."""
        body = json.dumps({"error": {"code": code, "message": text}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


def _route(scope: Scope) -> str:
    """The route's own path: the request's may hold a link's token."""
    return str(getattr(scope.get("route"), "path", "a request"))
