"""Hard situations of the browser, driven as an agent drives them: a call by an event, its answer by an event.

Each call is answered within its limit by a line that says what happened, and the next call works. One server and one
session for all of them, as an agent has them: the next call is the one that opens the next situation.
GLASSHOUSE_TEST_SITUATIONS adds those that take long.
"""
# pages are written as one would write them in a file

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil
import pytest
import pytest_asyncio

from glasshouse.catalog import find_kits
from glasshouse.emulator import Answer, Emulator, SessionHandle
from tests.browser.secure import CERTIFICATES, secure
from tests.server.awkward import Awkward
from tests.server.nursery import Nursling
from tests.server.situations import LONG, PAGES, SITUATIONS, Situation
from tests.server.stage import SMALL_VIEW, Server

LIMIT_S = 5.0  # GLASSHOUSE_BROWSER_LIMIT_S of the server
AFTER_S = 10.0  # to stop what hangs, or to put an empty tab in its place
ALL = bool(os.environ.get("GLASSHOUSE_TEST_SITUATIONS"))

pytestmark = [pytest.mark.long, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@dataclass
class Stage:
    """An agent with a browser, and the site it looks at."""

    server: Server
    site: Awkward
    agent: SessionHandle
    before: str = "nothing"  # the situation that the next call finds

    async def call(self, tool: str, **given: Any) -> Answer:
        """The agent calls a tool; the answer is there in time."""
        if given.get("url", "").startswith("/"):
            given["url"] = self.site.url(given["url"])
        begun = perf_counter()
        answer = await asyncio.wait_for(self.agent.call(f"browser_{tool}", **given), 60)
        assert perf_counter() - begun < (LIMIT_S + AFTER_S) * self.server.slowness
        return answer

    async def begin(self, name: str, page: str) -> Answer:
        """Open the page of a situation, whatever the one before has left."""
        before, self.before = self.before, name
        self.site.pages["/"] = f"<!doctype html><title>S</title>{page}"
        answer = await self.call("goto", url="/")
        assert not answer.is_error or name in LONG, f"after {before}: {answer.text}"
        return answer

    async def still_works(self) -> None:
        """The next call is answered as if nothing had happened."""
        calm = await self.call("goto", url="/calm", read=True)
        assert "# calm" in calm.text
        assert not calm.is_error


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, nursery: socket.socket) -> AsyncIterator[Stage]:
    """A server with a session."""
    folder: Path = tmp_path_factory.mktemp("situations")
    site = Awkward(pages={"/calm": "<title>Calm</title><h1>calm</h1>", **PAGES})
    async with Emulator() as emulator, site.open():
        server = Nursling(
            nursery,
            folder / "data",
            {
                "ANTHROPIC_API_KEY": emulator.api_key,
                "ANTHROPIC_BASE_URL": emulator.base_url,
                "GLASSHOUSE_BROWSER_ALLOW": "127.0.0.1,localhost",
                "GLASSHOUSE_BROWSER_LIMIT_S": str(LIMIT_S),
                **SMALL_VIEW,
            },
        )
        await server.start()
        agent = emulator.open_session(tools=find_kits().definitions())
        await server.attach(agent.id)
        stage = Stage(server, site, agent)
        try:
            yield stage
            await stage.still_works()
        finally:
            await server.close()


@pytest.mark.parametrize("name", [*SITUATIONS, *(LONG if ALL else ())])
async def test_a_situation_is_told_and_the_next_call_works(stage: Stage, name: str) -> None:
    situation: Situation = {**SITUATIONS, **LONG}[name]
    answer = await stage.begin(name, situation.page.replace("PORT", str(stage.site.port)))
    if situation.said not in answer.text:  # it is on the page, or came after it
        answer = await stage.call("read")
    assert situation.said in answer.text
    for tool, given, said in situation.calls:
        answer = await stage.call(tool, **given, **({"read": True} if tool == "goto" else {}))
        assert said in answer.text, answer.text


@pytest.mark.parametrize("certificate", CERTIFICATES)
async def test_a_bad_certificate_is_told(stage: Stage, certificate: str) -> None:
    async with secure(certificate) as host:
        stage.site.pages["/"] = f"<h1>here</h1><a href=https://{host}/>go</a><iframe src=https://{host}/></iframe>"
        await stage.call("goto", url="/")
        said = f"https://{host}/ could not be loaded: its certificate is signed by nobody that is trusted"
        answers = await stage.call("click", target="go"), await stage.call("goto", url=f"https://{host}/")
        for answer in answers:
            assert said in answer.text
            assert "Is there another address for it?" in answer.text
        assert answers[1].is_error
        assert "secret page" not in (await stage.call("read")).text
    await stage.still_works()


async def test_a_renderer_that_dies_between_two_calls_is_told(stage: Stage) -> None:
    await stage.call("goto", url="/calm")
    for process in stage.server.descendants():
        if "--type=renderer" in _command(process):
            process.kill()
    read = await stage.call("read")
    assert "crashed: an empty tab" in read.text or "Chromium had died" in read.text
    await stage.still_works()


def _command(process: psutil.Process) -> list[str]:
    """Its command line; none when it has just gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return list(process.cmdline())
    return []


async def test_a_chromium_that_dies_between_two_calls_comes_back_with_its_page(stage: Stage) -> None:
    await stage.call("goto", url="/calm")
    [chromium] = [
        process
        for process in stage.server.descendants()
        if "--user-data-dir" in " ".join(line := _command(process)) and not any("--type=" in one for one in line)
    ][:1]
    chromium.kill()
    await asyncio.to_thread(psutil.wait_procs, [chromium], timeout=10)
    read = await stage.call("read")
    assert "# calm" in read.text
    assert "loaded again" in read.text
    await stage.still_works()


async def test_a_service_worker_shows_its_page_when_the_server_is_gone(stage: Stage) -> None:
    async with Awkward(pages=dict(PAGES)).open() as other:
        other.pages["/"] = """<h1 id=o>x</h1><script>navigator.serviceWorker.register('/sw.js')
            .then(() => navigator.serviceWorker.ready).then(() => { o.textContent = 'installed' })</script>"""
        await stage.call("goto", url=other.url("/"))
        assert "is on the page" in (await stage.call("wait", text="installed", seconds=2)).text
        other.leave()
        assert "# from the worker" in (await stage.call("goto", url=other.url("/cached"), read=True)).text
        assert "could not be loaded" in (await stage.call("goto", url=other.url("/elsewhere"))).text
    await stage.still_works()
