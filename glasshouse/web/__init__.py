"""The doors. The only place that knows FastAPI."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from glasshouse.errors import RequestError, StoreError
from glasshouse.web import aliases, errors, files, guard, metrics, rights, sessions, share, stream, viewing, webhook
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

House = Annotated[WebHouse, Depends(house_of)]
STATIC = Path(__file__).parents[2] / "static"


def make_app(house: WebHouse) -> FastAPI:
    """The whole HTTP interface over one house."""
    app = FastAPI(title="Glasshouse", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = house
    app.state.static = STATIC
    app.state.failures = rights.Failures()
    app.state.webhooks = Counter()
    errors.install(app)
    for part in (webhook, sessions, stream, files, rights, viewing, aliases, metrics):
        app.include_router(part.router)
    share.install(app)
    _add_open(app)
    _add_pages(app)
    files.add_code(app)
    app.add_middleware(guard.Guard, names=guard.own_names(house.settings))
    return app


def _add_open(app: FastAPI) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "ok"}

    @app.get("/ready")
    async def ready(house: House) -> Response:
        """Whether the server takes work, and if not (503), which part does not.

        An API that cannot be reached is told but is no reason for a 503: another server would not reach it either.
        """
        parts = {"server": "stopping" if house.stopping.is_set() else "ok", "store": "ok"}
        try:
            await house.store.check()
        except StoreError as error:
            parts["store"] = str(error)
        well = set(parts.values()) == {"ok"}
        parts["api"] = house.runtime.api_problem or "ok"
        status = "ready" if well else "stopping" if house.stopping.is_set() else "not ready"
        body = {"status": status, "parts": parts, "awake": house.runtime.awake_count()}
        return JSONResponse(body, status_code=200 if well else 503)

    @app.get("/tools")
    async def tools(house: House, kit: Annotated[list[str] | None, Query()] = None) -> list[dict[str, Any]]:
        """The tools' definitions, ready for an agent's `tools`; `?kit=` (repeatable) limits them to some kits."""
        return house.catalog.definitions(None if kit is None else [house.kit(name).name for name in kit])


def _add_pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> Response:
        return await _page(request, "index.html")

    @app.get("/s/{session_id}", include_in_schema=False)
    async def split(session_id: str, request: Request) -> Response:
        return await _page(request, "session.html")


async def _page(request: Request, name: str) -> Response:
    """A page for the operator; people without the cookie are asked for the token."""
    try:
        await rights.operator(request, request.app.state.house)
    except RequestError as error:
        answer = files.page_answer(request, "login.html")
        answer.status_code = error.status
        return answer
    return files.page_answer(request, name)


__all__ = ["Operator", "WebHouse", "make_app"]
