"""A life of a runtime in a process of its own that kills itself, by kill -9, at one exact step of its store's.

Steps are counted: before each transaction, and after each commit. What a call does outside is a line in a file.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anthropic import AsyncAnthropic

from glasshouse.catalog import catalog_of
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.runtime.session import House
from glasshouse.store.sqlite import SqliteStore, SqliteTransaction, open_sqlite
from glasshouse.tool import Context, Kit, Result
from tests.runtime.conftest import Add, Read

IDLE_S = 0.05  # so that falling asleep, and what is kept then, is part of each life


@dataclass(frozen=True)
class Life:
    """What a life needs to know. `dies_at` is the step at which it ends; None: when its session sleeps."""

    folder: Path
    base_url: str
    api_key: str
    session_id: str
    dies_at: int | None


class Mortal:
    """A store that counts its steps and dies at one of them."""

    def __init__(self, store: SqliteStore, dies_at: int | None) -> None:
        self._store = store
        self._dies_at = dies_at
        self._steps = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteTransaction]:
        """As the real one, but for the two steps around it."""
        self._step()
        async with self._store.transaction() as tx:
            yield tx
        self._step()

    def _step(self) -> None:
        if self._steps == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._steps += 1


def marking_kit(name: str, marks: Path) -> Kit[int]:
    """`<name>_mark` does something outside, then keeps and tells it; `<name>_read` says what is kept."""

    @asynccontextmanager
    async def state(context: Context) -> AsyncIterator[int]:
        yield 0
        await context.memory.put({"slept": b"yes"})  # the snapshot that a session's sleep takes

    kit = Kit[int](name=name, title=name, state=state, check=f"{name}_read")

    @kit.tool(f"{name}_mark", Add)
    async def mark(_: int, args: Add, context: Context) -> Result:
        with marks.open("a") as file:
            file.write(f"{name} {args.by}\n")
        kept = f"{(await context.memory.get('kept') or b'').decode()},{args.by}"
        await context.emit(f"{name}.marked", remember={"kept": kept.encode()}, by=args.by)
        return Result.text(f"marked {args.by}")

    @kit.tool(f"{name}_read", Read, read_only=True)
    async def read(_: int, args: Read, context: Context) -> Result:
        return Result.text((await context.memory.get("kept") or b"").decode() or "nothing")

    return kit


def live(life: Life) -> None:
    """Be a server for one session until death, or until the session sleeps."""
    asyncio.run(_live(life))


async def _live(life: Life) -> None:
    marks = life.folder / "marks"
    catalog = catalog_of(marking_kit("one", marks), marking_kit("two", marks))
    client = AsyncAnthropic(api_key=life.api_key, base_url=life.base_url)
    async with client, open_sqlite(life.folder) as store:
        log = Log(Mortal(store, life.dies_at))
        house = House.over(client, log, Kits(catalog, log, {}), result_bytes=1_000, idle_s=IDLE_S)
        runtime = Runtime(house)
        runtime.wake(life.session_id, "attach")
        await runtime.asleep(life.session_id)
        await runtime.stop()
