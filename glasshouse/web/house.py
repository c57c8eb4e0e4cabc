"""What every request handler works with; kept at `request.app.state.house`."""

import asyncio
from dataclasses import dataclass
from typing import Any

from anthropic import AsyncAnthropic
from fastapi import Request

from glasshouse.catalog import Catalog
from glasshouse.errors import RequestError
from glasshouse.log import Log
from glasshouse.runtime.context import KitMemory
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.settings import Settings
from glasshouse.store import Session, Store
from glasshouse.tool import Kit


@dataclass(frozen=True)
class WebHouse:
    """The server's parts, as the doors see them."""

    settings: Settings
    runtime: Runtime
    token: str  # the operator's

    @property
    def client(self) -> AsyncAnthropic:
        """The API."""
        return self.runtime.house.client

    @property
    def log(self) -> Log:
        """The sessions' logs."""
        return self.runtime.house.log

    @property
    def store(self) -> Store:
        """What is kept."""
        return self.log.store

    @property
    def kits(self) -> Kits:
        """The kits at work."""
        return self.runtime.house.kits

    @property
    def catalog(self) -> Catalog:
        """The kits there are."""
        return self.kits.catalog

    @property
    def stopping(self) -> asyncio.Event:
        """Set once the server begins to stop."""
        return self.runtime.stopping

    def memory(self, session_id: str, kit: str) -> KitMemory:
        """What a kit keeps of a session."""
        return self.kits.memory(session_id, kit)

    def kit(self, name: str) -> Kit[Any]:
        """A kit by name; raises RequestError (404) if there is none."""
        found = self.catalog.kits.get(name)
        if found is None:
            known = ", ".join(self.catalog.kits)
            raise RequestError(404, "unknown_kit", f"There is no kit {name[:100]!r}. The kits are: {known}.")
        return found

    async def session(self, session_id: str) -> Session:
        """The adopted session; raises RequestError (404) if there is none."""
        found = await self.store.session(session_id)
        if found is None:
            raise RequestError(
                404,
                "unknown_session",
                f"No session {session_id[:100]!r} here. POST /sessions/{{id}}/attach takes one in.",
            )
        return found


def house_of(request: Request) -> WebHouse:
    """The dependency that hands a handler its house."""
    house: WebHouse = request.app.state.house
    return house
