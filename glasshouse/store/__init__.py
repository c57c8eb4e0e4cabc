"""THE STORE: everything that must outlive the process, behind one protocol.

A store keeps sessions, their numbered logs, the journal of calls, the kits' memories, files, share links and the ids of
webhooks already handled. Writes happen inside a transaction: all of it or nothing. Whatever a transaction wrote is
durable against kill -9 once the `async with` block has ended.

Another store is another module with the same protocol; `tests/store` must pass on it unchanged.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from glasshouse.events import Event

CallState = Literal["claimed", "executed", "posted", "obsolete"]


@dataclass(frozen=True)
class Session:
    """A session Glasshouse has adopted. `adopted_by` says through which door: webhook, page, attach, sweep, worker."""

    id: str
    title: str
    agent_id: str
    agent_name: str
    status: str  # the API's: idle, running, rescheduling, terminated; or deleted
    stop_reason: str | None  # why it is idle, when it is
    adopted_by: str
    created_at: str
    updated_at: str  # when the log last grew, to a second


@dataclass(frozen=True)
class Call:
    """A row of the journal. `result` is the body of the `user.custom_tool_result`, stored before it is posted."""

    id: str  # the event id of `agent.custom_tool_use`
    session_id: str
    thread_id: str | None
    kit: str
    tool: str
    input: Mapping[str, Any] = field(hash=False)
    state: CallState
    result: Mapping[str, Any] | None = field(default=None, hash=False)
    reason: str | None = None  # why it is obsolete
    claimed_at: str = ""


@dataclass(frozen=True)
class Share:
    """A read-only link. Only the SHA-256 of its token is kept."""

    id: str
    session_id: str
    token_hash: str
    scope: Literal["page", "session"]
    kit: str | None
    label: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


@dataclass(frozen=True)
class Tally:
    """How many calls of a tool are in a state."""

    kit: str
    tool: str
    state: str
    count: int


class Transaction(Protocol):
    """Writes that become durable together when the block ends, or not at all when it raises."""

    def append(
        self, session_id: str, type: str, data: Mapping[str, Any], *, source_id: str | None = None
    ) -> Event | None:
        """Add an event with the session's next number. None if `source_id` is already in this session's log."""

    def put_session(self, session: Session) -> None:
        """Insert or replace."""

    def set_status(self, session_id: str, status: str, stop_reason: str | None) -> None:
        """Change what is known of a session's status; nothing happens if the session is not there."""

    def delete_session(self, session_id: str) -> None:
        """Forget a session with all that belongs to it."""

    def claim(self, call: Call) -> bool:
        """Insert the call as `claimed`; False if the call is known already."""

    def settle(
        self, call_id: str, state: CallState, *, result: Mapping[str, Any] | None = None, reason: str | None = None
    ) -> bool:
        """Move a call on. False, and nothing written, if it is `posted` or `obsolete` already."""

    def remember(self, session_id: str, kit: str, values: Mapping[str, bytes | None]) -> None:
        """Write a kit's memory; None deletes a key."""

    def forget(self, session_id: str, kit: str) -> None:
        """Delete a kit's whole memory of a session."""

    def put_file(self, session_id: str, file_id: str, media_type: str, data: bytes) -> None:
        """Store a file; the same id again changes nothing."""

    def add_share(self, share: Share) -> None:
        """Store a share link."""

    def revoke_share(self, session_id: str, share_id: str) -> bool:
        """Mark a link revoked; False if there is no such live link."""

    def mark_webhook(self, webhook_id: str) -> bool:
        """Remember a webhook's id; False if it is known already."""


class Store(Protocol):
    """Reads, and the way to write. All texts are Unicode without lone surrogates."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; one at a time, so keep it short and do nothing slow in it."""

    async def session(self, session_id: str) -> Session | None: ...

    async def sessions(self) -> Sequence[Session]:
        """All of them, the last active first."""

    async def events(self, session_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[Event]:
        """The log after a number, in order."""

    async def newest(self, session_id: str, type: str) -> Event | None:
        """The newest event of the type."""

    async def last_number(self, session_id: str) -> int:
        """The number of the newest event, 0 if there is none."""

    async def source_ids(self, session_id: str) -> set[str]:
        """The API event ids that the session's log has."""

    async def call(self, call_id: str) -> Call | None: ...

    async def calls(self, session_id: str, *states: CallState) -> Sequence[Call]:
        """The session's calls in the order they were claimed, in the states given or all."""

    async def unsettled_sessions(self) -> Sequence[str]:
        """Sessions with a call that is neither posted nor obsolete."""

    async def call_counts(self, session_id: str) -> Mapping[str, int]:
        """How many calls the session has in each state."""

    async def kits_used(self) -> Mapping[str, Sequence[str]]:
        """The names of the kits that each session has called, by session."""

    async def tallies(self) -> Sequence[Tally]:
        """The calls that are neither posted nor obsolete, counted by tool and state."""

    async def check(self) -> None:
        """Write something of no consequence. Raises StoreError if nothing can be written."""

    async def size(self) -> int:
        """Bytes that the store takes."""

    async def recall(self, session_id: str, kit: str, key: str) -> bytes | None:
        """One value of a kit's memory."""

    async def scan(
        self, session_id: str, kit: str, prefix: str, *, after: str = "", limit: int = 1000
    ) -> Sequence[tuple[str, bytes]]:
        """Keys with the prefix that are greater than `after`, with their values, in key order."""

    async def file(self, session_id: str, file_id: str) -> tuple[bytes, str] | None:
        """Bytes and media type."""

    async def shares(self, session_id: str) -> Sequence[Share]:
        """The session's links, newest first, revoked ones included."""

    async def share_by_hash(self, token_hash: str) -> Share | None:
        """The link whose token has this SHA-256, revoked or expired or not."""

    async def webhook_known(self, webhook_id: str) -> bool: ...

    async def prune(self, *, before: str) -> int:
        """Delete sessions that ended and were last active before the time (RFC 3339), and old webhook ids; how many."""

    async def close(self) -> None: ...
