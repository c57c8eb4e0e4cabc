"""What the agent has to be told with the next result: each thing once, with how often, and not too many."""

MOST = 12


class Notes:
    """Notes of one session since its last result."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self._untold = 0

    def add(self, text: str) -> None:
        """One thing that happened."""
        if text in self._times or len(self._times) < MOST:
            self._times[text] = self._times.get(text, 0) + 1
        else:
            self._untold += 1

    def forget(self, end: str) -> None:
        """Take back what ends like this: something else was the reason."""
        self._times = {text: times for text, times in self._times.items() if not text.endswith(end)}

    def take(self) -> list[str]:
        """All of them, which are then told."""
        notes = [f"{text} ({times} times)" if times > 1 else text for text, times in self._times.items()]
        if self._untold:
            notes.append(f"{self._untold} more things of this kind happened.")
        self._times, self._untold = {}, 0
        return notes
