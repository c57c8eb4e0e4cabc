"""A viewer sees every number once, whatever is cut; and a viewer that does not keep up hurts nobody."""

import asyncio
import socket

import httpx2
import pytest

from glasshouse.tool import Wish
from tests.server.stage import TOKEN, watching
from tests.web.conftest import GUARD_S, OpenSite, Site


async def add(handle: object, times: int) -> None:
    """Some calls, and with them a dozen events each."""
    for _ in range(times):
        await asyncio.wait_for(handle.call("count_add", by=1), GUARD_S)  # type: ignore[attr-defined]


async def test_reconnects_and_restarts_show_every_number_once(open_site: OpenSite) -> None:
    seen: list[int] = []
    async with open_site() as site:
        handle = await site.attach()
        for _ in range(4):
            async with site.watch(handle.id, after=seen[-1] if seen else 0) as viewer:
                calling = asyncio.create_task(add(handle, 2))
                await viewer.until(lambda v: len(v.numbers) >= 7, timeout_s=GUARD_S)
                seen += viewer.numbers
            await calling
    async with open_site() as site:
        last = (await site.operator.get(f"/sessions/{handle.id}/state")).json()["log"]["last"]
        async with site.watch(handle.id, after=seen[-1]) as viewer:
            await viewer.until(lambda v: v.numbers and v.numbers[-1] >= last, timeout_s=GUARD_S)
            seen += viewer.numbers
    assert seen == list(range(1, len(seen) + 1))


async def test_after_in_the_address_does_what_the_header_does(site: Site) -> None:
    handle = await site.attach()
    await add(handle, 2)
    async with watching(site.operator, f"/sessions/{handle.id}/events?after=3") as viewer:
        await viewer.until(lambda v: v.numbers, timeout_s=GUARD_S)
        assert viewer.numbers[0] == 4
    async with watching(site.operator, f"/sessions/{handle.id}/events?after=1", {"last-event-id": "5"}) as viewer:
        await viewer.until(lambda v: v.numbers, timeout_s=GUARD_S)
        assert viewer.numbers[0] == 6


async def test_a_number_of_the_future_waits_for_what_comes_after_it(site: Site) -> None:
    handle = await site.attach()
    async with watching(site.operator, f"/sessions/{handle.id}/events?after=999999") as viewer:
        await add(handle, 1)
        assert viewer.numbers == []


async def test_who_watches_live_frames_says_how_wide_they_are_shown(site: Site) -> None:
    handle = await site.attach()
    live = f"/sessions/{handle.id}/live/browser"
    view = site.house.kits.slot(handle.id, "browser").live
    link = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "session"})).json()["url"]
    async with asyncio.timeout(GUARD_S), site.operator.stream("GET", live, params={"width": 360}):
        await view.wait(watched=True)
        assert view.wish == Wish(360)
        async with site.stranger.stream("GET", f"{link}/live/browser", params={"width": 640}):
            await view.changed(Wish(360))
            assert view.wish == Wish(640)
        await view.changed(Wish(640))
        assert (view.viewers, view.wish) == (1, Wish(360))  # who came by the link is gone as well
    for width in ("0", "-5", "x", "99999999"):
        assert (await site.operator.get(live, params={"width": width})).status_code == 422


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "1e3", " ", "9" * 16, "1,2", "0x1"])
async def test_an_id_that_is_no_number_is_refused(site: Site, given: str) -> None:
    handle = await site.attach()
    for answer in (
        await site.operator.get(f"/sessions/{handle.id}/events", params={"after": given}),
        await site.operator.get(f"/sessions/{handle.id}/events", headers={"last-event-id": given.strip() or "x"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_event_id")


async def test_previews_have_no_id_and_are_not_kept(site: Site) -> None:
    handle = await site.attach()
    async with site.watch(handle.id) as viewer:
        await viewer.event("runtime.woken")
        await handle.say("several words that come one after the other")
        await viewer.event("agent.message")
        passing = [event for event in viewer.events if event["type"].startswith("event_")]
        assert passing
        assert all(event["n"] is None for event in passing)
        for event, number in zip(viewer.events, viewer.ids, strict=True):
            assert number == (None if event["n"] is None else str(event["n"]))
    async with site.watch(handle.id) as again:
        await again.event("agent.message")
        assert not [event for event in again.events if event["n"] is None]


async def test_a_viewer_that_takes_nothing_slows_nobody(site: Site) -> None:
    handle = await site.attach()
    host, port = site.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        asked = f"GET /sessions/{handle.id}/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        stuck.sendall(asked.encode())
        async with site.watch(handle.id) as viewer:
            await viewer.event("runtime.woken")
            for _ in range(10):
                for _ in range(20):
                    handle.emit("agent.message", content=[{"type": "text", "text": "x" * 20_000}])
                await add(handle, 1)
            await viewer.event("agent.message", count=200)
            assert viewer.numbers == list(range(1, len(viewer.numbers) + 1))


async def test_the_stream_of_a_session_that_is_not_here_is_refused(site: Site) -> None:
    answer = await site.operator.get("/sessions/sesn_none/events")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_session")


async def test_it_is_a_stream_of_events(site: Site) -> None:
    handle = await site.attach()
    async with site.operator.stream("GET", f"/sessions/{handle.id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("retry: ")


async def test_a_hundred_viewers_see_the_same(site: Site) -> None:
    handle = await site.attach()
    async with httpx2.AsyncClient(
        base_url=site.base_url, headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False,
        limits=httpx2.Limits(max_connections=None), timeout=GUARD_S,
    ) as crowd, asyncio.TaskGroup() as group:  # fmt: skip

        async def follow() -> list[int]:
            async with watching(crowd, f"/sessions/{handle.id}/events") as viewer:
                await viewer.event("count.added", count=3)
                return viewer.numbers

        viewers = [group.create_task(follow()) for _ in range(100)]
        await add(handle, 3)
    heads = {tuple(viewer.result()[:20]) for viewer in viewers}
    assert heads == {tuple(range(1, 21))}
