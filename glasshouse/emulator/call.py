"""One tool call and its answer."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Literal

from glasshouse.emulator.marks import Json

CallKind = Literal["custom", "builtin"]
CallState = Literal["open", "answered", "closed"]


@dataclass(frozen=True)
class Answer:
    """What a tool answered: the content blocks as posted, and the ways a story reads them."""

    call_id: str
    content: list[Json]
    is_error: bool = False
    closed: bool = False  # the call was closed by an interrupt or with its thread; no client answered

    @property
    def text(self) -> str:
        return "\n".join(block["text"] for block in self.content if block["type"] == "text")

    @property
    def images(self) -> list[Json]:
        return [block for block in self.content if block["type"] == "image"]

    def find(self, pattern: str) -> str | None:
        """The first group (or the whole match) of `pattern` in the text, or None. `^` and `$` are per line."""
        match = re.search(pattern, self.text, re.MULTILINE)
        return match and match.group(1 if match.re.groups else 0)

    def target(self, role: str, name: str) -> str | None:
        """The `[N]` of the first element with this role and a name matching the pattern `name`."""
        return self.find(rf'(\[\d+\]) {role} "{name}"')


@dataclass
class Call:
    id: str
    kind: CallKind
    name: str
    input: Json
    thread_id: str
    needs: Literal["result", "confirmation", "nothing"] = "result"
    state: CallState = "open"
    made_at: float = field(default_factory=time.monotonic)
    answer: "asyncio.Future[Answer]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    verdict: "asyncio.Future[str | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, answer: Answer) -> None:
        self.state = "closed" if answer.closed else "answered"
        if not self.answer.done():
            self.answer.set_result(answer)

    def public(self) -> Json:
        done = self.answer.done() and not self.answer.cancelled()
        answer = self.answer.result() if done else None
        return {
            "id": self.id,
            "name": self.name,
            "input": self.input,
            "state": self.state,
            "session_thread_id": self.thread_id,
            "content": answer.content if answer else None,
            "is_error": answer.is_error if answer else None,
        }
