"""Files over HTTP: the page's own, the kits' panels, and what sessions keep (screenshots, downloads)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from glasshouse.errors import RequestError
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

router = APIRouter()
House = Annotated[WebHouse, Depends(house_of)]

_ZIP_FROM = 1_000  # bytes; below, packing costs more than it saves
_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}  # anything else is only ever saved, never shown


class CodeFiles(StaticFiles):
    """The page's own code: packed, and asked for anew each time, so that an upgrade never mixes old and new modules."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """See StaticFiles."""
        answer = super().file_response(*args, **kwargs)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def add_code(app: FastAPI) -> None:
    """Serve the page's files, and each kit's view. They are the same for everybody and need no rights."""
    folders = {"/static": app.state.static}
    folders |= {f"/kits/{name}": folder / "view" for name, folder in app.state.house.catalog.folders.items()}
    for path, folder in folders.items():
        app.mount(path, GZipMiddleware(CodeFiles(directory=folder, check_dir=False), minimum_size=_ZIP_FROM))


@router.get("/sessions/{session_id}/files/{file_id}", dependencies=[Operator])
async def session_file(session_id: str, file_id: str, house: House) -> Response:
    """A file that a kit attached."""
    return await file_answer(house, session_id, file_id)


@router.get("/kits", dependencies=[Operator])
async def kits(house: House) -> list[dict[str, Any]]:
    """The kits and where their panels are."""
    return kit_list(house)


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
