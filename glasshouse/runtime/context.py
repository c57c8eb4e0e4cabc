"""What a kit's state and actions get from the server: memory, events, files and the live view of one session."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from glasshouse.errors import ToolError
from glasshouse.events import Event
from glasshouse.log import Log
from glasshouse.runtime.live import LiveView
from glasshouse.store import Store


@dataclass(frozen=True)
class KitMemory:
    """See `glasshouse.tool.Memory`: one kit's part of the store in one session."""

    store: Store
    session_id: str
    kit: str

    async def get(self, key: str) -> bytes | None:
        return await self.store.recall(self.session_id, self.kit, key)

    async def put(self, values: Mapping[str, bytes | None]) -> None:
        async with self.store.transaction() as tx:
            tx.remember(self.session_id, self.kit, values)

    async def scan(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        return list(await self.store.scan(self.session_id, self.kit, prefix, after=after, limit=limit))


class KitContext(NamedTuple):
    """See `glasshouse.tool.Context`. A tuple, for one is made with every action."""

    log: Log
    kit: str
    session_id: str
    call_id: str | None
    author: Literal["agent", "operator"]
    settings: Any
    server: Any
    live: LiveView

    @property
    def memory(self) -> KitMemory:
        return KitMemory(self.log.store, self.session_id, self.kit)

    async def emit(self, type: str, /, *, remember: Mapping[str, bytes | None] | None = None, **data: Any) -> Event:
        async with self.log.transaction() as writer:
            if remember:
                writer.tx.remember(self.session_id, self.kit, remember)
            event = writer.append(self.session_id, type, data)
        assert event is not None  # only an event with a source can be a duplicate
        return event

    async def attach(self, data: bytes, media_type: str) -> str:
        file_id = hashlib.sha256(data).hexdigest()[:32]
        async with self.log.store.transaction() as tx:
            tx.put_file(self.session_id, file_id, media_type, data)
        return file_id

    async def file(self, file_id: str) -> tuple[bytes, str]:
        found = await self.log.store.file(self.session_id, file_id)
        if found is None:
            raise ToolError(f"This session has no file {file_id!r}. Use an id that an earlier result named.")
        return found
