"""The embedded store's own: its file, its lock, its versions, and what a full disk does."""

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from glasshouse.errors import StoreError
from glasshouse.store.sqlite import open_sqlite
from tests.store.test_contract import A, append


async def test_a_second_opening_of_the_folder_is_refused(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path):
        with pytest.raises(StoreError, match="Another Glasshouse server has GLASSHOUSE_DATA"):
            async with open_sqlite(tmp_path):
                pass
    async with open_sqlite(tmp_path) as store:
        assert await append(store, "x") == [1]


async def test_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "glasshouse.db"
    newer = sqlite3.connect(file)
    newer.execute("PRAGMA user_version = 999")
    newer.close()
    with pytest.raises(StoreError, match="newer Glasshouse"):
        async with open_sqlite(tmp_path):
            pass
    again = sqlite3.connect(file)
    assert again.execute("PRAGMA user_version").fetchone() == (999,)
    again.close()


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 4096])
async def test_a_file_that_is_no_store_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "glasshouse.db").write_bytes(content)
    with pytest.raises(StoreError, match="Move it away, or restore a backup"):
        async with open_sqlite(tmp_path):
            pass
    assert (tmp_path / "glasshouse.db").read_bytes() == content


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "glasshouse.db").touch()
    async with open_sqlite(tmp_path) as store:
        assert await append(store, "x") == [1]


async def test_a_wal_with_a_torn_end_loses_only_what_was_torn(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path) as store:
        async with store.transaction() as tx:
            tx.put_session(A)
        for _ in range(20):
            await append(store, "x")
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("glasshouse.db", "glasshouse.db-wal"):  # as a kill leaves them
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    wal = copy / "glasshouse.db-wal"
    whole = wal.read_bytes()
    wal.write_bytes(whole[:-3000] + b"\x00" * 2000)
    async with open_sqlite(copy) as store:
        last = await store.last_number(A.id)
        assert 15 <= last < 20
        assert [event.n for event in await store.events(A.id)] == list(range(1, last + 1))
        assert await append(store, "y") == [last + 1]


async def test_a_full_disk_is_said_and_the_store_goes_on_once_there_is_room(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(StoreError, match="GLASSHOUSE_DATA cannot be written"):
            async with store.transaction() as tx:
                tx.append(A.id, "x", {"text": "x" * 100_000})
        assert await store.events(A.id) == []
        store._db.execute("PRAGMA max_page_count = 100000")
        assert await append(store, "y") == [1]


async def test_the_folder_is_the_owners_alone(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0


async def test_the_file_gives_back_what_a_prune_freed(tmp_path: Path) -> None:
    async with open_sqlite(tmp_path) as store:
        async with store.transaction() as tx:
            tx.put_session(replace(A, status="terminated", updated_at="2026-01-01T00:00:00.000Z"))
            tx.put_file(A.id, "f", "image/png", b"x" * 5_000_000)
        checkpoint(tmp_path)
        full = (tmp_path / "glasshouse.db").stat().st_size
        assert full > 5_000_000
        assert await store.prune(before="2026-02-01T00:00:00.000Z") == 1
        checkpoint(tmp_path)
        assert (tmp_path / "glasshouse.db").stat().st_size < full / 10


async def test_a_file_of_before_that_cannot_shrink_uses_its_free_pages_again(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "glasshouse.db")
    old.execute("PRAGMA journal_mode = WAL")
    old.close()
    sizes = []
    async with open_sqlite(tmp_path) as store:
        for _ in range(3):
            async with store.transaction() as tx:
                tx.put_session(replace(A, status="terminated", updated_at="2026-01-01T00:00:00.000Z"))
                tx.put_file(A.id, "f", "image/png", b"x" * 1_000_000)
            assert await store.prune(before="2026-02-01T00:00:00.000Z") == 1
            checkpoint(tmp_path)
            sizes.append((tmp_path / "glasshouse.db").stat().st_size)
    assert sizes[0] == sizes[-1] > 1_000_000


def checkpoint(folder: Path) -> None:
    """Have the write-ahead log brought into the file, as happens by itself in time."""
    db = sqlite3.connect(folder / "glasshouse.db")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()


async def test_a_backup_made_while_the_store_is_written_to_is_a_store(tmp_path: Path) -> None:
    """docs/operation.md tells operators to make one so."""
    async with open_sqlite(tmp_path / "data") as store:
        async with store.transaction() as tx:
            tx.put_session(A)
        assert await append(store, "x") == [1]
        (tmp_path / "restored").mkdir()
        source = sqlite3.connect(tmp_path / "data" / "glasshouse.db")
        target = sqlite3.connect(tmp_path / "restored" / "glasshouse.db")
        source.backup(target)
        source.close()
        target.close()
        assert await append(store, "y") == [2]
    async with open_sqlite(tmp_path / "restored") as restored:
        assert [event.type for event in await restored.events(A.id)] == ["x"]
        assert await append(restored, "z") == [2]


@pytest.mark.parametrize("seed", range(6))
async def test_a_wal_whose_end_is_cut_or_flipped_anywhere_gives_a_prefix(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with open_sqlite(tmp_path) as store:
        async with store.transaction() as tx:
            tx.put_session(A)
        for _ in range(20):
            await append(store, "x")
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("glasshouse.db", "glasshouse.db-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())
    torn = bytearray((copy / "glasshouse.db-wal").read_bytes())
    at = chance.randrange(len(torn) // 2, len(torn))
    if seed % 2:
        torn = torn[:at]
    else:
        torn[at] ^= 1 << chance.randrange(8)
    (copy / "glasshouse.db-wal").write_bytes(torn)
    async with open_sqlite(copy) as store:
        assert store._db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        last = await store.last_number(A.id)
        assert last < 20
        assert [event.n for event in await store.events(A.id)] == list(range(1, last + 1))
        if await store.session(A.id):
            assert await append(store, "y") == [last + 1]
