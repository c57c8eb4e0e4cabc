"""A kit's page for people: for the operator, for who holds a link to it, and for who holds a link to the session.

Each of the three doors serves the same five things: the shell, the document in its sandbox, the events, what was
missed, the download. A token has 128 bits and only its SHA-256 is kept; an unknown, ended or revoked one is 404.
"""

import gzip
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from glasshouse.errors import RequestError, ToolError
from glasshouse.events import now, stamp, to_json
from glasshouse.store import Share
from glasshouse.tool import Document, Page
from glasshouse.web.audience import Audience, Audiences, PageStream, Viewer, encode, encode_patch, expired
from glasshouse.web.ending import Endings
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator, operator

router = APIRouter()
House = Annotated[WebHouse, Depends(house_of)]

_ZIP_FROM = 2_000  # bytes; below, packing costs more than it saves
SHELL_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
)
DOCUMENT_CSP = (  # what an agent wrote: it may run, in an origin of its own, and reach nothing
    "sandbox allow-scripts allow-forms; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " img-src data: blob:; media-src data: blob:; font-src data:; connect-src 'none'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
_QUIET = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-DNS-Prefetch-Control": "off"}


def install(app: FastAPI) -> None:
    """Add the doors to an app that has its house."""
    app.state.audiences = Audiences(app.state.house.stopping)
    app.state.endings = Endings()
    app.include_router(router)


@dataclass(frozen=True)
class Watched:
    """A page that somebody may watch, and by which link (None: the operator)."""

    house: WebHouse
    session_id: str
    kit: str
    share: Share | None

    @property
    def page(self) -> Page:
        """How to read it."""
        page = self.house.catalog.kits[self.kit].page
        assert page is not None  # _kit_with_page sees to it
        return page

    async def audience(self) -> Audience:
        """An audience that misses nothing from now on."""
        after = await self.house.store.last_number(self.session_id)
        memory = self.house.memory(self.session_id, self.kit)
        return Audience(self.page, memory, self.house.log, self.session_id, after=after)

    async def document(self, revision: str) -> Document:
        """The page now, or at a revision. RequestError (404) if that is not kept, or not for this link to show."""
        if revision and self.share is not None and self.share.scope == "page":
            raise RequestError(404, "not_shared", "This link shows the page as it is now, not as it was.")
        try:
            return await self.page.document(self.house.memory(self.session_id, self.kit), revision or None)
        except ToolError as error:
            raise RequestError(404, "unknown_revision", str(error)) from error

    async def missed(self, since: str) -> list[dict[str, Any]]:
        """The events after a revision, as JSON."""
        patches = await self.page.since(self.house.memory(self.session_id, self.kit), since)
        return [{"name": patch.name, "data": patch.data, "id": patch.revision} for patch in patches]


async def by_operator(session_id: str, house: House, _: Annotated[None, Depends(operator)], kit: str = "") -> Watched:
    """The operator's door."""
    await house.session(session_id)
    return Watched(house, session_id, _kit_with_page(house, kit), None)


async def by_page_link(token: str, house: House) -> Watched:
    """The door of a link to a page."""
    share = await share_of(house, token, "page")
    return Watched(house, share.session_id, _kit_with_page(house, share.kit or ""), share)


async def by_session_link(token: str, house: House, kit: str = "") -> Watched:
    """The door of a link to a whole session."""
    share = await share_of(house, token, "session")
    return Watched(house, share.session_id, _kit_with_page(house, kit), share)


async def share_of(house: WebHouse, token: str, scope: Literal["page", "session"]) -> Share:
    """The link with this token. Raises RequestError (404) if it is unknown, revoked, expired or for something else."""
    share = await house.store.share_by_hash(hashlib.sha256(token.encode()).hexdigest())
    if share is None or share.revoked_at or share.scope != scope or expired(share):
        raise RequestError(404, "not_found", "There is nothing here. The link may have ended.")
    return share


async def still_good(house: WebHouse, share: Share) -> bool:
    """Whether the link has not been revoked since it was looked up."""
    found = await house.store.share_by_hash(share.token_hash)
    return found is not None and not found.revoked_at


def _kit_with_page(house: WebHouse, name: str) -> str:
    for kit in house.catalog.kits.values():
        if kit.page is not None and name in ("", kit.name):
            return kit.name
    raise RequestError(404, "no_page", "That kit has no page to watch.")


def _add_door(path: str, door: Callable[..., Awaitable[Watched]]) -> None:
    """The five things at one address."""
    ByDoor = Annotated[Watched, Depends(door)]  # noqa: N806 -- a type

    @router.get(path, include_in_schema=False)
    async def shell(watched: ByDoor) -> Response:
        """The page around the page."""
        html = (watched.house.catalog.folders[watched.kit] / "view" / "page.html").read_bytes()
        ancestors = "'self'" if watched.share is None or watched.share.scope == "session" else "'none'"
        headers = _QUIET | {
            "Content-Security-Policy": SHELL_CSP.format(ancestors=ancestors),
            "Cache-Control": "no-store",
        }
        return Response(html, media_type="text/html", headers=headers)

    @router.get(f"{path}/doc", include_in_schema=False)
    async def document(watched: ByDoor, request: Request, revision: str = "") -> Response:
        """The document, now or at a revision, in its sandbox. By itself it could navigate: that leads to the shell."""
        if request.headers.get("sec-fetch-dest") == "document":
            return RedirectResponse(request.url.path.removesuffix("/doc"), headers=_QUIET)
        made = await watched.document(revision)
        headers = _QUIET | {"Content-Security-Policy": DOCUMENT_CSP, "Cache-Control": "no-store"}
        return _packed(request, made.html.encode(), "text/html; charset=utf-8", headers)

    @router.get(f"{path}/changes")
    async def changes(watched: ByDoor, request: Request, since: str = "") -> Response:
        """What a viewer who shows the revision `since` is missing: `{"events": [{name, data, id}]}`."""
        body = to_json({"events": await watched.missed(since)}).encode()
        return _packed(request, body, "application/json", {"Cache-Control": "no-store"})

    @router.get(f"{path}/events")
    async def events(watched: ByDoor, request: Request, since: str = "") -> Response:
        """The page's events after `Last-Event-ID`, or `?since=`: patch, snapshot, reload, viewers, revoked, bye."""
        audiences: Audiences = request.app.state.audiences
        viewer = Viewer(watched.share)
        known = request.headers.get("last-event-id") or since

        async def missed() -> bytes:
            if watched.share and not await still_good(watched.house, watched.share):
                viewer.end(encode("revoked", {}))  # between the look at the link and joining
                return b""
            memory = watched.house.memory(watched.session_id, watched.kit)
            return b"".join(map(encode_patch, await watched.page.since(memory, known)))

        return PageStream(audiences.join((watched.session_id, watched.kit), watched.audience, viewer), viewer, missed)

    @router.get(f"{path}/export")
    async def export(watched: ByDoor, scripts: bool = True) -> Response:
        """The page as one .html file; `?scripts=0` leaves out all that runs."""
        html = await watched.page.export(watched.house.memory(watched.session_id, watched.kit), not scripts)
        name = f"{watched.kit}{'' if scripts else '-without-scripts'}.html"
        headers = _QUIET | {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
        }
        return Response(html, media_type="text/html", headers=headers)


_add_door("/sessions/{session_id}/page", by_operator)
_add_door("/p/{token}", by_page_link)
_add_door("/v/{token}/page", by_session_link)


class NewShare(BaseModel):
    """A link to make: to a kit's page alone, or to the read-only view of the whole session."""

    model_config = ConfigDict(extra="forbid")

    scope: Literal["page", "session"] = "page"
    kit: str | None = None
    label: str = Field("", max_length=100)
    expires_in_s: int | None = Field(None, ge=60, le=366 * 24 * 3600)


@router.get("/sessions/{session_id}/shares", dependencies=[Operator])
async def list_shares(session_id: str, house: House, request: Request) -> dict[str, Any]:
    """The links that work, newest first. Their addresses are not among what is kept."""
    await house.session(session_id)
    shares = [share for share in await house.store.shares(session_id) if not share.revoked_at and not expired(share)]
    return {"data": [_told(share, request) for share in shares]}


@router.post("/sessions/{session_id}/shares", dependencies=[Operator], status_code=201)
async def make_share(session_id: str, new: NewShare, house: House, request: Request) -> dict[str, Any]:
    """Make a link. Its `url` is told this once only."""
    await house.session(session_id)
    token = secrets.token_urlsafe(16)
    share = Share(
        id=f"shr_{secrets.token_hex(8)}",
        session_id=session_id,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        scope=new.scope,
        kit=_kit_with_page(house, new.kit or "") if new.scope == "page" else None,
        label=new.label.strip(),
        created_at=now(),
        expires_at=_in(new.expires_in_s),
        revoked_at=None,
    )
    async with house.store.transaction() as tx:
        tx.add_share(share)
    return {**_told(share, request), "url": f"/{'p' if new.scope == 'page' else 'v'}/{token}"}


@router.delete("/sessions/{session_id}/shares/{share_id}", dependencies=[Operator])
async def revoke_share(session_id: str, share_id: str, house: House, request: Request) -> dict[str, Any]:
    """End a link. Who watches by it is told, and cut off."""
    async with house.store.transaction() as tx:
        found = tx.revoke_share(session_id, share_id)
    if not found:
        raise RequestError(404, "unknown_share", "This session has no such link, or it is revoked already.")
    audiences: Audiences = request.app.state.audiences
    audiences.revoke(share_id)
    request.app.state.endings.ring(share_id)
    return {"ok": True}


def _told(share: Share, request: Request) -> dict[str, Any]:
    audiences: Audiences = request.app.state.audiences
    told = asdict(share)
    del told["token_hash"], told["session_id"], told["revoked_at"]
    return {**told, "viewers": audiences.count(share.session_id, share.id)}


def _in(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))


def _packed(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """The body, gzipped if the client takes that and it is worth it."""
    headers = headers | {"Vary": "Accept-Encoding"}
    if len(body) >= _ZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(gzip.compress(body, 5), media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(body, media_type=media_type, headers=headers)
