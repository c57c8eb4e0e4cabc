"""The reference demos' old paths, kept as thin aliases: `?session_id=` in the place of `/sessions/{id}/…`.

Rights are those of the real paths, and changes of state are POST.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from glasshouse.errors import RequestError
from glasshouse.web import files, sessions, stream
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

router = APIRouter(dependencies=[Operator])
House = Annotated[WebHouse, Depends(house_of)]
SessionId = Annotated[str, Query(min_length=1, max_length=128)]


@router.get("/state")
async def state(session_id: SessionId, house: House) -> dict[str, Any]:
    """`GET /sessions/{id}/state`."""
    return await sessions.state(session_id, house)


@router.post("/wake")
async def wake(session_id: SessionId, house: House) -> dict[str, Any]:
    """`POST /sessions/{id}/wake`."""
    return await sessions.wake(session_id, house)


@router.post("/reset")
async def reset(session_id: SessionId, house: House) -> dict[str, Any]:
    """`POST /sessions/{id}/reset`."""
    return await sessions.reset(session_id, house)


@router.get("/watch")
async def watch(session_id: SessionId, request: Request, house: House) -> Response:
    """`GET /sessions/{id}/events`."""
    return await stream.events(session_id, request, house)


@router.get("/viewport")
async def viewport(session_id: SessionId, house: House) -> Response:
    """The split view, where the browser's live view is."""
    await house.session(session_id)
    return RedirectResponse(f"/s/{session_id}#browser")


@router.get("/page")
async def page(session_id: SessionId, house: House) -> Response:
    """The live page as the operator sees it."""
    await house.session(session_id)
    return RedirectResponse(f"/sessions/{session_id}/page")


@router.get("/screenshot.jpg")
async def screenshot(session_id: SessionId, house: House) -> Response:
    """The picture after the newest browser call."""
    await house.session(session_id)
    newest = await house.store.newest(session_id, "browser.acted")
    if newest is None or not newest.data.get("frame"):
        raise RequestError(404, "no_picture", "The browser has not been used in this session.")
    return await files.file_answer(house, session_id, newest.data["frame"])
