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


def lengths(header: bytes | bytearray) -> tuple[int, int]:
    """The two lengths that a header announces; raises MalformedError if they are absurd."""
    body, raw = HEADER.unpack_from(header)
    if body + raw > MAX_BYTES:
        raise MalformedError(f"a message of {body + raw} bytes")
    return body, raw


def decode(body: bytes) -> dict[str, Any]:
    """The message in a body; raises MalformedError if there is none."""
    try:
        message = json.loads(body.decode("ascii"))
    except ValueError as problem:
        raise MalformedError(str(problem)) from problem
    if not isinstance(message, dict):
        raise MalformedError("not an object")
    return message
