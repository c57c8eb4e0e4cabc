"""Ends what is streamed by a link as soon as the link is revoked, or its time is over."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from glasshouse.store import Share


class Endings:
    """One bell for each link that somebody watches by."""

    def __init__(self) -> None:
        self._bells: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    def ring(self, share_id: str) -> None:
        """The link is revoked."""
        if bell := self._bells.get(share_id):
            bell.set()

    async def until_ended(
        self, share: Share, body: AsyncGenerator[bytes, None], still_good: Callable[[Share], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        """What the body gives, while the link is good; asked again when the bell hangs: it may just have ended."""
        bell = self._bells.setdefault(share.id, asyncio.Event())
        ended = asyncio.ensure_future(bell.wait())
        coming: asyncio.Future[bytes | None] | None = None
        try:
            if not await still_good(share):
                return
            while True:
                coming = asyncio.ensure_future(anext(body, None))
                await asyncio.wait({coming, ended}, timeout=_left_s(share), return_when=asyncio.FIRST_COMPLETED)
                if ended.done() or not coming.done():
                    return
                chunk = coming.result()
                if chunk is None:
                    return
                yield chunk
        finally:
            ended.cancel()
            if coming and coming.cancel():
                await asyncio.wait([coming])  # what is still running cannot be closed, and would watch for nobody
            await body.aclose()


def _left_s(share: Share) -> float | None:
    if share.expires_at is None:
        return None
    return max(0.0, (datetime.fromisoformat(share.expires_at) - datetime.now(UTC)).total_seconds())
