"""A bench for the REPL kit that also shows the processes behind it."""

import asyncio
import dataclasses
import os
import select
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from glasshouse.tool import Context, Text
from tests.conftest import OpenWorkbench, Workbench
from tools.repl import journal
from tools.repl.definition import kit
from tools.repl.pool import Pool, open_pool
from tools.repl.session import Session, open_session
from tools.repl.settings import ReplSettings


class Bench:
    """The kit at work: what it says, and whom to kill."""

    work: Workbench

    def __init__(self) -> None:
        self.pools: list[Pool] = []
        self.sessions: dict[str, Session] = {}

    @property
    def pool(self) -> Pool:
        """The pool of the server that runs now."""
        return self.pools[-1]

    async def js(self, code: str, *, session: str = "sesn_a", timeout_ms: int | None = None) -> str:
        """The text js_repl answers."""
        result = await self.work.call("js_repl", session=session, code=code, timeout_ms=timeout_ms)
        return block(result.content)

    async def names(self, query: str = "", *, session: str = "sesn_a") -> str:
        """The text js_list_symbols answers."""
        return block((await self.work.call("js_list_symbols", session=session, query=query)).content)

    async def worker_pid(self, session: str = "sesn_a") -> int:
        """The process that holds the session's state."""
        return (await self.sessions[session].worker()).pid

    async def until_begun(self, session: str = "sesn_a") -> None:
        """Until the running call is noted as begun."""
        async with asyncio.timeout(20):
            while not await self.work.memory(session).get(journal.BEGUN):  # noqa: ASYNC110 (the store has no events)
                await asyncio.sleep(0.01)

    async def kill_worker(self, session: str = "sesn_a") -> None:
        """kill -9, and wait until it is gone."""
        pid = await self.worker_pid(session)
        os.kill(pid, signal.SIGKILL)
        await ended(pid)


async def ended(*pids: int) -> None:
    """Until the processes are gone; raises TimeoutError after 5 s."""
    for pid in pids:
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not (await asyncio.to_thread(select.select, [process], [], [], 5))[0]:
                raise TimeoutError(f"process {pid} lives on")
        finally:
            os.close(process)


def block(content: tuple[Any, ...]) -> str:
    """The text of a result that has one text block."""
    (text,) = content
    assert isinstance(text, Text)
    return text.text


OpenBench = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def open_bench(workbench: OpenWorkbench) -> OpenBench:
    """`async with open_bench(limit_s=1) as repl`."""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Bench]:
        bench = Bench()

        @asynccontextmanager
        async def server(chosen: ReplSettings) -> AsyncIterator[Pool]:
            async with open_pool(chosen) as pool:
                bench.pools.append(pool)
                yield pool

        @asynccontextmanager
        async def state(context: Context) -> AsyncIterator[Session]:
            async with open_session(context) as session:
                bench.sessions[context.session_id] = session
                yield session

        async with workbench(dataclasses.replace(kit, server=server, state=state), settings=settings) as work:
            bench.work = work
            yield bench

    return opened


@pytest.fixture
async def repl(open_bench: OpenBench) -> AsyncIterator[Bench]:
    """The kit with a limit of 5 s."""
    async with open_bench(limit_s=5) as bench:
        yield bench
