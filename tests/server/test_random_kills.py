"""kill -9 at instants drawn at random over a server's whole life, its start and recovery included, again and again.

Several agents use the three kits at once. GLASSHOUSE_TEST_RANDOM_KILLS says how often, GLASSHOUSE_TEST_SEED
when. After each kill a copy of the store is looked into: whole, and how many calls were at which step.
"""

import asyncio
import json
import os
import random
import re
import shutil
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import pytest

from glasshouse.catalog import find_kits
from glasshouse.emulator import Answer, Emulator, ScriptedAgent, SessionHandle
from tests.server.nursery import Nursling
from tests.server.site import CountingSite
from tests.server.stage import TOKEN
from tests.server.test_killing import Deeds, check_log

CHOSEN = os.environ.get("GLASSHOUSE_TEST_RANDOM_KILLS")
KILLS = int(CHOSEN or "2")
SEED = int(os.environ.get("GLASSHOUSE_TEST_SEED", "11"))
AGENTS = 3 if CHOSEN else 2
REST_S = 120  # what all agents together get to end what they are at, once nobody kills any more

pytestmark = [pytest.mark.long, pytest.mark.timeout(180 + 60 * KILLS)]


@dataclass
class Actor:
    """One agent: does one deed with each kit after another, and looks at once whether what it was told still holds."""

    handle: SessionHandle
    base_url: str
    deeds: Deeds = field(default_factory=Deeds)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = 0

    async def story(self, agent: ScriptedAgent) -> None:
        """Deed after deed, until it is told to stop."""
        await self._until_well(agent, "js_repl", code="globalThis.done ??= []; done.length")
        while not self.deeds.stopped:
            await self._deed(agent, self.number)
            self.number += 1

    async def _deed(self, agent: ScriptedAgent, n: int) -> None:
        await self._until_well(agent, "browser_goto", url=f"{self.base_url}/site/deed/{self.handle.id}/{n}")
        answers = await agent.call_all([
            ("browser_click", {"target": f"#go{n}"}),
            ("js_repl", {"code": f"done.push({n}); JSON.stringify(done)"}),
            ("page_add_block", {"anchor": "#content", "position": "append", "html": f"<i>deed {n};</i>"}),
            ("page_get", {"selector": "#content"}),
        ])  # fmt: skip
        self.answered.set()
        for kind, answer in zip(self.deeds.told, answers, strict=False):
            self.deeds.told[kind][n] = answer
        if not answers[1].is_error:
            self.deeds.check("repl", pushed(answers[1]))
        assert not answers[3].is_error, answers[3].text
        self.deeds.check("page", added(answers[3]))

    async def _until_well(self, agent: ScriptedAgent, tool: str, **given: object) -> Answer:
        """What may be done again is done again, as an agent would that is told that the outcome is unknown."""
        while True:
            answer = await agent.call(tool, **given)
            if not answer.is_error:
                return answer
            assert "outcome is unknown" in answer.text, answer.text

    async def check(self, site: CountingSite) -> None:
        """The API's record, the site, the cookies, the document and the symbols agree."""
        results = [event["custom_tool_use_id"] for event in self.handle.of_type("user.custom_tool_result")]
        calls = [event["id"] for event in self.handle.of_type("agent.custom_tool_use")]
        assert sorted(results) == sorted(calls)
        clicked = [int(name.rpartition("/")[2]) for name in site.posts.elements() if name.startswith(self.handle.id)]
        self.deeds.check("click", clicked)
        self.deeds.check("page", added(await self.handle.call("page_get", selector="#content")))
        self.deeds.check("repl", pushed(await self.handle.call("js_repl", code="JSON.stringify(done)")))
        sure = {n for n, answer in self.deeds.told["click"].items() if not answer.is_error}
        for who, n, last in site.looks:
            if who == self.handle.id:  # what an answered click brought is there whenever the browser goes on
                assert max((done for done in sure if done < n), default=-1) <= last <= n, (n, last)

    @property
    def doubtful(self) -> int:
        """How many deeds it was told an unknown outcome of."""
        return sum(answer.is_error for answers in self.deeds.told.values() for answer in answers.values())


def pushed(answer: Answer) -> list[int]:
    """The numbers in a REPL answer."""
    [listed] = re.findall(r"\[[\d,]*\]", answer.text)
    numbers: list[int] = json.loads(listed)
    return numbers


def added(answer: Answer) -> list[int]:
    """The numbers in a page."""
    return [int(number) for number in re.findall(r"deed (\d+);", answer.text)]


@pytest.fixture
async def nursling(emulator: Emulator, tmp_path: Path, nursery: socket.socket) -> AsyncIterator[Nursling]:
    """A server that starts in a moment."""
    environment = {
        "ANTHROPIC_API_KEY": emulator.api_key,
        "ANTHROPIC_BASE_URL": emulator.base_url,
        "GLASSHOUSE_BROWSER_ALLOW": emulator.base_url.removeprefix("http://"),
        "GLASSHOUSE_TOKEN": TOKEN,
    }
    server = Nursling(nursery, tmp_path / "data", environment)
    try:
        yield server
    finally:
        await server.close()


async def test_kills_at_random_instants_lose_nothing_and_do_nothing_twice(
    nursling: Nursling, emulator: Emulator, site: CountingSite, tmp_path: Path
) -> None:
    chance, steps, begun = random.Random(SEED), Counter[str](), perf_counter()
    actors = [Actor(emulator.open_session(tools=find_kits().definitions()), emulator.base_url) for _ in range(AGENTS)]
    await nursling.start()
    playing = [asyncio.create_task(actor.handle.play(actor.story)) for actor in actors]
    for actor in actors:
        await nursling.attach(actor.handle.id)
    usual_s = await first_answer_s(actors)
    for _ in range(KILLS):
        await nursling.kill()
        steps.update(look_into(nursling.folder, tmp_path / "copy"))
        for task in playing:
            assert not task.done(), task.exception()
        await nursling.launch()
        answering = asyncio.create_task(first_answer_s(actors))
        await asyncio.sleep(chance.uniform(0, 2 * usual_s))  # the instant is the point
        if answering.done():
            usual_s += (answering.result() - usual_s) / 4
        answering.cancel()
    await nursling.kill()
    await nursling.start()
    for actor in actors:
        actor.deeds.stopped = True
    async with asyncio.timeout(REST_S):
        await asyncio.gather(*playing)
        for actor in actors:
            await actor.check(site)
            await check_log(nursling, actor.handle)
    deeds = sum(actor.number for actor in actors)
    doubtful = sum(actor.doubtful for actor in actors)
    print(f"{KILLS + 1} kills in {perf_counter() - begun:.0f} s, {deeds} deeds with each kit, {doubtful} told unknown;"
          f" found after kills: {dict(steps)}", flush=True)  # fmt: skip


async def first_answer_s(actors: list[Actor]) -> float:
    """Wait until somebody is answered; how long it took."""
    begun = perf_counter()
    for actor in actors:
        actor.answered.clear()
    waiting = [asyncio.create_task(actor.answered.wait()) for actor in actors]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return perf_counter() - begun


def look_into(folder: Path, copy: Path) -> Counter[str]:
    """What a copy of the store says: that it is whole, and how many calls were at which step when the server died."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for file in folder.glob("glasshouse.db*"):
        shutil.copy(file, copy)
    with sqlite3.connect(copy / "glasshouse.db") as db:
        assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        found = db.execute("SELECT state, count(*) FROM calls WHERE state IN ('claimed', 'executed') GROUP BY state")
        steps = Counter(dict(found.fetchall()))
    db.close()
    return steps or Counter({"at rest": 1})
