"""What a link to a whole session shows: the split view without any control. Looking wakes nothing."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from glasshouse.errors import RequestError
from glasshouse.store import Share
from glasshouse.web.ending import Endings
from glasshouse.web.files import file_answer, kit_list, page_answer
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.share import share_of, still_good
from glasshouse.web.stream import Width, after_of, frame_stream, frames_of, log_lines, log_stream

House = Annotated[WebHouse, Depends(house_of)]


async def linked(token: str, house: House) -> Share:
    """Dependency: the link that the token names. Raises RequestError (404) unless it is a live link to a session."""
    return await share_of(house, token, "session")


Linked = Annotated[Share, Depends(linked)]
router = APIRouter(prefix="/v/{token}", dependencies=[Depends(linked)])


@router.get("", include_in_schema=False)
async def view(request: Request) -> Response:
    """The split view; its own code knows from the address that it may only look."""
    return page_answer(request, "session.html")


@router.get("/session")
async def session(link: Linked, house: House) -> dict[str, Any]:
    """What the session is."""
    found = await house.session(link.session_id)
    return {"title": found.title, "status": found.status, "stop_reason": found.stop_reason, "agent": found.agent_name}


@router.get("/kits")
async def kits(house: House) -> list[dict[str, Any]]:
    """The kits and where their panels are."""
    return kit_list(house)


@router.get("/events")
async def events(link: Linked, request: Request, house: House) -> Response:
    """The session's log, as the operator sees it."""
    lines = log_lines(house.log, link.session_id, after_of(request))
    return log_stream(_endings(request).until_ended(link, lines, partial(still_good, house)))


@router.get("/live/{kit}")
async def live(kit: str, link: Linked, request: Request, house: House, width: Width = None) -> Response:
    """A kit's live frames."""
    frames = frames_of(house, link.session_id, kit, width)
    return frame_stream(_endings(request).until_ended(link, frames, partial(still_good, house)))


@router.get("/files/{file_id}")
async def file(file_id: str, link: Linked, house: House) -> Response:
    """A picture of the session. What the agent downloaded is not for viewers."""
    answer = await file_answer(house, link.session_id, file_id)
    if "content-disposition" in answer.headers:
        raise RequestError(404, "unknown_file", "This session has no such file.")
    return answer


def _endings(request: Request) -> Endings:
    endings: Endings = request.app.state.endings
    return endings
