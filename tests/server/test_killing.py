"""kill -9 at the instants that matter, again and again under a stream of calls: nothing lost, nothing done twice.

GLASSHOUSE_TEST_KILLS sets how many kills the long test makes (3 by default), GLASSHOUSE_TEST_SEED which ones.
"""

import asyncio
import os
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from glasshouse.emulator import Answer, Emulator, ScriptedAgent, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.site import CountingSite
from tests.server.stage import GUARD_S, Server

KILLS = int(os.environ.get("GLASSHOUSE_TEST_KILLS", "2"))
SEED = int(os.environ.get("GLASSHOUSE_TEST_SEED", "7"))
BOUNDARIES = ("call.started", "call.finished", "call.posted")

pytestmark = [pytest.mark.long, pytest.mark.timeout(120 + 30 * KILLS)]


@dataclass
class Deeds:
    """What the agent did, by number, and what it was told."""

    told: dict[str, dict[int, Answer]] = field(default_factory=lambda: {"click": {}, "repl": {}, "page": {}})
    stopped: bool = False

    async def story(self, agent: ScriptedAgent) -> None:
        """One deed with each kit, again and again."""
        number = 0
        while not self.stopped:
            answers = await agent.call_all([
                ("browser_click", {"target": f"#b{number}"}),
                ("js_repl", {"code": f"done.push({number}); done.length"}),
                ("page_add_block", {"anchor": "#content", "position": "append", "html": f"<i>deed {number};</i>"}),
            ])  # fmt: skip
            for kind, answer in zip(self.told, answers, strict=True):
                self.told[kind][number] = answer
            number += 1

    def check(self, kind: str, happened: list[int]) -> None:
        """Every deed whose result says so happened once; one whose outcome is unknown at most once."""
        assert len(happened) == len(set(happened)), f"{kind}: something was done twice: {happened}"
        done = {number for number, answer in self.told[kind].items() if not answer.is_error}
        unknown = {number for number, answer in self.told[kind].items() if "outcome is unknown" in answer.text}
        failed = self.told[kind].keys() - done - unknown
        assert not failed, [self.told[kind][number].text for number in failed]
        assert done <= set(happened) <= done | unknown


async def test_kills_at_every_boundary_lose_nothing_and_do_nothing_twice(
    make_server: MakeServer, emulator: Emulator, opened: SessionHandle, site: CountingSite
) -> None:
    chance = random.Random(SEED)
    server = make_server()
    await server.start()
    await server.attach(opened.id)
    await prepare(opened, emulator)
    deeds = Deeds()
    playing = asyncio.create_task(opened.play(deeds.story))
    seen = 0
    for turn in range(KILLS):
        async with server.watch(opened.id, after=seen) as viewer:
            boundary = BOUNDARIES[turn % len(BOUNDARIES)]
            count = chance.randint(1, 9)
            await viewer.until(lambda v, b=boundary, n=count: len(v.of(b)) >= n)  # type: ignore[misc]
            await asyncio.sleep(chance.choice([0, 0, chance.uniform(0, 0.1)]))  # the instant is the point
            await server.kill()
            assert viewer.numbers == list(range(seen + 1, seen + 1 + len(viewer.numbers)))
            seen += len(viewer.numbers)
        await server.start()
    deeds.stopped = True
    await asyncio.wait_for(playing, GUARD_S * 2)
    await check_all(server, opened, deeds, site)


async def prepare(handle: SessionHandle, emulator: Emulator) -> None:
    """A page with buttons, and a list in the REPL."""
    answers = [
        await asyncio.wait_for(handle.call("browser_goto", url=f"{emulator.base_url}/site?all=1"), GUARD_S),
        await asyncio.wait_for(handle.call("js_repl", code="const done = []; class Kept {}"), GUARD_S),
    ]
    assert not any(answer.is_error for answer in answers), answers


async def check_all(server: Server, handle: SessionHandle, deeds: Deeds, site: CountingSite) -> None:
    """The API's record, the log, the site, the document, the symbols, the page and its cookies agree."""
    results = [event["custom_tool_use_id"] for event in handle.of_type("user.custom_tool_result")]
    calls = [event["id"] for event in handle.of_type("agent.custom_tool_use")]
    assert sorted(results) == sorted(calls)
    deeds.check("click", [int(name) for name in site.posts.elements()])
    page = await handle.call("page_get", selector="#content")
    deeds.check("page", [int(number) for number in re.findall(r"deed (\d+);", page.text)])
    symbols = await handle.call("js_repl", code="JSON.stringify([done, typeof Kept])")
    [listed] = re.findall(r"\[\[([\d,]*)\],\"function\"\]", symbols.text)
    deeds.check("repl", [int(number) for number in listed.split(",") if number])
    read = await handle.call("browser_read")
    assert "Counting site" in read.text
    await asyncio.wait_for(handle.call("browser_goto", url=f"{server_site(handle)}"), GUARD_S)
    assert site.cookies["seen"] == "yes"
    await check_log(server, handle)


def server_site(handle: SessionHandle) -> str:
    """The address of the site, from the first call."""
    [first, *_] = handle.of_type("agent.custom_tool_use")
    address: str = first["input"]["url"]
    return address


async def check_log(server: Server, handle: SessionHandle) -> None:
    """Each number once, each event of the API once, each call started and finished once."""
    last = (await server.state(handle.id))["log"]["last"]
    async with server.watch(handle.id) as viewer:
        await viewer.until(lambda v: v.numbers and v.numbers[-1] >= last)
        assert viewer.numbers == list(range(1, len(viewer.numbers) + 1))
        for kind in ("agent.custom_tool_use", "user.custom_tool_result"):
            ids = [data["id"] for data in viewer.of(kind)]
            assert len(ids) == len(set(ids))
        for kind in ("call.finished", "call.posted"):
            ids = [data["call_id"] for data in viewer.of(kind)]
            assert len(ids) == len(set(ids)), kind
        assert not viewer.of("call.obsoleted")


async def test_what_a_click_brought_is_kept_once_it_is_answered(
    server: Server, opened: SessionHandle, emulator: Emulator, site: CountingSite
) -> None:
    await server.attach(opened.id)
    await asyncio.wait_for(opened.call("browser_goto", url=f"{emulator.base_url}/site"), GUARD_S)
    assert not (await asyncio.wait_for(opened.call("browser_click", target="#b1"), GUARD_S)).is_error
    await server.kill()
    await server.start()
    await asyncio.wait_for(opened.call("browser_goto", url=server_site(opened)), GUARD_S)
    assert site.cookies == {"seen": "yes", "last": "1"}
    assert site.posts["1"] == 1


async def test_what_a_killed_server_started_ends_with_it_and_its_files_with_the_next_one(
    server: Server, opened: SessionHandle, emulator: Emulator
) -> None:
    await server.attach(opened.id)
    await prepare(opened, emulator)
    started = server.descendants()
    assert len(started) > 3
    used = {word.partition("=")[2] for each in started for word in each.cmdline() if "--user-data-dir=" in word}
    [profile] = map(Path, used)
    await server.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, started, timeout=GUARD_S)
    assert not alive
    assert profile.parent.name.startswith("glasshouse-browser-")
    await server.start()
    await asyncio.wait_for(opened.call("browser_read"), GUARD_S)
    assert not profile.parent.exists()
