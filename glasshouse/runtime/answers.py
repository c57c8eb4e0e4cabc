"""A result in its two written forms: the API's `user.custom_tool_result`, and the `content` of `call.finished`.

The API refuses empty text and lone surrogates, and bounds images; nothing that it would refuse is sent.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from glasshouse.events import well_formed
from glasshouse.tool import Image, Result, Text

NOTHING = "(no output)"  # what the reference's runner says for a tool without output
IMAGE_BYTES = 5_000_000  # the Messages API refuses images over 5 MB of base64; ours are compared before encoding
_IMAGE_LIMIT = IMAGE_BYTES * 3 // 4


def to_api(call_id: str, result: Result, *, text_bytes: int) -> dict[str, Any]:
    """The event to post, with all text together at most `text_bytes` bytes of UTF-8."""
    content = [_api_block(block) for block in _bounded(result, text_bytes)] or [{"type": "text", "text": NOTHING}]
    return {
        "type": "user.custom_tool_result",
        "custom_tool_use_id": call_id,
        "content": content,
        "is_error": result.is_error,
    }


def to_log(result: Result, *, text_bytes: int) -> tuple[list[dict[str, Any]], dict[str, Image]]:
    """The blocks for the log, where an image is a file's id, and the images by that id."""
    files: dict[str, Image] = {}
    content: list[dict[str, Any]] = []
    for block in _bounded(result, text_bytes):
        if isinstance(block, Text):
            content.append({"type": "text", "text": block.text})
        else:
            file_id = hashlib.sha256(block.data).hexdigest()[:32]
            files[file_id] = block
            content.append({"type": "image", "file": file_id, "media_type": block.media_type})
    return content, files


def _bounded(result: Result, text_bytes: int) -> Iterator[Text | Image]:
    left = text_bytes
    for block in result.content:
        if isinstance(block, Image):
            yield block if len(block.data) <= _IMAGE_LIMIT else _too_large(block)
            continue
        text = well_formed(block.text)
        if not text.strip():
            continue
        size = len(text.encode())
        yield Text(text if size <= left else _cut(text, left))
        left = max(0, left - size)


def _cut(text: str, left: int) -> str:
    kept = text.encode()[:left].decode(errors="ignore")
    gone = len(text) - len(kept)
    return f"{kept}\n… cut here: {gone:,} more characters. Ask for less at a time, or for the part that matters."


def _too_large(image: Image) -> Text:
    return Text(f"(An image of {len(image.data):,} bytes was left out: the limit is {_IMAGE_LIMIT:,}. Ask for a part.)")


def _api_block(block: Text | Image) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    data = base64.b64encode(block.data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": block.media_type, "data": data}}
