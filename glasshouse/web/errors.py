"""The one JSON shape of every refusal: `{"error": {"code", "message"}}`, with the status that fits."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from glasshouse.errors import RequestError, StoreError
from glasshouse.events import well_formed

logger = logging.getLogger(__name__)

_CODES = {404: "not_found", 405: "method_not_allowed"}


def install(app: FastAPI) -> None:
    """Give the app its answers to errors."""

    @app.exception_handler(RequestError)
    async def of_request(_: Request, error: RequestError) -> JSONResponse:
        return refusal(error.status, error.code, error.message)

    @app.exception_handler(StoreError)
    async def of_store(_: Request, error: StoreError) -> JSONResponse:
        logger.error("%s", error)
        return refusal(503, "store_failed", str(error))

    @app.exception_handler(RequestValidationError)
    async def of_input(_: Request, error: RequestValidationError) -> JSONResponse:
        return refusal(422, "invalid_request", "; ".join(_complaint(item) for item in error.errors()[:5]) + ".")

    @app.exception_handler(HTTPException)
    async def of_http(_: Request, error: HTTPException) -> JSONResponse:
        answer = refusal(error.status_code, _CODES.get(error.status_code, "refused"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """The answer."""
    return JSONResponse({"error": {"code": code, "message": well_formed(message)}}, status_code=status)


def _complaint(item: dict[str, object]) -> str:
    place = ".".join(str(part) for part in item["loc"] if part != "body") if isinstance(item["loc"], tuple) else ""
    return f"`{place or 'body'}`: {str(item['msg']).removeprefix('Value error, ')}"
