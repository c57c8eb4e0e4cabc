"""What a session has used: tokens by a rough count of characters, time, and list cost in cents."""

import math
import time
from dataclasses import dataclass, field

from glasshouse.emulator.marks import Json

_CHARS_PER_TOKEN = 4
_INPUT_CENTS = 500 / 1_000_000  # per token; invented, in the order of magnitude of a large model
_OUTPUT_CENTS = 2_500 / 1_000_000


@dataclass
class Meter:
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cents: float = 0.0
    active_s: float = 0.0
    started_at: float = field(default_factory=time.monotonic)
    running_since: float | None = None

    def request(self, *, context_chars: int, output_chars: int) -> Json:
        """Count one model request; answers its `model_usage`."""
        fresh = max(1, context_chars // _CHARS_PER_TOKEN - self.cache_read_tokens)
        usage = {
            "input_tokens": fresh,
            "output_tokens": max(1, output_chars // _CHARS_PER_TOKEN),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": self.cache_read_tokens,
        }
        self.input_tokens += fresh
        self.output_tokens += usage["output_tokens"]
        self.cents += fresh * _INPUT_CENTS + usage["output_tokens"] * _OUTPUT_CENTS
        self.cache_read_tokens += fresh
        return usage

    def start(self) -> None:
        self.running_since = self.running_since or time.monotonic()

    def stop(self) -> None:
        self.active_s = self.active_seconds
        self.running_since = None

    @property
    def active_seconds(self) -> float:
        running = time.monotonic() - self.running_since if self.running_since else 0.0
        return round(self.active_s + running, 6)

    def usage(self) -> Json:
        return {
            "active_seconds": self.active_seconds,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_input_tokens": self.cache_read_tokens,
            "list_cost": {"amount": str(math.ceil(self.cents)), "currency": "USD"},
        }

    def stats(self) -> Json:
        elapsed = round(time.monotonic() - self.started_at, 6)
        return {"active_seconds": self.active_seconds, "duration_seconds": elapsed}
