"""The values that travel: an event of a session's log, and its one encoding for the wire.

An event is numbered per session, without gaps, from 1. `n` is None for a passing event (a preview of text that is still
being written): it is shown to whoever watches and never stored.
"""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

import pydantic_core

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def now() -> str:
    """The time as RFC 3339 in UTC with milliseconds, the form of every `at`."""
    second, ms = divmod(time.time_ns() // 1_000_000, 1000)
    return f"{_second(second)}.{ms:03}Z"


@lru_cache(maxsize=1)
def _second(since_1970: int) -> str:
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def stamp(moment: datetime) -> str:
    """A moment in UTC in that form."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def well_formed(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD: UTF-8 cannot encode them, and the API refuses them."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def to_json(value: Any) -> str:
    """One line of compact JSON, always valid UTF-8. Raises ValueError for NaN and infinities: JSON has none.

    pydantic writes it at a third of the price; what it refuses or may have written wrongly is left to the other.
    """
    try:
        line = pydantic_core.to_json(value)
    except ValueError:  # a lone surrogate, or nested too deeply
        return well_formed(_encode(value))
    return line.decode() if b"NaN" not in line and b"Infinity" not in line else well_formed(_encode(value))


@dataclass(frozen=True)
class Event:
    """One line of a session's log.

    `type` is the API's own (`agent.message`), the runtime's (`call.finished`) or a kit's (`browser.acted`);
    `data` is the API's event as received, or the fields of ours.
    """

    session_id: str
    n: int | None
    at: str
    type: str
    data: dict[str, Any] = field(hash=False)

    @cached_property
    def line(self) -> str:
        """The JSON that viewers get, encoded once for all of them."""
        return to_json({"n": self.n, "at": self.at, "type": self.type, "data": self.data})
