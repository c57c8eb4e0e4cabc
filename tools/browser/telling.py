"""What a new page tells by itself once it is there: who waits for it need not ask a renderer that is busy drawing it.

What is told is checked like anything from a stranger: a renderer may have been taken over by its page.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable
from typing import Annotated, Any

from playwright.async_api import CDPSession
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAIN = ""  # what Chromium calls the worlds of the pages themselves
TOLD_MAX = 100_000  # characters
UNSEEN = re.compile("[\U000e0000-\U000e03ff\x01-\x04]")  # tags and variations show nothing, and can carry a text

Text = Annotated[str, Field(max_length=TOLD_MAX)]


class News(BaseModel):
    """Which page it is, and what the sentry has kept. Not what it has stored: the first look at that takes long."""

    model_config = ConfigDict(strict=True)

    title: Text
    told: Text


class Telling:
    """Hears what the pages of one tab tell: their sentry takes the function for it away before they see it."""

    def __init__(self, cdp: CDPSession, key: str, hear: Callable[[str], None]) -> None:
        """`key` is the sentry's, and the function's name; `hear` is called with what the sentry has kept."""
        self._cdp = cdp
        self._key = key
        self._hear = hear
        self.title = ""  # what the document that is there has told as its title
        self.came = asyncio.Event()  # it has told

    async def begin(self) -> None:
        """Listen to the documents that come from now on. Runtime is enabled already: else none gets the function."""
        self._cdp.on("Runtime.bindingCalled", self._on_told)
        await self._cdp.send("Runtime.addBinding", {"name": self._key, "executionContextName": MAIN})

    def forget(self) -> None:
        """Another document has come: what was told is of the one before."""
        self.came.clear()

    async def heard(self, *, seconds: float) -> bool:
        """Whether the document that is there has told, or does so within this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.came.wait()
        return self.came.is_set()

    def _on_told(self, event: dict[str, Any]) -> None:
        if event["name"] != self._key or len(event["payload"]) > TOLD_MAX:
            return
        try:
            news = News.model_validate_json(event["payload"])
        except ValidationError:
            return
        self._hear(news.told)
        self.title = " ".join(UNSEEN.sub("", news.title).split())
        self.came.set()
