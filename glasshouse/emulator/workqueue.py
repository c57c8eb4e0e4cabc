"""The work queues of self-hosted environments: "this session needs a worker", with a lease kept by heartbeats."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from glasshouse.emulator.keys import Keys
from glasshouse.emulator.marks import Json, new_id, now
from glasshouse.emulator.problem import ApiError, missing

if TYPE_CHECKING:
    from glasshouse.emulator.session import Session

State = Literal["queued", "starting", "active", "stopping", "stopped"]
_WORKER_SEEN_S = 30.0  # how long a poll counts a worker among `workers_polling`


@dataclass
class Work:
    environment_id: str
    data: Json
    id: str = field(default_factory=lambda: new_id("work"))
    state: State = "queued"
    metadata: dict[str, str] = field(default_factory=dict)
    created_at: str = field(default_factory=now)
    acknowledged_at: str | None = None
    started_at: str | None = None
    latest_heartbeat_at: str | None = None
    stop_requested_at: str | None = None
    stopped_at: str | None = None
    ttl_s: int = 0
    polled: float | None = None  # monotonic, like `leased`
    leased: float | None = None

    def public(self, secret: str | None = None) -> Json:
        hidden = ("ttl_s", "polled", "leased")
        return {"type": "work", **{k: v for k, v in vars(self).items() if k not in hidden}, "secret": secret}


class WorkQueue:
    def __init__(self, keys: Keys, lease_ttl_s: int) -> None:
        self._keys = keys
        self._lease_ttl_s = lease_ttl_s
        self.items: dict[str, Work] = {}
        self._workers: dict[tuple[str, str], float] = {}
        self._arrived = asyncio.Event()
        self._changed = asyncio.Event()

    def need(self, session: "Session") -> None:
        """Queue an item for a session of a self-hosted environment, unless a worker has one or will get one."""
        if not session.self_hosted:
            return
        held = [work for work in self.items.values() if work.data["id"] == session.id and work.state != "stopped"]
        if not held:
            self.add(session.environment["id"], {"type": "session", "id": session.id})

    def add(self, environment_id: str, data: Json) -> Work:
        """Queue any item, for example `{"type": "healthcheck", "id": …}`."""
        work = Work(environment_id, data, ttl_s=self._lease_ttl_s)
        self.items[work.id] = work
        self._arrived.set()
        self._arrived = asyncio.Event()
        return work

    def of(self, environment_id: str) -> list[Work]:
        return [work for work in self.items.values() if work.environment_id == environment_id]

    def get(self, environment_id: str, work_id: str) -> Work:
        work = self.items.get(work_id)
        if work is None or work.environment_id != environment_id:
            raise missing("Work", work_id)
        return work

    async def poll(
        self, environment_id: str, *, block_s: float, reclaim_s: float, worker_id: str | None
    ) -> Json | None:
        """The next item with its secret, or None when none came in time."""
        if worker_id:
            self._workers[environment_id, worker_id] = time.monotonic()
        deadline = time.monotonic() + block_s
        while True:
            arrived = self._arrived
            if work := self._next(environment_id, reclaim_s):
                work.polled = time.monotonic()
                secret = self._keys.work_secret(environment_id, work.data["id"], work.id)
                return work.public(secret)
            try:
                await asyncio.wait_for(arrived.wait(), deadline - time.monotonic())
            except TimeoutError:
                return None

    def _next(self, environment_id: str, reclaim_s: float) -> Work | None:
        moment = time.monotonic()
        for work in self.of(environment_id):
            if work.state in ("starting", "active") and work.leased is not None and moment - work.leased > work.ttl_s:
                work.state, work.polled, work.leased, work.latest_heartbeat_at = "queued", None, None, None
            if work.state == "queued" and (work.polled is None or moment - work.polled >= reclaim_s):
                return work
        return None

    async def until(self, matches: Callable[[], bool], *, timeout_s: float = 5.0) -> None:
        """Wait for workers to bring something about. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not matches():
                await self._changed.wait()

    def _change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def ack(self, work: Work) -> Json:
        if work.state != "queued":
            raise ApiError(409, f"Work {work.id} is {work.state}")
        work.state, work.acknowledged_at, work.leased = "starting", now(), time.monotonic()
        self._change()
        return work.public()

    def heartbeat(self, work: Work, *, expected: str | None, ttl_s: int | None) -> Json:
        """Keep the lease. Raises 412 when `expected` is not the stored heartbeat of a live item."""
        ending = work.state in ("stopping", "stopped")
        actual = work.latest_heartbeat_at or "NO_HEARTBEAT"
        if not ending and expected not in (None, actual):
            raise ApiError(412, "expected_last_heartbeat does not match", details=self._refused(work))
        if not ending:
            work.ttl_s = ttl_s or work.ttl_s
            work.latest_heartbeat_at = now()
            work.state, work.started_at = "active", work.started_at or now()
            work.leased = time.monotonic()
            self._change()
        return {
            "type": "work_heartbeat",
            "last_heartbeat": work.latest_heartbeat_at or "",
            "lease_extended": not ending,
            "state": work.state,
            "ttl_seconds": work.ttl_s,
        }

    @staticmethod
    def _refused(work: Work) -> Json:
        lease = {
            "state": work.state,
            "ttl_seconds": work.ttl_s,
            "last_heartbeat": work.latest_heartbeat_at,
            "lease_extended": False,
        }
        return {"error_code": "heartbeat_precondition_failed", "current_state": lease}

    def stop(self, work: Work, *, at_once: bool) -> Json:
        """Ask the worker to stop, or stop the item at once when asked to or when no worker has it. 409 if stopped."""
        if work.state == "stopped":
            raise ApiError(409, f"Work {work.id} is already stopped")
        work.stop_requested_at = work.stop_requested_at or now()
        if at_once or work.state == "queued":
            work.state, work.stopped_at = "stopped", now()
        else:
            work.state = "stopping"
        self._change()
        return work.public()

    def stats(self, environment_id: str) -> Json:
        waiting = [work for work in self.of(environment_id) if work.state == "queued"]
        seen = time.monotonic() - _WORKER_SEEN_S
        return {
            "type": "work_queue_stats",
            "depth": sum(1 for work in waiting if work.polled is None),
            "pending": sum(1 for work in waiting if work.polled is not None),
            "oldest_queued_at": min((work.created_at for work in waiting), default=None),
            "workers_polling": sum(1 for (env, _), at in self._workers.items() if env == environment_id and at > seen),
        }
