"""What a new page tells by itself once it is there: who waits for it need not ask a renderer that is busy drawing it.

What is told is checked like anything from a stranger: a renderer may have been taken over by its page.
"""

import asyncio
import contextlib
from typing import Annotated, Any

from playwright.async_api import CDPSession
from pydantic import BaseModel, ConfigDict, Field, ValidationError

WORLD = "glasshouse"  # the eye's world; known to debuggers only
TELL = "tell"  # the function by which an eye tells, in that world alone
TOLD_MAX = 100_000  # characters

Text = Annotated[str, Field(max_length=TOLD_MAX)]


class News(BaseModel):
    """Which page it is, and what the sentry has kept. Not what it has stored: the first look at that takes long."""

    model_config = ConfigDict(strict=True)

    title: Text
    told: Text


class Telling:
    """Hears what the pages of one tab tell."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        self._news: News | None = None
        self._came = asyncio.Event()

    async def begin(self) -> None:
        """Listen. To be called before the eye is in any document."""
        self._cdp.on("Runtime.bindingCalled", self._on_told)
        await self._cdp.send("Runtime.enable")  # else no new document gets the function
        await self._cdp.send("Runtime.addBinding", {"name": TELL, "executionContextName": WORLD})

    def forget(self) -> None:
        """Another document has come: what was told is of the one before."""
        self._news = None
        self._came.clear()

    async def news(self, *, seconds: float) -> News | None:
        """What the document that is there has told, or tells within this time; once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._came.wait()
        news = self._news
        self.forget()
        return news

    def _on_told(self, event: dict[str, Any]) -> None:
        if event["name"] == TELL and len(event["payload"]) <= TOLD_MAX:
            with contextlib.suppress(ValidationError):
                self._news = News.model_validate_json(event["payload"])
                self._came.set()
