"""What the SDK's errors mean to us, said once."""

from anthropic import APIError, APIStatusError

RETRIED = {408, 409, 429}  # statuses below 500 that pass by themselves


def passes(error: APIError) -> bool:
    """Whether the same request may succeed later: the connection broke, or the API was busy or broken."""
    return not isinstance(error, APIStatusError) or error.status_code >= 500 or error.status_code in RETRIED


def says(error: APIError) -> str:
    """The API's own words, without the wrapping."""
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    return message if isinstance(message, str) and message else error.message
