"""Webhooks as the API sends them: thin, signed by Standard Webhooks, up to three attempts, in no particular order."""

import asyncio
import base64
import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from standardwebhooks import Webhook

from glasshouse.emulator.faults import Faults
from glasshouse.emulator.marks import Json, new_id, now

_NAMES = {
    "session.status_running": "session.status_run_started",
    "session.status_idle": "session.status_idled",
    "session.status_rescheduled": "session.status_rescheduled",
    "session.status_terminated": "session.status_terminated",
    "session.thread_created": "session.thread_created",
    "session.thread_status_idle": "session.thread_idled",
    "session.thread_status_terminated": "session.thread_terminated",
    "span.outcome_evaluation_end": "session.outcome_evaluation_ended",
    "session.updated": "session.updated",
    "session.deleted": "session.deleted",
}


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Delivery:
    payload: Json
    statuses: list[int | None] = field(default_factory=list)  # one an attempt; None: no answer


@dataclass
class Endpoint:
    id: str
    url: str
    secret: str
    events: frozenset[str]  # empty: all
    disabled_reason: str | None = None
    deliveries: list[Delivery] = field(default_factory=list)

    def public(self) -> Json:
        return {
            "id": self.id,
            "url": self.url,
            "secret": self.secret,
            "disabled_reason": self.disabled_reason,
            "deliveries": [{"payload": each.payload, "statuses": each.statuses} for each in self.deliveries],
        }


class Webhooks:
    """`backoff_s` are the longest waits before the second and third attempt; the real API takes 5–120 s."""

    def __init__(self, faults: Faults, backoff_s: Sequence[float]) -> None:
        self._faults = faults
        self._backoff_s = tuple(backoff_s)
        self.endpoints: dict[str, Endpoint] = {}
        self._held: list[tuple[Endpoint, Json]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._client: httpx2.AsyncClient | None = None

    def add(self, url: str, *, secret: str | None = None, events: Sequence[str] = ()) -> Endpoint:
        """Register an endpoint, as the Console does. `events` limits it to some `data.type`s."""
        endpoint = Endpoint(new_id("whk"), url, secret or new_secret(), frozenset(events))
        self.endpoints[endpoint.id] = endpoint
        return endpoint

    def note(self, session_id: str, primary_id: str, event: Json) -> None:
        """An event was stored on a session's stream; send what belongs to it."""
        name = _NAMES.get(event["type"])
        of_primary = event.get("session_thread_id") == primary_id
        if name is None or (of_primary and event["type"] == "session.thread_status_terminated"):
            return
        self._announce(name, session_id, event.get("session_thread_id"))
        if event["type"] == "session.status_idle" and event["stop_reason"]["type"] == "budget_reached":
            self._announce("session.budget_reached", session_id, None)

    def _announce(self, name: str, session_id: str, thread_id: str | None) -> None:
        data: Json = {
            "type": name,
            "id": session_id,
            "organization_id": "org_emulator",
            "workspace_id": "wrkspc_emulator",
        }
        if thread_id:
            data["session_thread_id"] = thread_id
        payload = {"type": "event", "id": new_id("whe"), "created_at": now(), "data": data}
        for endpoint in self.endpoints.values():
            if endpoint.disabled_reason is None and (not endpoint.events or name in endpoint.events):
                self._send(endpoint, payload)

    def _send(self, endpoint: Endpoint, payload: Json) -> None:
        if self._faults.webhooks_held:
            self._held.append((endpoint, payload))
            if len(self._held) >= self._faults.webhooks_held:
                self._faults.webhooks_held = 0
                held, self._held = self._held[::-1], []
                self._start(self._deliver_in_turn(held))
            return
        self._start(self._deliver(endpoint, payload))
        if self._faults.webhooks_doubled:
            self._faults.webhooks_doubled -= 1
            self._start(self._deliver(endpoint, payload))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_in_turn(self, held: list[tuple[Endpoint, Json]]) -> None:
        for endpoint, payload in held:
            await self._deliver(endpoint, payload)

    async def _deliver(self, endpoint: Endpoint, payload: Json) -> None:
        delivery = Delivery(payload)
        endpoint.deliveries.append(delivery)
        for wait_s in (0.0, *self._backoff_s):
            await asyncio.sleep(random.uniform(wait_s / 2, wait_s))
            status = await self._attempt(endpoint, payload)
            delivery.statuses.append(status)
            if status is not None and 300 <= status < 400:
                endpoint.disabled_reason = f"the endpoint answered with a redirect ({status})"
            if (status is not None and 200 <= status < 300) or endpoint.disabled_reason:
                return

    async def _attempt(self, endpoint: Endpoint, payload: Json) -> int | None:
        """One POST, signed now. Answers the status, or None when there was no answer."""
        if self._faults.webhooks_lost:
            self._faults.webhooks_lost -= 1
            return None
        body = json.dumps(payload, separators=(",", ":"))
        at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": payload["id"],
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(endpoint.secret).sign(payload["id"], at, body),
        }
        self._client = self._client or httpx2.AsyncClient(timeout=10, trust_env=False)
        try:
            return (await self._client.post(endpoint.url, content=body, headers=headers)).status_code
        except httpx2.HTTPError:
            return None

    async def settle(self) -> None:
        """Wait until nothing is on its way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()
