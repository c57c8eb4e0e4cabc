"""One request to the API, read the way its endpoints need it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from glasshouse.emulator.eventlog import Within
from glasshouse.emulator.incoming import read_body
from glasshouse.emulator.keys import Credential
from glasshouse.emulator.marks import Json, read_time
from glasshouse.emulator.paging import Order, Page, cut
from glasshouse.emulator.problem import ApiError, bad
from glasshouse.emulator.session import Session
from glasshouse.emulator.world import World

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    world: World
    request: Request
    credential: Credential
    raw: bytes

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def body(self, model: type[M]) -> M:
        return read_body(model, self.raw)

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def integer(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number from the query, or None when it was left out. Raises 400 outside the bounds."""
        text = self.query(name)
        if text is None:
            return None
        if not text.lstrip("-").isdigit() or not least <= int(text) <= most:
            raise bad(f"{name}: must be an integer from {least} to {most}")
        return int(text)

    def flag(self, name: str) -> bool:
        return self.query(name) == "true"

    def many(self, name: str) -> list[str]:
        """A repeated parameter, with or without brackets."""
        params = self.request.query_params
        return [*params.getlist(f"{name}[]"), *params.getlist(name)]

    def order(self, default: Order) -> Order:
        given = self.query("order")
        if given not in (None, "asc", "desc"):
            raise bad("order: must be asc or desc")
        return default if given is None else "asc" if given == "asc" else "desc"

    def within(self) -> Within:
        bounds: dict[str, datetime] = {}
        for edge in ("gt", "gte", "lt", "lte"):
            text = self.query(f"created_at[{edge}]")
            if text is not None:
                try:
                    bounds[edge] = read_time(text)
                except ValueError as error:
                    raise bad(f"created_at[{edge}]: must be an RFC 3339 time") from error
        return Within(bounds)

    def cut(self, rows: list[T], *, default: int = 20, most: int = 100, order: Order = "asc") -> Page[T]:
        """A page of rows that are in the order of their making."""
        limit = self.integer("limit", least=1, most=most) or default
        return cut(list(enumerate(rows)), order=self.order(order), limit=limit, page=self.query("page"))

    def session(self) -> Session:
        """The session in the path. An environment's key sees its own sessions only; a work token only its one."""
        session = self.world.session(self.path("session"))
        scope = self.credential
        if scope.environment_id not in (None, session.environment["id"]) or scope.session_id not in (None, session.id):
            raise ApiError(403, "this credential may not use that session")
        return session


def listed(page: Page[T], rows: list[Json]) -> Json:
    return {"data": rows, "next_page": page.next_page}
