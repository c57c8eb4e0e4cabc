"""The wire between server and worker: a 4-byte big-endian length, then that much ASCII JSON. Neither end trusts it."""

import json
import struct
from typing import Any

HEADER = struct.Struct(">I")
MAX_BYTES = 32 * 1024 * 1024  # a page of a journal is at most 1 MB, a reply far less: more is a broken peer


class MalformedError(Exception):
    """The peer sent something that is no message."""


def encode(message: dict[str, Any]) -> bytes:
    """A message as it travels."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return HEADER.pack(len(body)) + body


def length(header: bytes) -> int:
    """The length that a header announces; raises MalformedError if that is absurd."""
    (size,) = HEADER.unpack(header)
    if size > MAX_BYTES:
        raise MalformedError(f"a message of {size} bytes")
    return int(size)


def decode(body: bytes) -> dict[str, Any]:
    """The message in a body; raises MalformedError if there is none."""
    try:
        message = json.loads(body)
    except ValueError as problem:
        raise MalformedError(str(problem)) from problem
    if not isinstance(message, dict):
        raise MalformedError("not an object")
    return message
