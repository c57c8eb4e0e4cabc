"""The embedded store: one SQLite file in WAL mode, one connection, one writer.

Statements run on the event loop's own thread: a commit in WAL mode with `synchronous=NORMAL` takes some 50 µs, less
than handing it to another thread would (docs/decisions/0003-store.md). A file lock keeps a second server out.
"""

import asyncio
import fcntl
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import IO, Any, TypeVar

from glasshouse.errors import StoreError
from glasshouse.events import Event, now, to_json
from glasshouse.store import Call, CallState, Session, Share, Tally

R = TypeVar("R")

_CACHE_KIB = 16_384  # pages kept in memory, enough for the indexes of some hundred sessions
_SLICE_PAGES = 512  # 2 MB that a prune gives back at a time: some milliseconds
_WAL_BYTES = 16 << 20  # what the write-ahead log's file is cut to after a large transaction
_BUSY_MS = 2_000  # a backup tool may hold the file for a moment


class SqliteTransaction:
    """See `glasshouse.store.Transaction`."""

    def __init__(self, db: sqlite3.Connection, known: "_Known") -> None:
        self._db = db
        self._known = known
        self._touched: dict[str, str] = {}

    def end(self) -> None:
        """What is written once per transaction, however much it holds, and once a second for a session."""
        for session_id, at in self._touched.items():
            if self._known.seconds.get(session_id) != (second := at[:19]):
                self._db.execute("UPDATE sessions SET updated_at = ? WHERE id = ?", (at, session_id))
                self._known.seconds[session_id] = second

    def undone(self) -> None:
        """Nothing of it was kept."""
        self._known.numbers.clear()
        self._known.seconds.clear()

    def append(
        self, session_id: str, type: str, data: Mapping[str, Any], *, source_id: str | None = None
    ) -> Event | None:
        at, numbers = now(), self._known.numbers
        if session_id not in numbers:
            sql = "SELECT coalesce(max(n), 0) FROM log WHERE session_id = ?"
            numbers[session_id] = self._db.execute(sql, (session_id,)).fetchone()[0]
        n = numbers[session_id] + 1
        done = self._db.execute(
            "INSERT INTO log VALUES (?,?,?,?,?,?)"
            " ON CONFLICT (session_id, source_id) WHERE source_id IS NOT NULL DO NOTHING",
            (session_id, n, at, type, to_json(data), source_id),
        )
        if done.rowcount == 0:
            return None
        numbers[session_id] = n
        self._touched[session_id] = at
        return Event(session_id, n, at, type, dict(data))

    def put_session(self, session: Session) -> None:
        self._known.forget(session.id)
        self._db.execute("INSERT OR REPLACE INTO sessions VALUES (?,?,?,?,?,?,?,?,?)", tuple(vars(session).values()))

    def set_status(self, session_id: str, status: str, stop_reason: str | None) -> None:
        self._db.execute(
            "UPDATE sessions SET status = ?, stop_reason = ? WHERE id = ?", (status, stop_reason, session_id)
        )

    def delete_session(self, session_id: str) -> None:
        self._known.forget(session_id)
        self._db.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
        for table in ("log", "calls", "memory", "files", "shares"):
            self._db.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))

    def claim(self, call: Call) -> bool:
        done = self._db.execute(
            "INSERT INTO calls (id, session_id, thread_id, kit, tool, input, state, claimed_at)"
            " VALUES (?,?,?,?,?,?,'claimed',?) ON CONFLICT DO NOTHING",
            (call.id, call.session_id, call.thread_id, call.kit, call.tool, to_json(call.input), now()),
        )
        return done.rowcount == 1

    def settle(
        self, call_id: str, state: CallState, *, result: Mapping[str, Any] | None = None, reason: str | None = None
    ) -> bool:
        done = self._db.execute(
            "UPDATE calls SET state = ?, result = ?, reason = ? WHERE id = ? AND state IN ('claimed', 'executed')",
            (state, None if result is None else to_json(result), reason, call_id),
        )
        return done.rowcount == 1

    def remember(self, session_id: str, kit: str, values: Mapping[str, bytes | None]) -> None:
        gone = [(session_id, kit, key) for key, value in values.items() if value is None]
        kept = [(session_id, kit, key, value) for key, value in values.items() if value is not None]
        if gone:
            self._db.executemany("DELETE FROM memory WHERE session_id = ? AND kit = ? AND key = ?", gone)
        if kept:
            self._db.executemany("INSERT OR REPLACE INTO memory VALUES (?,?,?,?)", kept)

    def forget(self, session_id: str, kit: str) -> None:
        self._db.execute("DELETE FROM memory WHERE session_id = ? AND kit = ?", (session_id, kit))

    def put_file(self, session_id: str, file_id: str, media_type: str, data: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO files VALUES (?,?,?,?)", (session_id, file_id, media_type, data))

    def add_share(self, share: Share) -> None:
        self._db.execute("INSERT INTO shares VALUES (?,?,?,?,?,?,?,?,?)", tuple(vars(share).values()))

    def revoke_share(self, session_id: str, share_id: str) -> bool:
        done = self._db.execute(
            "UPDATE shares SET revoked_at = ? WHERE id = ? AND session_id = ? AND revoked_at IS NULL",
            (now(), share_id, session_id),
        )
        return done.rowcount == 1

    def mark_webhook(self, webhook_id: str) -> bool:
        done = self._db.execute("INSERT INTO webhooks VALUES (?, ?) ON CONFLICT DO NOTHING", (webhook_id, now()))
        return done.rowcount == 1


@dataclass(frozen=True)
class _Known:
    """What the only writer need not ask for: each log's last number, and the second in which its session last grew."""

    numbers: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, str] = field(default_factory=dict)

    def forget(self, session_id: str) -> None:
        self.numbers.pop(session_id, None)
        self.seconds.pop(session_id, None)


class _Block:
    """`async with store.transaction()`: a class, for a generator would cost as much as a statement."""

    def __init__(self, db: sqlite3.Connection, turn: asyncio.Lock, known: _Known) -> None:
        self._db = db
        self._turn = turn
        self._writing = SqliteTransaction(db, known)

    async def __aenter__(self) -> SqliteTransaction:
        await self._turn.acquire()
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._turn.release()
            raise _unwritable(error) from error
        return self._writing

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is not None:
                raise error
            self._writing.end()
            self._db.execute("COMMIT")
        except BaseException as problem:
            self._writing.undone()
            if self._db.in_transaction:  # SQLite has rolled back by itself after a full disk
                self._db.execute("ROLLBACK")
            if isinstance(problem, sqlite3.OperationalError):
                raise _unwritable(problem) from problem
            raise
        finally:
            self._turn.release()


def _unwritable(error: sqlite3.OperationalError) -> StoreError:
    return StoreError(f"GLASSHOUSE_DATA cannot be written ({error}). Make room there, and see who else uses it.")


class SqliteStore:
    """See `glasshouse.store.Store`; made by `open_sqlite`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._writing = asyncio.Lock()
        self._known = _Known()

    def transaction(self) -> "_Block":
        return _Block(self._db, self._writing, self._known)

    async def session(self, session_id: str) -> Session | None:
        return self._one(_session, "SELECT * FROM sessions WHERE id = ?", session_id)

    async def sessions(self) -> Sequence[Session]:
        return self._all(_session, "SELECT * FROM sessions ORDER BY updated_at DESC, id")

    async def events(self, session_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        columns = "SELECT session_id, n, at, type, data FROM log"
        return self._all(
            _event, f"{columns} WHERE session_id = ? AND n > ? ORDER BY n LIMIT ?", session_id, after, limit
        )

    async def newest(self, session_id: str, type: str) -> Event | None:
        columns = "SELECT session_id, n, at, type, data FROM log"
        return self._one(
            _event, f"{columns} WHERE session_id = ? AND type = ? ORDER BY n DESC LIMIT 1", session_id, type
        )

    async def last_number(self, session_id: str) -> int:
        return self._count("SELECT coalesce(max(n), 0) FROM log WHERE session_id = ?", session_id)

    async def source_ids(self, session_id: str) -> set[str]:
        sql = "SELECT source_id FROM log WHERE session_id = ? AND source_id IS NOT NULL"
        return set(self._all(_first, sql, session_id))

    async def call(self, call_id: str) -> Call | None:
        return self._one(_call, "SELECT * FROM calls WHERE id = ?", call_id)

    async def calls(self, session_id: str, *states: CallState) -> Sequence[Call]:
        among = f" AND state IN ({','.join('?' * len(states))})" if states else ""
        return self._all(_call, f"SELECT * FROM calls WHERE session_id = ?{among} ORDER BY seq", session_id, *states)

    async def unsettled_sessions(self) -> Sequence[str]:
        return self._all(_first, "SELECT DISTINCT session_id FROM calls WHERE state IN ('claimed', 'executed')")

    async def call_counts(self, session_id: str) -> Mapping[str, int]:
        sql = "SELECT state, count(*) FROM calls WHERE session_id = ? GROUP BY state"
        return dict(self._all(tuple, sql, session_id))

    async def kits_used(self) -> Mapping[str, Sequence[str]]:
        used: dict[str, list[str]] = {}
        for session_id, kit in self._all(tuple, "SELECT DISTINCT session_id, kit FROM calls ORDER BY kit"):
            used.setdefault(session_id, []).append(kit)
        return used

    async def tallies(self) -> Sequence[Tally]:
        # By its index: to count what is settled as well would take a second for a hundred thousand calls.
        sql = "SELECT kit, tool, state, count(*) FROM calls INDEXED BY calls_unsettled"
        unsettled = "WHERE state IN ('claimed', 'executed') GROUP BY kit, tool, state"
        return self._all(lambda row: Tally(*row), f"{sql} {unsettled}")

    async def check(self) -> None:
        version = self._count("PRAGMA user_version")
        async with self.transaction():
            self._db.execute(f"PRAGMA user_version = {version}")

    async def size(self) -> int:
        file = Path(self._one(lambda row: row[2], "PRAGMA database_list") or "")
        return sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*"))

    async def recall(self, session_id: str, kit: str, key: str) -> bytes | None:
        sql = "SELECT value FROM memory WHERE session_id = ? AND kit = ? AND key = ?"
        return self._one(_first, sql, session_id, kit, key)

    async def scan(
        self, session_id: str, kit: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Sequence[tuple[str, bytes]]:
        sql = (
            "SELECT key, value FROM memory WHERE session_id = ? AND kit = ? AND key >= ? AND key < ? AND key > ?"
            " ORDER BY key LIMIT ?"
        )
        return self._all(tuple, sql, session_id, kit, prefix, prefix + "\U0010ffff", after, limit)

    async def file(self, session_id: str, file_id: str) -> tuple[bytes, str] | None:
        sql = "SELECT data, media_type FROM files WHERE session_id = ? AND id = ?"
        return self._one(tuple, sql, session_id, file_id)

    async def shares(self, session_id: str) -> Sequence[Share]:
        return self._all(_share, "SELECT * FROM shares WHERE session_id = ? ORDER BY created_at DESC, id", session_id)

    async def share_by_hash(self, token_hash: str) -> Share | None:
        return self._one(_share, "SELECT * FROM shares WHERE token_hash = ?", token_hash)

    async def webhook_known(self, webhook_id: str) -> bool:
        return self._count("SELECT count(*) FROM webhooks WHERE id = ?", webhook_id) > 0

    async def prune(self, *, before: str) -> int:
        ended = "status IN ('terminated', 'deleted') AND updated_at < ?"
        stale: list[str] = self._all(_first, f"SELECT id FROM sessions WHERE {ended}", before)
        for session_id in stale:  # one transaction each, so that a running session never waits long
            async with self.transaction() as tx:
                tx.delete_session(session_id)
        async with self.transaction():
            self._db.execute("DELETE FROM webhooks WHERE seen_at < ?", (before,))
        while self._count("PRAGMA freelist_count"):
            async with self._writing:  # a slice at a time, for the same reason
                self._db.execute(f"PRAGMA incremental_vacuum({_SLICE_PAGES})").fetchall()
            if not self._count("PRAGMA auto_vacuum"):
                break  # a file of an earlier version: its free pages are used again, it does not shrink
            await asyncio.sleep(0)
        return len(stale)

    async def close(self) -> None:
        self._db.close()

    def _all(self, make: Callable[[Any], R], sql: str, *values: Any) -> list[R]:
        return [make(row) for row in self._db.execute(sql, values)]

    def _one(self, make: Callable[[Any], R], sql: str, *values: Any) -> R | None:
        row = self._db.execute(sql, values).fetchone()
        return None if row is None else make(row)

    def _count(self, sql: str, *values: Any) -> int:
        return int(self._db.execute(sql, values).fetchone()[0])


def _first(row: Sequence[Any]) -> Any:
    return row[0]


def _session(row: Sequence[Any]) -> Session:
    return Session(*row)


def _share(row: Sequence[Any]) -> Share:
    return Share(*row)


def _event(row: Sequence[Any]) -> Event:
    return Event(row[0], row[1], row[2], row[3], json.loads(row[4]))


def _call(row: Sequence[Any]) -> Call:
    _, id, session_id, thread_id, kit, tool, input, state, result, reason, claimed_at = row
    stored = None if result is None else json.loads(result)
    return Call(id, session_id, thread_id, kit, tool, json.loads(input), state, stored, reason, claimed_at)


@asynccontextmanager
async def open_sqlite(folder: Path) -> AsyncIterator[SqliteStore]:
    """The store in `folder` (GLASSHOUSE_DATA), made and migrated if needed, closed at the end.

    Raises StoreError when another server has the folder open, the file is not ours, or is of a newer version.
    """
    with _only_server(folder):
        store = SqliteStore(_connect(folder / "glasshouse.db"))
        try:
            yield store
        finally:
            await store.close()


def _only_server(folder: Path) -> IO[str]:
    """The folder's lock file, locked until it is closed."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise StoreError(
            f"GLASSHOUSE_DATA={folder} cannot be written: {error.strerror}. Name another folder."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StoreError(
            f"Another Glasshouse server has GLASSHOUSE_DATA={folder} open. Stop it, or name another folder."
        ) from error
    return lock


def _connect(file: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(file, isolation_level=None, cached_statements=256)
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file: what a prune frees is given back
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        db.execute("PRAGMA synchronous = NORMAL")  # kill -9 loses nothing; a power cut may lose the last moments
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        _migrate(db, file)
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{file} cannot be opened as a Glasshouse store ({error}). Move it away, or restore a backup of it."
        ) from error
    return db


def _migrate(db: sqlite3.Connection, file: Path) -> None:
    folder = resources.files("glasshouse.store") / "migrations"
    steps = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    done: int = db.execute("PRAGMA user_version").fetchone()[0]
    if done > len(steps):
        raise StoreError(
            f"{file} was written by a newer Glasshouse (version {done}). Update Glasshouse, or move it away."
        )
    for number, step in enumerate(steps[done:], start=done + 1):
        db.executescript(f"BEGIN;\n{step.read_text()}\nPRAGMA user_version = {number};\nCOMMIT;")
