"""Every figure in /metrics moves with what it tells of, and is named as Prometheus wants it; /ready says which part."""

import asyncio
import json
import re
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks import Webhook

from tests.web.conftest import GUARD_S, SIGNING_KEY, OpenSite, Site

pytestmark = pytest.mark.long


async def scrape(site: Site) -> dict[tuple[str, frozenset[str]], float]:
    """All samples, by name and the values of their labels."""
    text = (await site.operator.get("/metrics")).raise_for_status().text
    families = text_string_to_metric_families(text)
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


async def value(site: Site, name: str, *labels: str) -> float:
    """One sample; 0 if there is none."""
    return (await scrape(site)).get((f"glasshouse_{name}", frozenset(labels)), 0)


async def test_names_kinds_and_helps_are_what_prometheus_wants(site: Site) -> None:
    handle = await site.attach()
    await asyncio.wait_for(handle.call("count_add", by=1), GUARD_S)
    text = (await site.operator.get("/metrics")).text
    families = [one for one in text_string_to_metric_families(text) if one.name.startswith("glasshouse_")]
    assert len(families) > 10
    assert len({one.name for one in families}) == len(families)
    for family in families:
        assert re.fullmatch(r"glasshouse(_[a-z]+)+", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name
        if family.type == "counter":
            assert all(sample.name.endswith(("_total", "_created")) for sample in family.samples), family.name
        else:
            assert not family.name.endswith(("_total", "_count", "_sum", "_bucket")), family.name
        for unit in ("millisecond", "minute", "kilobyte", "megabyte", "_ms", "_mb"):
            assert unit not in family.name
        for sample in family.samples:
            assert all(re.fullmatch(r"[a-z][a-z_]*", label) for label in sample.labels)
            assert sample.value >= 0


async def test_calls_are_counted_by_tool_and_outcome_and_timed(site: Site) -> None:
    handle = await site.attach()
    for name, given in (("count_add", {}), ("count_add", {}), ("count_fail", {"how": "tool error"})):
        await asyncio.wait_for(handle.call(name, given), GUARD_S)
    assert await value(site, "calls_total", "count", "count_add", "ok") == 2
    assert await value(site, "calls_total", "count", "count_fail", "error") == 1
    assert await value(site, "action_seconds_count", "count_add", "ok") == 2
    assert await value(site, "action_seconds_sum", "count_add", "ok") > 0


async def test_the_journal_is_seen_from_the_claim_to_the_end(site: Site) -> None:
    handle = await site.attach()
    [held] = await handle.begin([("count_hold", {"name": "a"})])
    async with site.watch(handle.id) as viewer:
        await viewer.event("call.started", call_id=held.id)
        assert await value(site, "journal_calls", "count", "count_hold", "claimed") == 1
        site.emulator.faults.refuse("events.send", 500, times=1000)
        site.counter.gate.set()
        await viewer.event("call.finished", call_id=held.id)
        assert await value(site, "journal_calls", "count", "count_hold", "executed") == 1
        site.emulator.faults.clear()
        await viewer.event("call.posted", call_id=held.id)
        assert await value(site, "journal_calls", "count", "count_hold", "executed") == 0
        assert await value(site, "settled_calls_total", "posted") == 1
        site.counter.gate.clear()
        [stopped] = await handle.begin([("count_hold", {"name": "b"})])
        await viewer.event("call.started", call_id=stopped.id)
        (await site.operator.post(f"/sessions/{handle.id}/interrupt")).raise_for_status()
        await viewer.event("call.obsoleted", call_id=stopped.id)
        assert await value(site, "settled_calls_total", "obsolete") == 1


async def test_sessions_states_and_viewers_are_counted(open_site: OpenSite) -> None:
    async with open_site(idle_s=2) as site:
        handle = await site.attach()
        await asyncio.wait_for(handle.call("count_add", by=1), GUARD_S)
        assert await value(site, "sessions_awake") == 1
        assert await value(site, "states_open", "count") == 1
        assert await value(site, "wakes_total", "attach") == 1
        async with site.watch(handle.id) as viewer:
            await viewer.event("runtime.woken")
            assert await value(site, "viewers", "log") == 1
            await viewer.event("runtime.slept")
            await asyncio.wait_for(site.house.runtime.asleep(handle.id), GUARD_S)
        assert await value(site, "sessions_awake") == 0
        assert await value(site, "states_open", "count") == 0
        assert await value(site, "action_seconds_count", "count_add", "ok") == 1


async def test_a_viewer_of_a_page_is_counted(site: Site) -> None:
    handle = await site.attach()
    await asyncio.wait_for(handle.call("page_get"), GUARD_S)
    made = await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "page", "kit": "livepage"})
    token = made.raise_for_status().json()["url"].rpartition("/")[2]
    assert await value(site, "viewers", "page") == 0
    async with site.stranger.stream("GET", f"/p/{token}/events") as stream:
        async with asyncio.timeout(GUARD_S):
            lines = stream.aiter_lines()  # held: without it the stream is closed
            while await anext(lines) != "event: viewers":
                pass
        assert await value(site, "viewers", "page") == 1


def signed(data: dict[str, Any], id: str, key: str = SIGNING_KEY) -> dict[str, Any]:
    """A webhook as the API sends it."""
    at, body = (
        datetime.now(UTC),
        json.dumps({"type": "event", "id": id, "created_at": "2026-01-01T00:00:00Z", "data": data}),
    )
    headers = {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(id, at, body),
    }
    return {"content": body.encode(), "headers": headers}


async def test_webhooks_are_counted_by_what_came_of_them(site: Site) -> None:
    handle = site.open()
    woke = signed({"type": "session.status_run_started", "id": handle.id}, "whe_1")
    for sent in (woke, woke, signed({"type": "vault.created", "id": "v"}, "whe_2"), woke | {"content": b"{}"}):
        await site.stranger.post("/webhook", **sent)
    outcomes = ("woke", "ignored", "seen_before", "refused", "no_key")
    assert [await value(site, "webhooks_total", outcome) for outcome in outcomes] == [1, 1, 1, 1, 0]


async def test_the_store_and_what_is_pruned_are_told(site: Site) -> None:
    handle = await site.attach()
    before = await value(site, "store_bytes")
    async with site.house.store.transaction() as tx:
        tx.put_file(handle.id, "f", "image/png", b"x" * 1_000_000)
    assert await value(site, "store_bytes") >= before + 1_000_000
    handle.terminate()
    await asyncio.wait_for(site.house.runtime.asleep(handle.id), GUARD_S)
    assert await site.house.runtime.prune("2999-01-01T00:00:00.000Z") == 1
    assert await value(site, "pruned_sessions_total") == 1


async def test_what_the_browser_and_the_repl_hold_is_told(open_site: OpenSite) -> None:
    async with open_site(idle_s=2) as site:
        handle = await site.attach()
        assert ("glasshouse_browser_up", frozenset[str]()) not in await scrape(site)
        async with site.watch(handle.id) as viewer:
            [refused, counted] = await asyncio.wait_for(
                handle.call_all([("browser_goto", {"url": "http://127.0.0.1:9/"}), ("js_repl", {"code": "1 + 1"})]), 30
            )
            assert (refused.is_error, counted.is_error) == (True, False)
            assert await value(site, "browser_up") == 1
            assert await value(site, "browser_contexts") == 1
            assert await value(site, "repl_processes", "live") == 1
            await viewer.event("runtime.slept")
            await asyncio.wait_for(site.house.runtime.asleep(handle.id), GUARD_S)
        assert await value(site, "browser_contexts") == 0
        assert await value(site, "repl_processes", "live") == 0
        assert await value(site, "repl_processes", "parked") == 1
        assert await value(site, "repl_parked_bytes") > 1_000_000


async def test_ready_says_which_part_is_not(site: Site, tmp_path: Path) -> None:
    async def ready() -> tuple[int, dict[str, Any]]:
        answer: httpx2.Response = await site.stranger.get("/ready")
        return answer.status_code, answer.json()

    assert await ready() == (
        200,
        {"status": "ready", "parts": {"server": "ok", "store": "ok", "api": "ok"}, "awake": 0},
    )
    size = max(file.stat().st_size for file in (tmp_path / "data").iterdir())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        while (said := await ready())[0] == 200:
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said[0] == 503
    assert said[1]["status"] == "not ready"
    assert "GLASSHOUSE_DATA cannot be written" in said[1]["parts"]["store"]
    assert (await ready())[0] == 200
    site.house.runtime.api_problem = "it could not be asked"
    code, body = await ready()
    assert (code, body["parts"]["api"]) == (200, "it could not be asked")
    assert await value(site, "api_up") == 0
    site.house.runtime.farewell()
    assert (await ready())[1]["status"] == "stopping"
