"""Where the tools' own code runs in the page of a tab: a world of its main frame in which it has changed nothing.

Playwright has one in every document; a second one would cost each page some milliseconds (V8 makes all globals anew).
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

PLAYWRIGHTS = "__playwright_utility_world"  # how the names of its worlds begin
OURS = "glasshouse"  # where there is none of them
COMING_S = 0.1  # for it to be there after its document has begun; there is none where scripts are forbidden


@dataclass(frozen=True, slots=True)
class World:
    """One world of one document. `place` is how CDP's Runtime.callFunctionOn is told of it."""

    cdp: CDPSession
    place: dict[str, Any]

    async def call(self, function: str, *given: Any) -> Any:
        """What a function gives, as JSON. Raises Playwright's error if it throws, or the document is gone."""
        asked = {
            **self.place,
            "functionDeclaration": function,
            "arguments": [{"value": one} for one in given],
            "returnByValue": True,
            "awaitPromise": True,
            "silent": True,
        }
        answer = await self.cdp.send("Runtime.callFunctionOn", asked)
        if details := answer.get("exceptionDetails"):
            said = details.get("exception", {}).get("description") or details["text"]
            raise PlaywrightError(f"the page threw: {said[:500]}")
        return answer["result"].get("value")


class Worlds:
    """Knows the world of the document that is shown."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp
        self._frame = ""
        self._known: dict[str, Any] | None = None
        self._came = asyncio.Event()

    async def begin(self, frame_id: str) -> None:
        """Listen; `frame_id` is Chromium's for the main frame."""
        self._frame = frame_id
        self._cdp.on("Runtime.executionContextCreated", self._on_created)
        self._cdp.on("Runtime.executionContextsCleared", lambda _: self._forget())
        await self._cdp.send("Runtime.enable")

    async def now(self) -> World:
        """The world of the document that is shown now; of one that has only just come, as soon as it has one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COMING_S):
                await self._came.wait()
        if self._known is None:
            made = await self._cdp.send("Page.createIsolatedWorld", {"frameId": self._frame, "worldName": OURS})
            return World(self._cdp, {"executionContextId": made["executionContextId"]})
        return World(self._cdp, self._known)

    async def made(self, function: str, *given: Any) -> World:
        """The world of the document that is shown now, after the function has run in it. Raises Playwright's error."""
        world = await self.now()
        await world.call(function, *given)
        return world

    def _on_created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        if context["name"].startswith(PLAYWRIGHTS) and context["auxData"]["frameId"] == self._frame:
            self._known = {"uniqueContextId": context["uniqueId"]}  # never given twice, unlike its number
            self._came.set()

    def _forget(self) -> None:
        self._known = None
        self._came.clear()
