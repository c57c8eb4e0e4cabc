"""How long to wait between tries: one rule for streams and posts, on tenacity's exponential wait with jitter."""

from anthropic import APIStatusError
from tenacity import RetryCallState, wait_exponential_jitter

FIRST_S = 0.25  # a dropped connection is mostly back at once
LONGEST_S = 30.0  # the SDK's own cap


class Backoff:
    """Growing waits; `reset` after a success. A `retry-after` of the API is honoured up to the longest wait."""

    def __init__(self, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._wait = wait_exponential_jitter(multiplier=first_s, max=longest_s, jitter=first_s)
        self.reset()

    def reset(self) -> None:
        """Start again from the first wait."""
        self._state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]  # only counts attempts here

    def next_s(self, error: BaseException | None = None) -> float:
        """Seconds to wait before the next try."""
        wait_s = self._wait(self._state)
        self._state.attempt_number += 1
        return max(wait_s, min(_retry_after_s(error), self._longest_s))


def _retry_after_s(error: BaseException | None) -> float:
    if not isinstance(error, APIStatusError):
        return 0
    try:
        return float(error.response.headers.get("retry-after", 0))
    except ValueError:
        return 0  # a date: rare, and the growing wait does as well
