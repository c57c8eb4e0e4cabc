"""The eye of one document: JavaScript that reads and aims, kept alive by a handle that only the driver has.

The main frame's eye is opened by CDP, so that opening it, its first deed and the look at who listens for clicks are
one round trip. Frames inside may live in other processes: their eyes go through Playwright.
"""

import asyncio
import json
import secrets
from abc import ABC, abstractmethod
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import CDPSession, ElementHandle, Frame, JSHandle
from playwright.async_api import Error as PlaywrightError

FRAGMENTS = ("describe", "visible", "read", "target", "field", "change", "eye")  # in the order they are joined
EYE_S = 6  # a renderer that does not answer for so long is taken to hang

# `getEventListeners` is there only for what a debugger evaluates; the eye keeps it, the page never gets it.
OPEN_JS = """(async () => {
  const make = %s;
  const eye = make(typeof getEventListeners === "function" ? getEventListeners : null, %s);
  return { eye, out: await eye.do(%s, %s) };
})()"""
DO_JS = "function (deed, given) { return this.eye.do(deed, given) }"
BORROW_JS = "([name, i]) => window[name]?.[i]"


class UnresponsiveError(Exception):
    """The page's renderer did not answer in time."""


@cache
def eye_source() -> str:
    """The eye's JavaScript: fragments of one closure, joined."""
    folder = files("tools.browser") / "eye"
    parts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in FRAGMENTS]
    return "(listenersOf, token) => {\n" + "\n".join(parts) + "\n}"


class Eye(ABC):
    """The eye of one document in one frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.children: dict[int, Frame] = {}  # frames inside, by the key the eye gave them
        self.read_until: int | None = None  # the session's next number when the agent last read this document

    async def do(self, deed: str, given: Any = None, *, listeners: str | None = None, seconds: float = EYE_S) -> Any:
        """One deed of the eye. Raises UnresponsiveError, or Playwright's error when the document is gone."""
        try:
            async with asyncio.timeout(seconds):
                return await self._do(deed, given, listeners)
        except TimeoutError:
            raise UnresponsiveError from None

    async def element(self, n: int) -> ElementHandle | None:
        """The element of a number, as Playwright's handle."""
        return (await self._borrow("element", [n]))[0]

    async def know_children(self, keys: list[int]) -> None:
        """Find out which frames the frame elements hold."""
        unknown = [key for key in keys if key not in self.children]
        if not unknown:
            return
        elements = await self._borrow("frame", unknown)
        frames = await asyncio.gather(*(element.content_frame() for element in elements if element))
        known = [key for key, element in zip(unknown, elements, strict=True) if element]
        self.children |= {key: frame for key, frame in zip(known, frames, strict=True) if frame}

    def child(self, key: int) -> Frame | None:
        """The frame that a frame element holds, once known."""
        frame = self.children.get(key)
        return None if frame is None or frame.is_detached() else frame

    @abstractmethod
    async def _do(self, deed: str, given: Any, listeners: str | None) -> Any:
        """Have the eye do a deed; its answer as JSON."""

    @abstractmethod
    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        """Handles of what the eye knows by the keys."""


class FrameEye(Eye):
    """The eye of a frame inside the page, held by Playwright's handle."""

    def __init__(self, frame: Frame, handle: JSHandle) -> None:
        super().__init__(frame)
        self._handle = handle

    @classmethod
    async def open(cls, frame: Frame, token: str) -> "FrameEye":
        """Open the eye of the document that is in the frame now; `token` is the sentry's."""
        try:
            async with asyncio.timeout(EYE_S):
                return cls(frame, await frame.evaluate_handle("(token) => (" + eye_source() + ")(null, token)", token))
        except TimeoutError:
            raise UnresponsiveError from None

    async def _do(self, deed: str, given: Any, listeners: str | None) -> Any:
        return await self._handle.evaluate(
            "(eye, [deed, given, key]) => eye.do(deed, given, key)", [deed, given, listeners]
        )

    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        async def one(key: int) -> ElementHandle | None:
            handle = await self._handle.evaluate_handle("(eye, [deed, key]) => eye.do(deed, key)", [deed, key])
            return handle.as_element()

        return await asyncio.gather(*map(one, keys))


class MainEye(Eye):
    """The eye of the main frame, held by a CDP object."""

    def __init__(self, frame: Frame, cdp: CDPSession, object_id: str) -> None:
        super().__init__(frame)
        self._cdp = cdp
        self._object = object_id

    @classmethod
    async def open(
        cls, frame: Frame, cdp: CDPSession, token: str, deed: str, given: Any, *, seconds: float = EYE_S
    ) -> tuple["MainEye", Any]:
        """Open the eye of the document that is shown now, and do its first deed; `token` is the sentry's."""
        source = OPEN_JS % (eye_source(), json.dumps(token), json.dumps(deed), json.dumps(given))
        asked = {
            "expression": source,
            "includeCommandLineAPI": True,
            "awaitPromise": True,
            "silent": True,
            "serializationOptions": {"serialization": "deep"},
        }
        try:
            async with asyncio.timeout(seconds):
                result = succeeded(await cdp.send("Runtime.evaluate", asked))
        except TimeoutError:
            raise UnresponsiveError from None
        return cls(frame, cdp, result["objectId"]), plain(result["deepSerializedValue"])["out"]

    async def _do(self, deed: str, given: Any, listeners: str | None) -> Any:
        asked = {
            "objectId": self._object,
            "functionDeclaration": DO_JS,
            "arguments": [{"value": deed}, {"value": given}],
            "returnByValue": True,
            "awaitPromise": True,
            "silent": True,
        }
        return succeeded(await self._cdp.send("Runtime.callFunctionOn", asked)).get("value")

    async def _borrow(self, deed: str, keys: list[int]) -> list[ElementHandle | None]:
        """The elements lie under a random name for a moment: nothing else leads from CDP's handles to Playwright's."""
        name = f"_{secrets.token_hex(8)}"
        await self.do("lend", {"deed": deed, "keys": keys, "name": name})
        try:
            handles = await asyncio.gather(
                *(self.frame.evaluate_handle(BORROW_JS, [name, i]) for i in range(len(keys)))
            )
        finally:
            await self.do("lend", {"deed": deed, "keys": None, "name": name})
        return [handle.as_element() for handle in handles]


def succeeded(answer: dict[str, Any]) -> dict[str, Any]:
    """The result of an evaluation. Raises Playwright's error for an exception in it."""
    if details := answer.get("exceptionDetails"):
        said = details.get("exception", {}).get("description") or details["text"]
        raise PlaywrightError(f"the page threw: {said[:500]}")
    result: dict[str, Any] = answer["result"]
    return result


def plain(value: dict[str, Any]) -> Any:
    """A deeply serialized value (WebDriver BiDi's form) as plain data; what is no data becomes None."""
    kind, inner = value["type"], value.get("value")
    if kind in ("string", "boolean", "number"):
        return inner
    if kind == "array":
        return [plain(one) for one in inner or []]
    if kind == "object":
        return {key: plain(one) for key, one in inner or []}
    return None
