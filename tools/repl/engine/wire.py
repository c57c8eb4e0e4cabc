"""The wire between server and worker: two 4-byte big-endian lengths, so much ASCII JSON, so many raw bytes.

The raw bytes are JSON that the receiver passes on without reading it: a call's record, a page of a journal. Neither end
trusts the other.
"""

import json
import struct
from typing import Any

HEADER = struct.Struct(">II")
MAX_BYTES = 32 * 1024 * 1024  # a page of a journal is at most 1 MB, a reply far less: more is a broken peer
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode


class MalformedError(Exception):
    """The peer sent something that is no message."""


def to_json(value: Any) -> bytes:
    """A value as compact ASCII JSON."""
    return _encode(value).encode("ascii")


def encode(message: dict[str, Any], raw: bytes = b"") -> bytes:
    """A message as it travels."""
    return framed(to_json(message), raw)


def framed(body: bytes, raw: bytes) -> bytes:
    """The same of a message that is encoded already."""
    return HEADER.pack(len(body), len(raw)) + body + raw


def take(buffer: bytearray) -> tuple[dict[str, Any], bytes] | None:
    """The first message of what has come and its raw bytes, cut off the buffer; None as long as it is not whole.

    Raises MalformedError for what is no message.
    """
    size = len(buffer)
    if size < HEADER.size:
        return None
    body, raw = HEADER.unpack_from(buffer)
    if body + raw > MAX_BYTES:
        raise MalformedError(f"a message of {body + raw} bytes")
    middle = HEADER.size + body
    end = middle + raw
    if size < end:
        return None
    message, tail = decode(buffer[HEADER.size : middle]), bytes(buffer[middle:end])
    if size == end:
        buffer.clear()
    else:
        del buffer[:end]
    return message, tail


def decode(body: bytes | bytearray) -> dict[str, Any]:
    """The message in a body; raises MalformedError if there is none."""
    try:
        message, end = _decode(body.decode("ascii"))
    except ValueError as problem:
        raise MalformedError(str(problem)) from problem
    if not isinstance(message, dict) or end != len(body):
        raise MalformedError("not an object")
    return message
