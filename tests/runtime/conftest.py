"""A runtime on a real store, fed by the emulated API over HTTP, with small kits whose work a test can watch."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from anthropic import AsyncAnthropic
from pydantic import BaseModel, Field

from glasshouse.catalog import catalog_of
from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.events import Event
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.runtime.session import House
from glasshouse.store.sqlite import open_sqlite
from glasshouse.tool import Context, Image, Kit, Result, ToolError

GUARD_S = 20
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class Counter:
    """What the counting kit did, and the gate its slow tool waits at."""

    value: int = 0
    order: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: int = 0
    closed: int = 0


class Add(BaseModel):
    """Add a number to this session's count."""

    by: int = Field(1, description="How much.")


class Read(BaseModel):
    """Read the count."""


class Hold(BaseModel):
    """Wait until the gate opens, then add one."""

    name: str = ""


class Fail(BaseModel):
    """Fail in one of several ways."""

    how: str


def make_kit(counter: Counter, name: str = "count") -> Kit[Counter]:
    """A kit whose state is the counter; what it counts is kept in memory, so that a restart remembers it."""

    @asynccontextmanager
    async def state(context: Context) -> AsyncIterator[Counter]:
        counter.opened += 1
        counter.value = int(await context.memory.get("value") or 0)
        yield counter
        counter.closed += 1

    kit = Kit[Counter](name=name, title=name.title(), state=state, check=f"{name}_read")

    @kit.tool(f"{name}_add", Add)
    async def add(state: Counter, args: Add, context: Context) -> Result:
        state.value += args.by
        state.order.append(f"add {args.by}")
        await context.emit(f"{name}.added", remember={"value": str(state.value).encode()}, value=state.value)
        return Result.text(f"The count is {state.value}.")

    @kit.tool(f"{name}_read", Read, read_only=True)
    async def read(state: Counter, args: Read, context: Context) -> Result:
        return Result.text(f"The count is {state.value}.")

    @kit.tool(f"{name}_hold", Hold, timeout_s=30)
    async def hold(state: Counter, args: Hold, context: Context) -> Result:
        state.order.append(f"begin {args.name}")
        state.entered.set()
        await state.gate.wait()
        state.value += 1
        state.order.append(f"end {args.name}")
        return Result.text("held")

    @kit.tool(f"{name}_fail", Fail, timeout_s=0.4)
    async def fail(state: Counter, args: Fail, context: Context) -> Result:
        if args.how == "tool error":
            raise ToolError("That cannot be done. Do this instead.")
        if args.how == "fault":
            raise ZeroDivisionError
        if args.how == "slow":
            await asyncio.Event().wait()
        if args.how == "empty":
            return Result.text("  ")
        if args.how == "surrogate":
            return Result.text("a\ud800b")
        if args.how == "long":
            return Result.text("é" * 100_000)
        return Result.of("see", Image(PIXEL, "image/png"))

    return kit


@dataclass
class Stage:
    """A running runtime and the API it serves."""

    emulator: Emulator
    runtime: Runtime
    log: Log
    counter: Counter
    other: Counter

    def open(self) -> SessionHandle:
        """A session at the API whose agent has our tools."""
        return self.emulator.open_session(tools=self.runtime.house.kits.catalog.definitions())

    async def wake(self) -> SessionHandle:
        """A session that the runtime follows."""
        handle = self.open()
        self.runtime.wake(handle.id, "attach")
        await self.event(handle.id, "runtime.woken")
        return handle

    async def event(self, session_id: str, *types: str, count: int = 1) -> Event:
        """The log's event of one of the types, the `count`th, stored or still to come."""
        async with asyncio.timeout(GUARD_S):
            async for event in self.log.follow(session_id):
                count -= event.type in types
                if not count:
                    return event
        raise AssertionError("the log ended")

    async def types(self, session_id: str) -> list[str]:
        """The types of the log's events."""
        return [event.type for event in await self.log.store.events(session_id, limit=10_000)]


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulated API on a port of its own."""
    async with Emulator() as running:
        yield running


@pytest.fixture
def open_stage(emulator: Emulator, tmp_path: Path) -> OpenStage:
    """`async with open_stage(idle_s=60)`: a runtime over the store of this test; open it again for a restart."""

    @asynccontextmanager
    async def opened(*, idle_s: float = 60) -> AsyncIterator[Stage]:
        counter, other = Counter(), Counter()
        catalog = catalog_of(make_kit(counter), make_kit(other, "other"))
        client = AsyncAnthropic(api_key=emulator.api_key, base_url=emulator.base_url)
        async with client, open_sqlite(tmp_path / "data") as store:
            log = Log(store)
            runtime = Runtime(House.over(client, log, Kits(catalog, log, {}), result_bytes=1_000, idle_s=idle_s))
            try:
                yield Stage(emulator, runtime, log, counter, other)
            finally:
                await runtime.stop()

    return opened


@pytest.fixture
async def stage(open_stage: OpenStage) -> AsyncIterator[Stage]:
    """One runtime."""
    async with open_stage() as opened:
        yield opened
