"""What the API refuses in an image: a wrong media type, broken base64, too many bytes or pixels."""

import base64
import binascii

MAX_BYTES = 5 * 1024 * 1024  # the Messages API's limit for one base64 image
MAX_SIDE = 8_000  # pixels; the Messages API's limit for either side

_MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # JPEG markers that carry the picture's size


def complaint(media_type: str, data: str) -> str | None:
    """Why this base64 image would be refused, or None."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return "source.base64: invalid base64 data"
    if not raw.startswith(_MAGIC[media_type]):
        return f"source.base64.data: the image was specified using the {media_type} media type, but is not one"
    if len(raw) > MAX_BYTES:
        return f"source.base64: image exceeds 5 MB maximum: {len(raw)} bytes > {MAX_BYTES} bytes"
    side = max(_size(media_type, raw), default=0)
    return (
        f"source.base64.data: at least one of the image dimensions exceeds {MAX_SIDE} pixels" * (side > MAX_SIDE)
        or None
    )


def _size(media_type: str, raw: bytes) -> tuple[int, ...]:
    if media_type == "image/png":
        return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
    return _jpeg_size(raw) if media_type == "image/jpeg" else ()


def _jpeg_size(raw: bytes) -> tuple[int, ...]:
    at = 2
    while at + 9 < len(raw) and raw[at] == 0xFF:
        if raw[at + 1] in _FRAME_HEADERS:
            return int.from_bytes(raw[at + 5 : at + 7], "big"), int.from_bytes(raw[at + 7 : at + 9], "big")
        at += 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return ()
