"""A bad network, a full disk, a lost lease: the real server loses no call and doubles no result."""

import asyncio
import re
import resource
from collections.abc import Callable
from functools import partial

import pytest

from glasshouse.catalog import find_kits
from glasshouse.emulator import Emulator, ScriptedAgent, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, Server, Viewer
from tests.server.test_serving import results_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]


async def add(handle: SessionHandle, number: int) -> str:
    """One edit of the page."""
    html = f"<i>deed {number};</i>"
    answer = await asyncio.wait_for(
        handle.call("page_add_block", {"anchor": "#content", "position": "append", "html": html}), GUARD_S
    )
    return answer.text


async def deeds(server: Server, handle: SessionHandle) -> list[int]:
    """The edits that the page shows."""
    page = await server.http.get(f"/sessions/{handle.id}/page/export")
    return [int(number) for number in re.findall(r"deed (\d+);", page.raise_for_status().text)]


async def test_every_fault_of_the_network_leaves_one_result_for_each_call(
    server: Server, opened: SessionHandle, emulator: Emulator
) -> None:
    await server.attach(opened.id)
    await opened.until_followed()
    faults = emulator.faults
    staged: list[Callable[[], object]] = [
        partial(faults.drop_streams, opened.id),
        partial(faults.drop_streams_after, 2, opened.id),
        partial(faults.cut, "events.send", when="after"),
        partial(faults.cut, "events.send", when="before"),
        *(partial(faults.refuse, "events.send", status, times=2) for status in (409, 429, 500, 529)),
        partial(faults.refuse, "events.send", 429, retry_after=0.2),
        partial(faults.refuse, "events.stream", 500, times=2),
        partial(faults.drop_streams, opened.id),
        partial(faults.refuse, "events.list", 500, times=2),
        partial(faults.drop_streams, opened.id),
    ]
    for number, cause in enumerate(staged):
        cause()
        await add(opened, number)
    assert await deeds(server, opened) == list(range(len(staged)))
    assert len(results_of(opened)) == len(set(results_of(opened))) == len(staged)


async def test_a_full_disk_loses_nothing_and_doubles_nothing(server: Server, opened: SessionHandle) -> None:
    """The process may not let its files grow: every write to the store fails as on a full disk."""
    await server.attach(opened.id)
    await add(opened, 0)
    size = max(file.stat().st_size for file in server.folder.iterdir())
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size + 100_000, resource.RLIM_INFINITY))
    playing = asyncio.create_task(opened.play(many_edits))
    with pytest.raises(TimeoutError):  # it cannot go on
        await asyncio.wait_for(asyncio.shield(playing), 4 * server.slowness)
    assert "disk" in server.told
    assert (await server.http.get("/health")).status_code == 200
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await server.http.post(f"/sessions/{opened.id}/wake")
    unknown = await asyncio.wait_for(playing, GUARD_S * 2)
    shown = await deeds(server, opened)
    assert len(shown) == len(set(shown))
    assert set(range(EDITS + 1)) - set(shown) <= unknown
    assert len(results_of(opened)) == len(set(results_of(opened))) == EDITS + 1


EDITS = 60


async def many_edits(agent: ScriptedAgent) -> set[int]:
    """Edits that grow the store; the numbers of those whose outcome is not known to be good."""
    doubtful = set()
    for number in range(1, EDITS + 1):
        html = f"<i>deed {number};</i><!--{'x' * 5000}-->"
        answer = await agent.call("page_add_block", anchor="#content", position="append", html=html)
        if answer.is_error:
            doubtful.add(number)
    return doubtful


async def test_webhooks_that_are_lost_doubled_or_late_wake_a_sleeping_session_once_each(
    make_server: MakeServer, opened: SessionHandle, emulator: Emulator, signing_key: str
) -> None:
    server = make_server(GLASSHOUSE_IDLE_S="0.3")
    await server.start()
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    faults = emulator.faults
    staged = [partial(faults.lose_webhooks, 1), partial(faults.double_webhooks, 3), partial(faults.reorder_webhooks, 2)]
    for number, cause in enumerate(staged):
        cause()
        await add(opened, number)
        async with server.watch(opened.id) as viewer:
            await viewer.event("runtime.slept", count=number + 1)
    assert await deeds(server, opened) == [0, 1, 2]
    assert len(results_of(opened)) == len(set(results_of(opened))) == 3


async def test_two_servers_with_two_stores_for_one_session_wedge_nobody(
    make_server: MakeServer, opened: SessionHandle
) -> None:
    one, other = make_server(folder="one"), make_server(folder="other")
    for server in (one, other):
        await server.start()
        await server.attach(opened.id)
    for number in range(4):
        await add(opened, number)
    assert len(results_of(opened)) == len(set(results_of(opened))) == 4
    await one.kill()
    await add(opened, 4)
    assert 4 in await deeds(other, opened)
    last = results_of(opened)[-1]

    def settled(viewer: Viewer) -> bool:
        """The last call and all that it began; what the other had answered already, it need not begin."""
        ids = {data["call_id"] for data in viewer.of("call.posted", "call.obsoleted")}
        return last in ids and {data["call_id"] for data in viewer.of("call.started")} <= ids

    async with other.watch(opened.id) as viewer:
        await viewer.until(settled)
    assert (await other.state(opened.id))["running"] == []


@pytest.fixture
async def worker(make_server: MakeServer, emulator: Emulator) -> tuple[Server, SessionHandle]:
    """A server with an environment's key and no other credential, and a session of that environment."""
    handle = emulator.open_session(tools=find_kits().definitions(), self_hosted=True)
    environment_id = handle.session.environment["id"]
    server = make_server(
        "--worker",
        ANTHROPIC_API_KEY="",
        ANTHROPIC_WEBHOOK_SIGNING_KEY="",
        ANTHROPIC_ENVIRONMENT_ID=environment_id,
        ANTHROPIC_ENVIRONMENT_KEY=emulator.environment_key(environment_id),
        GLASSHOUSE_IDLE_S="0.5",
    )
    await server.start()
    return server, handle


async def test_a_worker_serves_its_queue_and_gives_the_session_back_when_it_rests(
    worker: tuple[Server, SessionHandle], emulator: Emulator
) -> None:
    server, handle = worker
    for number in range(2):
        await add(handle, number)
        async with server.watch(handle.id) as viewer:
            await viewer.event("runtime.slept", count=number + 1)
        work = emulator.world.work.of(handle.session.environment["id"])
        for item in work:
            await emulator.world.work.until(lambda item=item: item.state == "stopped")  # type: ignore[misc]
    assert await deeds(server, handle) == [0, 1]
    assert len(results_of(handle)) == 2


async def test_a_worker_whose_lease_another_has_lets_go_and_takes_no_stop(
    worker: tuple[Server, SessionHandle], emulator: Emulator
) -> None:
    server, handle = worker
    [call] = await handle.begin([("browser_wait", {"seconds": 20})])
    async with asyncio.timeout(GUARD_S):
        [item] = emulator.world.work.of(handle.session.environment["id"])
        await emulator.world.work.until(lambda: item.state == "active", timeout_s=GUARD_S)
    item.latest_heartbeat_at = "another worker's"
    async with server.watch(handle.id) as viewer:
        await viewer.event("runtime.slept")
    assert item.state not in ("stopping", "stopped")
    [answer] = await handle.answers([call])
    assert answer.is_error


async def test_an_item_that_is_stopped_from_outside_is_let_go(
    worker: tuple[Server, SessionHandle], emulator: Emulator
) -> None:
    server, handle = worker
    await handle.begin([("browser_wait", {"seconds": 20})])
    [item] = emulator.world.work.of(handle.session.environment["id"])
    await emulator.world.work.until(lambda: item.state == "active", timeout_s=GUARD_S)
    emulator.world.work.stop(item, at_once=False)
    async with server.watch(handle.id) as viewer:
        await viewer.event("runtime.slept")
    await emulator.world.work.until(lambda: item.state == "stopped", timeout_s=GUARD_S)
