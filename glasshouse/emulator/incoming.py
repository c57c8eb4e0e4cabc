"""The events clients send, by shape. Whether one fits the session's state is `session.py`'s business."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from glasshouse.emulator.content import MessageBlock, ResultBlock, Strict, Text
from glasshouse.emulator.problem import ApiError, bad

ToolUseId = Annotated[str, Field(min_length=1, max_length=128)]


class UserMessage(Strict):
    type: Literal["user.message"]
    content: list[MessageBlock] = Field(min_length=1)


class Interrupt(Strict):
    type: Literal["user.interrupt"]
    session_thread_id: str | None = None


class CustomToolResult(Strict):
    type: Literal["user.custom_tool_result"]
    custom_tool_use_id: ToolUseId
    content: list[ResultBlock] | None = None
    is_error: bool | None = None


class ToolResult(Strict):
    type: Literal["user.tool_result"]
    tool_use_id: ToolUseId
    content: list[ResultBlock] | None = None
    is_error: bool | None = None


class Confirmation(Strict):
    type: Literal["user.tool_confirmation"]
    tool_use_id: ToolUseId
    result: Literal["allow", "deny"]
    deny_message: str | None = Field(default=None, max_length=10_000)


class Outcome(Strict):
    type: Literal["user.define_outcome"]
    description: str = Field(min_length=1)
    rubric: dict[str, Any]
    max_iterations: int | None = Field(default=None, ge=1, le=20)


class SystemMessage(Strict):
    type: Literal["system.message"]
    content: list[Text] = Field(min_length=1, max_length=1000)


Incoming = Annotated[
    UserMessage | Interrupt | CustomToolResult | ToolResult | Confirmation | Outcome | SystemMessage,
    Field(discriminator="type"),
]
Initial = Annotated[UserMessage | Outcome, Field(discriminator="type")]


class SendBody(Strict):
    events: list[Incoming] = Field(min_length=1)


M = TypeVar("M", bound=BaseModel)
_TAGS = frozenset(
    {"text", "image", "document", "search_result", "base64", "url", "file", "custom", "self_hosted", "cloud"}
)


def read_body(model: type[M], raw: bytes) -> M:
    """Parse a request body, or raise the API's 400 with the place of the first mistake."""
    try:
        return TypeAdapter(model).validate_json(raw or b"{}")
    except ValidationError as error:
        raise first_mistake(error) from error


def first_mistake(error: ValidationError) -> ApiError:
    mistake = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return bad(f"{_place(mistake['loc'])}: {mistake['msg'].removeprefix('Value error, ')}".removeprefix(": "))


def _place(steps: tuple[int | str, ...]) -> str:
    """`("events", 0, "user.message", "content", 1, "text", "text")` → `events[0].content[1].text`."""
    place = ""
    for at, step in enumerate(steps):
        if isinstance(step, int):
            place += f"[{step}]"
        elif not _is_tag(steps, at):
            place += f".{step}" if place else step
    return place


def _is_tag(steps: tuple[int | str, ...], at: int) -> bool:
    """A union's discriminator stands right after an index or `source`; it is no place in the document."""
    before = steps[at - 1] if at else None
    step = str(steps[at])
    return (isinstance(before, int) or before == "source") and (step in _TAGS or "." in step or "_2026" in step)
