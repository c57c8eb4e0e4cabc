"""Who may do what: the operator's token, and its cookie.

The token comes in `Authorization: Bearer`, or once by the login link, which turns it into an HttpOnly SameSite cookie.
A request that changes something by cookie must come from our own pages. Wrong tokens are counted by address; the right
one is never counted nor refused, so that nobody can lock the operator out.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from glasshouse.errors import RequestError
from glasshouse.web.house import WebHouse, house_of

COOKIE = "glasshouse"
COOKIE_S = 30 * 24 * 3600  # as long as people expect to stay logged in on their own machine
FAILURES = RateLimitItemPerMinute(20)  # wrong tokens from one address; far too few to guess 256 bits, enough for typos
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
    if not hmac.compare_digest(token.encode(), house.token.encode()):
        failures.check(address)
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
