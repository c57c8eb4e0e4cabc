"""The API's errors: a status, a type, a sentence, and perhaps details and headers."""

from glasshouse.emulator.marks import Json

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "invalid_request_error",
    412: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """Raise it anywhere below a route; the door turns it into the API's error body."""

    def __init__(
        self, status: int, message: str, *, details: Json | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.headers = headers or {}

    def body(self, request_id: str) -> Json:
        error: Json = {"type": _TYPES.get(self.status, "api_error"), "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return {"type": "error", "error": error, "request_id": request_id}


def bad(message: str) -> ApiError:
    return ApiError(400, message)


def missing(kind: str, given: str) -> ApiError:
    return ApiError(404, f"{kind} not found: {given}")
