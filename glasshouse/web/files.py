"""Files over HTTP: the page's own, the kits' panels, and what sessions keep (screenshots, downloads)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse

from glasshouse.errors import RequestError
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

router = APIRouter()
House = Annotated[WebHouse, Depends(house_of)]

_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}  # anything else is only ever saved, never shown


@router.get("/sessions/{session_id}/files/{file_id}", dependencies=[Operator])
async def session_file(session_id: str, file_id: str, house: House) -> Response:
    """A file that a kit attached."""
    return await file_answer(house, session_id, file_id)


@router.get("/kits", dependencies=[Operator])
async def kits(house: House) -> list[dict[str, Any]]:
    """The kits and where their panels are."""
    return kit_list(house)


@router.get("/kits/{kit}/{path:path}", include_in_schema=False)
async def kit_file(kit: str, path: str, house: House) -> Response:
    """A file of a kit's `view` folder. These are code of the page, the same for everybody."""
    folder = (house.catalog.folders[kit] / "view").resolve() if kit in house.catalog.folders else None
    file = (folder / path).resolve() if folder and "\0" not in path and len(path) < 200 else None
    if not file or not folder or not file.is_relative_to(folder) or not file.is_file():
        raise RequestError(404, "not_found", "There is no such file.")
    return FileResponse(file, headers={"Cache-Control": "no-cache"})


async def file_answer(house: WebHouse, session_id: str, file_id: str) -> Response:
    """A stored file, shown if it is a picture, else only to be saved: its content is the web's, not ours."""
    found = await house.store.file(session_id, file_id)
    if found is None:
        raise RequestError(404, "unknown_file", "This session has no such file.")
    data, media_type = found
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",  # the id is the hash of the content
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if media_type not in _SHOWN:
        media_type = "application/octet-stream"
        headers["Content-Disposition"] = "attachment"
    return Response(data, media_type=media_type, headers=headers)


def kit_list(house: WebHouse) -> list[dict[str, Any]]:
    """The kits as the page needs them."""
    listed = []
    for kit in house.catalog.kits.values():
        view = house.catalog.folders.get(kit.name)
        files = {name: (f"/kits/{kit.name}/{name}" if view and (view / "view" / name).exists() else None)
                 for name in ("panel.js", "panel.css")}  # fmt: skip
        listed.append({
            "name": kit.name, "title": kit.title, "live": kit.live, "page": kit.page is not None,
            "panel": files["panel.js"], "style": files["panel.css"], "tools": list(kit.tools),
        })  # fmt: skip
    return listed


def page_answer(request: Request, name: str) -> Response:
    """One of the page's HTML files."""
    return FileResponse(request.app.state.static / name, headers={"Cache-Control": "no-cache"})
