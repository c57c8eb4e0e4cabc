"""Who may do what: the operator's token, its cookie, and the guards every request passes.

The token comes in `Authorization: Bearer`, or once by the login link, which turns it into an HttpOnly SameSite cookie.
A request that changes something by cookie must come from our own pages. Names in `Host` that are not ours are refused,
so that a foreign name that resolves to this machine finds nothing.
"""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glasshouse.errors import RequestError
from glasshouse.settings import Settings
from glasshouse.web.house import WebHouse, house_of

COOKIE = "glasshouse"
COOKIE_S = 30 * 24 * 3600  # as long as people expect to stay logged in on their own machine
FAILURES = RateLimitItemPerMinute(20)  # wrong tokens from one address; far too few to guess 256 bits, enough for typos
BODY_BYTES = 8_000_000  # what a request may carry; the largest legitimate one is a page's HTML
OPEN = {"/webhook", "/health", "/ready", "/tools"}
_READING = {"GET", "HEAD", "OPTIONS"}

router = APIRouter()


class Failures:
    """Counts wrong credentials by address."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str) -> None:
        """Raise RequestError (429) when there were too many."""
        if not self._window.test(FAILURES, address):
            raise RequestError(429, "too_many_failures", "Too many wrong tokens from your address. Wait a minute.")

    def count(self, address: str) -> None:
        """One more."""
        self._window.hit(FAILURES, address)


def read_token(folder: Path) -> str:
    """The token kept in the data folder, made at the first start and readable by its owner only."""
    file = folder / "token"
    kept = file.read_text().strip() if file.exists() else ""
    if kept:
        return kept
    made = secrets.token_urlsafe(32)
    fresh = folder / "token.new"  # renamed when it is whole: an empty token would let everybody in
    fresh.touch(mode=0o600)
    fresh.write_text(made)
    fresh.replace(file)
    return made


def cookie_of(token: str) -> str:
    """What the cookie holds: made from the token, so that a leaked cookie does not tell the token."""
    return hmac.new(token.encode(), b"glasshouse cookie", hashlib.sha256).hexdigest()


async def operator(request: Request, house: Annotated[WebHouse, Depends(house_of)]) -> None:
    """Dependency: let only the operator pass. Raises RequestError 401, 403 or 429."""
    failures: Failures = request.app.state.failures
    address = request.client.host if request.client else ""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given:
        if hmac.compare_digest(given.encode(), house.token.encode()):
            return
        failures.check(address)
        failures.count(address)
        raise RequestError(401, "wrong_token", "That is not the operator's token.")
    cookie = request.cookies.get(COOKIE, "")
    if not hmac.compare_digest(cookie.encode(), cookie_of(house.token).encode()):
        raise RequestError(
            401, "login_needed", "Open the login link that the server printed, or send `Authorization: Bearer <token>`."
        )
    if request.method not in _READING and not _from_own_page(request):
        raise RequestError(403, "foreign_origin", "This request came from another site's page.")


Operator = Depends(operator)


@router.get("/login", include_in_schema=False)
async def login_by_link(request: Request, token: str = "") -> Response:
    """Turn the token in the link into a cookie, and leave the link's address at once."""
    return _login(request, token) if token else FileResponse(request.app.state.static / "login.html")


@router.post("/login", include_in_schema=False)
async def login_by_form(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """The same for a token typed into the login page."""
    return _login(request, token)


def _login(request: Request, token: str) -> Response:
    house: WebHouse = request.app.state.house
    failures: Failures = request.app.state.failures
    address = request.client.host if request.client else ""
    failures.check(address)
    if not hmac.compare_digest(token.encode(), house.token.encode()):
        failures.count(address)
        return RedirectResponse("/login?wrong", status_code=303)
    answer = RedirectResponse("/", status_code=303)
    secure = request.url.scheme == "https" or (house.settings.public_url or "").startswith("https:")
    answer.set_cookie(
        COOKIE, cookie_of(token), max_age=COOKIE_S, httponly=True, samesite="lax", secure=secure, path="/"
    )
    return answer


def _from_own_page(request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


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
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        if scope["path"] not in OPEN and not self._known(headers.get(b"host", b"").decode("latin-1")):
            text = "This server does not go by that name. Add it to GLASSHOUSE_HOSTS or GLASSHOUSE_PUBLIC_URL."
            await _refuse(send, 421, "unknown_host", text)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES:
            await _refuse(send, 413, "too_large", f"A request may carry at most {BODY_BYTES:,} bytes.")
            return
        await self._app(scope, _bounded(receive), _hardened(send))

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if name in self._names:
                return True
            ipaddress.ip_address(name)  # rebinding needs a name; a bare address is what it says
            return True
        except ValueError:
            return False


def _bounded(receive: Receive) -> Receive:
    """A body without a length is cut off at the same limit; the handler then sees a client that went away."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= BODY_BYTES else {"type": "http.disconnect"}

    return bounded


def _hardened(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            present = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in _HEADERS.items() if name not in present]
            message = {**message, "headers": headers}
        await send(message)

    return hardened


_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; frame-src 'self';"
        b" connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}


async def _refuse(send: Send, status: int, code: str, text: str) -> None:
    body = f'{{"error":{{"code":"{code}","message":"{text}"}}}}'.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
