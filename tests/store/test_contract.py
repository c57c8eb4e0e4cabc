"""What any store must do. A second store joins `STORES` and passes the same tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from glasshouse.store import Call, Session, Share, Store
from glasshouse.store.sqlite import open_sqlite

OpenStore = Callable[[Path], AbstractAsyncContextManager[Store]]
STORES: dict[str, OpenStore] = {"sqlite": open_sqlite}

MADE, ACTIVE = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"
A = Session("sesn_a", "Title", "agent_1", "Agent", "idle", None, "attach", MADE, ACTIVE)
CALL = Call("sevt_1", A.id, None, "repl", "js_repl", {"code": "1"}, "claimed")
SHARE = Share("shr_1", A.id, "hash", "page", "livepage", "Ada", "2026-01-01T00:00:00.000Z", None, None)
TEXTS = [
    "",
    "é漢字👩‍👩‍👧",
    "\x00 zero",
    "quote ' \" \\",
    "line\nline\u2028",
    "\ud800 half a pair",
    "x" * 3_000_000,
]


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens the store in a folder; again for a restart."""
    return STORES[request.param]


@pytest.fixture
async def store(open_store: OpenStore, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store with one session."""
    async with open_store(tmp_path) as opened:
        async with opened.transaction() as tx:
            tx.put_session(A)
        yield opened


async def append(store: Store, *types: str, session_id: str = A.id) -> list[int | None]:
    """Events in a transaction of their own; their numbers."""
    async with store.transaction() as tx:
        events = [tx.append(session_id, type, {}) for type in types]
    return [event.n for event in events if event]


async def test_numbers_have_no_gap_and_are_of_each_session_its_own(store: Store) -> None:
    assert await append(store, "a", "b") == [1, 2]
    assert await append(store, "c", session_id="sesn_b") == [1]
    assert await append(store, "d") == [3]
    assert [event.type for event in await store.events(A.id)] == ["a", "b", "d"]
    assert await store.last_number(A.id) == 3
    assert await store.last_number("sesn_none") == 0


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    async def failing() -> None:
        async with store.transaction() as tx:
            tx.append(A.id, "lost", {}, source_id="s1")
            tx.claim(CALL)
            tx.remember(A.id, "repl", {"k": b"v"})
            tx.put_file(A.id, "f", "image/png", b"data")
            tx.add_share(SHARE)
            tx.mark_webhook("whe_1")
            tx.put_session(replace(A, title="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert await append(store, "kept") == [1]
    assert await store.source_ids(A.id) == set()
    assert await store.call(CALL.id) is None
    assert await store.recall(A.id, "repl", "k") is None
    assert await store.file(A.id, "f") is None
    assert await store.shares(A.id) == []
    assert not await store.webhook_known("whe_1")
    kept = await store.session(A.id)
    assert kept
    assert kept.title == "Title"


async def test_numbers_go_on_after_a_deletion_that_failed_and_begin_anew_after_one_that_did_not(store: Store) -> None:
    async def fail_after_deleting() -> None:
        async with store.transaction() as tx:
            tx.delete_session(A.id)
            tx.append(A.id, "never", {"number": float("nan")})

    assert await append(store, "one", "two") == [1, 2]
    with pytest.raises(ValueError, match="JSON"):
        await fail_after_deleting()
    assert await append(store, "three") == [3]
    async with store.transaction() as tx:
        tx.delete_session(A.id)
        tx.put_session(A)
    assert await append(store, "anew") == [1]


async def test_a_session_is_as_young_as_its_newest_event_to_a_second(store: Store) -> None:
    for number in (1, 2):  # the second time it is not the first event of this second
        async with store.transaction() as tx:
            tx.put_session(A)
        async with store.transaction() as tx:
            event = tx.append(A.id, "made", {"number": number})
        known = await store.session(A.id)
        assert known
        assert event
        assert known.updated_at == event.at


async def test_a_cancelled_transaction_leaves_nothing_and_lets_the_next_one_in(store: Store) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with store.transaction() as tx:
            tx.append(A.id, "lost", {})
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await append(store, "kept") == [1]


async def test_a_source_is_taken_once_and_uses_no_number_twice(store: Store) -> None:
    async with store.transaction() as tx:
        assert tx.append(A.id, "a", {}, source_id="s1")
        assert tx.append(A.id, "a", {}, source_id="s1") is None
        assert tx.append("sesn_b", "a", {}, source_id="s1")
    async with store.transaction() as tx:
        assert tx.append(A.id, "a", {}, source_id="s1") is None
        second = tx.append(A.id, "b", {}, source_id="s2")
    assert second
    assert second.n == 2
    assert await store.source_ids(A.id) == {"s1", "s2"}


async def test_many_writers_at_once_lose_nothing_and_share_no_number(store: Store) -> None:
    numbers = await asyncio.gather(*(append(store, "x", "y") for _ in range(50)))
    assert sorted(number or 0 for pair in numbers for number in pair) == list(range(1, 101))
    assert all(b == (a or 0) + 1 for a, b in numbers)  # a transaction's events stand together


async def test_pages_of_a_log_join_without_gap(store: Store) -> None:
    await append(store, *("x" for _ in range(25)))
    first = await store.events(A.id, limit=10)
    second = await store.events(A.id, after=first[-1].n or 0, limit=10)
    third = await store.events(A.id, after=second[-1].n or 0, limit=10)
    assert [event.n for event in (*first, *second, *third)] == list(range(1, 26))
    assert await store.events(A.id, after=25) == []
    await append(store, "special", "x")
    newest = await store.newest(A.id, "special")
    assert newest
    assert newest.n == 26
    assert await store.newest(A.id, "none") is None


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:12]))
async def test_texts_come_back_as_they_were_but_for_half_pairs(store: Store, text: str) -> None:
    async with store.transaction() as tx:
        tx.append(A.id, "t", {"text": text, "deep": [{text[:100]: None}]})
        tx.claim(replace(CALL, input={"code": text}))
        tx.settle(CALL.id, "executed", result={"text": text})
    expected = text.replace("\ud800", "\ufffd")
    [event] = await store.events(A.id)
    assert event.data == {"text": expected, "deep": [{expected[:100]: None}]}
    call = await store.call(CALL.id)
    assert call
    assert (call.input, call.result) == ({"code": expected}, {"text": expected})


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
async def test_numbers_that_json_does_not_know_are_refused(store: Store, number: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        async with store.transaction() as tx:
            tx.append(A.id, "t", {"x": float(number)})
    assert await append(store, "kept") == [1]


async def test_what_is_rare_in_json_comes_back_as_it_was(store: Store) -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    data = {"text": "NaN, -Infinity", "number": [2**70, 1e-7, -0.0, 1e300], "deep": deep}
    async with store.transaction() as tx:
        tx.append(A.id, "t", data)
    [event] = await store.events(A.id)
    assert event.data == data


async def test_a_call_is_claimed_once_and_its_end_is_final(store: Store) -> None:
    async with store.transaction() as tx:
        assert tx.claim(CALL)
        assert not tx.claim(CALL)
    async with store.transaction() as tx:
        assert not tx.claim(replace(CALL, session_id="sesn_b"))
        assert tx.settle(CALL.id, "executed", result={"a": 1})
    assert await store.unsettled_sessions() == [A.id]
    async with store.transaction() as tx:
        assert tx.settle(CALL.id, "posted")
        assert not tx.settle(CALL.id, "obsolete", reason="late")
        assert not tx.settle("sevt_none", "posted")
    call = await store.call(CALL.id)
    assert call
    assert (call.state, call.reason) == ("posted", None)
    assert await store.unsettled_sessions() == []
    assert await store.call_counts(A.id) == {"posted": 1}


async def test_calls_come_in_the_order_they_were_claimed(store: Store) -> None:
    ids = [f"sevt_{n}" for n in (5, 3, 9, 1)]
    async with store.transaction() as tx:
        for id in ids:
            tx.claim(replace(CALL, id=id))
        tx.settle("sevt_3", "obsolete", reason="interrupted")
    assert [call.id for call in await store.calls(A.id)] == ids
    assert [call.id for call in await store.calls(A.id, "claimed")] == ["sevt_5", "sevt_9", "sevt_1"]
    assert [call.reason for call in await store.calls(A.id, "obsolete", "posted")] == ["interrupted"]


async def test_a_memory_is_bytes_by_key_in_order(store: Store) -> None:
    values: dict[str, bytes | None] = {f"edit/{n:04}": bytes([n]) for n in range(20)}
    async with store.transaction() as tx:
        tx.remember(A.id, "repl", values | {"edit": b"", "editor": b"no", "é/1": b"\xff\x00"})
        tx.remember(A.id, "livepage", {"edit/0000": b"other"})
    found = await store.scan(A.id, "repl", "edit/")
    assert found == list(values.items())
    assert await store.scan(A.id, "repl", "edit/", after="edit/0017") == list(values.items())[18:]
    assert len(await store.scan(A.id, "repl", "edit/", limit=3)) == 3
    assert await store.recall(A.id, "repl", "é/1") == b"\xff\x00"
    assert await store.recall(A.id, "repl", "edit") == b""
    async with store.transaction() as tx:
        tx.remember(A.id, "repl", {"edit/0001": None, "edit/0002": b"new", "none": None})
    assert await store.recall(A.id, "repl", "edit/0001") is None
    assert await store.recall(A.id, "repl", "edit/0002") == b"new"
    async with store.transaction() as tx:
        tx.forget(A.id, "repl")
    assert await store.scan(A.id, "repl", "") == []
    assert await store.recall(A.id, "livepage", "edit/0000") == b"other"


async def test_large_values_come_back_whole(store: Store) -> None:
    large = bytes(range(256)) * 60_000
    async with store.transaction() as tx:
        tx.remember(A.id, "browser", {"state": large})
        tx.put_file(A.id, "f", "image/png", large)
        tx.put_file(A.id, "f", "text/plain", b"again")
    assert await store.recall(A.id, "browser", "state") == large
    assert await store.file(A.id, "f") == (large, "image/png")
    assert await store.file("sesn_b", "f") is None


async def test_shares_are_found_by_hash_and_revoked_once(store: Store) -> None:
    later = replace(SHARE, id="shr_2", token_hash="hash2", created_at="2026-01-02T00:00:00.000Z")
    async with store.transaction() as tx:
        tx.add_share(SHARE)
        tx.add_share(later)
    assert [share.id for share in await store.shares(A.id)] == ["shr_2", "shr_1"]
    assert await store.share_by_hash("hash") == SHARE
    assert await store.share_by_hash("none") is None
    async with store.transaction() as tx:
        assert not tx.revoke_share("sesn_b", "shr_1")
        assert tx.revoke_share(A.id, "shr_1")
        assert not tx.revoke_share(A.id, "shr_1")
    revoked = await store.share_by_hash("hash")
    assert revoked
    assert revoked.revoked_at


async def test_sessions_come_the_last_active_first(store: Store) -> None:
    async with store.transaction() as tx:
        tx.put_session(replace(A, id="sesn_b", updated_at="2026-01-03T00:00:00.000Z"))
    assert [session.id for session in await store.sessions()] == ["sesn_b", "sesn_a"]
    await append(store, "x")
    assert [session.id for session in await store.sessions()] == ["sesn_a", "sesn_b"]
    async with store.transaction() as tx:
        tx.set_status(A.id, "idle", "end_turn")
        tx.set_status("sesn_none", "idle", None)
    kept = await store.session(A.id)
    assert kept
    assert (kept.status, kept.stop_reason) == ("idle", "end_turn")
    assert await store.session("sesn_none") is None


async def test_pruning_takes_ended_old_sessions_with_all_they_have(store: Store) -> None:
    old = replace(A, status="terminated", updated_at="2026-01-01T00:00:00.000Z")
    async with store.transaction() as tx:
        for id, status in (("sesn_old", "terminated"), ("sesn_idle", "idle"), ("sesn_gone", "deleted")):
            tx.put_session(replace(old, id=id, status=status))
            tx.claim(replace(CALL, id=f"sevt_{id}", session_id=id))
            tx.remember(id, "repl", {"k": b"v"})
            tx.put_file(id, "f", "image/png", b"x")
            tx.add_share(replace(SHARE, id=f"shr_{id}", token_hash=id, session_id=id))
        tx.put_session(replace(old, id="sesn_young", updated_at="2026-06-01T00:00:00.000Z"))
    assert await store.prune(before="2026-02-01T00:00:00.000Z") == 2
    assert {session.id for session in await store.sessions()} == {A.id, "sesn_idle", "sesn_young"}
    for id, left in (("sesn_old", False), ("sesn_gone", False), ("sesn_idle", True)):
        assert (await store.call(f"sevt_{id}") is not None) is left
        assert (await store.recall(id, "repl", "k") is not None) is left
        assert (await store.file(id, "f") is not None) is left
        assert (await store.share_by_hash(id) is not None) is left
        assert (await store.last_number(id) > 0) is False
    assert await store.prune(before="2026-02-01T00:00:00.000Z") == 0


async def test_webhook_ids_are_known_until_they_are_old(store: Store) -> None:
    async with store.transaction() as tx:
        assert tx.mark_webhook("whe_1")
        assert not tx.mark_webhook("whe_1")
    assert await store.webhook_known("whe_1")
    await store.prune(before="2000-01-01T00:00:00.000Z")
    assert await store.webhook_known("whe_1")
    await store.prune(before="2999-01-01T00:00:00.000Z")
    assert not await store.webhook_known("whe_1")


async def test_what_was_written_is_there_after_a_restart(open_store: OpenStore, tmp_path: Path) -> None:
    async with open_store(tmp_path) as store, store.transaction() as tx:
        tx.put_session(A)
        tx.append(A.id, "x", {"a": 1}, source_id="s")
        tx.claim(CALL)
    async with open_store(tmp_path) as store:
        [event] = await store.events(A.id)
        assert (event.n, event.type, event.data) == (1, "x", {"a": 1})
        assert await store.source_ids(A.id) == {"s"}
        assert await append(store, "y") == [2]
        assert await store.unsettled_sessions() == [A.id]
