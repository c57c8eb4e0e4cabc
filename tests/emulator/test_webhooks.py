"""Webhooks, received by a real HTTP server and checked with the SDK."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from standardwebhooks import WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from glasshouse.emulator import Emulator


class Receiver:
    """Takes webhooks; answers the statuses it was told, then 204."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str]]] = []
        self.statuses: list[int] = []
        self._news = asyncio.Event()

    async def take(self, request: Request) -> Response:
        self.received.append(((await request.body()).decode(), dict(request.headers)))
        self._news.set()
        self._news = asyncio.Event()
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"location": "/elsewhere"} if 300 <= status < 400 else None)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.received) < count:
                await self._news.wait()


@pytest.fixture
async def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def emulator(receiver: Receiver) -> AsyncIterator[Emulator]:
    """Its own process' socket takes the webhooks too, on a route of the test's."""
    async with Emulator(routes=[Route("/hook", receiver.take, methods=["POST"])]) as running:
        running.webhooks.add(f"{running.base_url}/hook")
        yield running


@pytest.fixture
def unwrap(emulator: Emulator, client: AsyncAnthropic) -> Callable[[tuple[str, dict[str, str]]], Any]:
    [endpoint] = emulator.webhooks.endpoints.values()
    return lambda taken: client.beta.webhooks.unwrap(taken[0], headers=taken[1], key=endpoint.secret)


async def test_a_turn_sends_thin_signed_webhooks_with_the_guides_names(
    emulator: Emulator, receiver: Receiver, unwrap: Callable[..., Any]
) -> None:
    session = emulator.open_session()
    await session.say("hello")
    await emulator.webhooks.settle()
    events = [unwrap(taken) for taken in receiver.received]
    assert Counter(event.data.type for event in events) == Counter(
        ["session.status_run_started", "session.status_idled", "session.thread_idled"]
    )
    assert {event.data.id for event in events} == {session.id}
    assert set(events[0].data.to_dict()) <= {"type", "id", "organization_id", "workspace_id", "session_thread_id"}


async def test_idled_comes_for_waiting_calls_too(
    emulator: Emulator, receiver: Receiver, unwrap: Callable[..., Any]
) -> None:
    session = emulator.open_session()
    await session.begin([("js_repl", {})])
    await session.until_idle("requires_action")
    await emulator.webhooks.settle()
    assert "session.status_idled" in [unwrap(taken).data.type for taken in receiver.received]


async def test_a_failed_delivery_is_tried_three_times_with_one_id_and_fresh_timestamps(
    emulator: Emulator, receiver: Receiver
) -> None:
    receiver.statuses = [500, 503, 500]
    emulator.session(emulator.open_session().id).terminate()
    await emulator.webhooks.settle()
    [endpoint] = emulator.webhooks.endpoints.values()
    [delivery] = endpoint.deliveries
    assert delivery.statuses == [500, 503, 500]
    assert len({headers["webhook-id"] for _, headers in receiver.received}) == 1
    assert {body for body, _ in receiver.received} == {receiver.received[0][0]}


async def test_a_redirect_disables_the_endpoint(emulator: Emulator, receiver: Receiver) -> None:
    receiver.statuses = [307]
    emulator.open_session().terminate()
    await emulator.webhooks.settle()
    [endpoint] = emulator.webhooks.endpoints.values()
    assert "redirect" in (endpoint.disabled_reason or "")
    await emulator.open_session().say("unheard")
    await emulator.webhooks.settle()
    assert len(receiver.received) == 1


async def test_webhooks_come_twice_late_reversed_or_after_losses_on_demand(
    emulator: Emulator, receiver: Receiver
) -> None:
    emulator.faults.double_webhooks()
    emulator.open_session().terminate()
    await emulator.webhooks.settle()
    assert len(receiver.received) == 2
    assert len({headers["webhook-id"] for _, headers in receiver.received}) == 1
    receiver.received.clear()
    emulator.faults.reorder_webhooks(2)
    first, second = emulator.open_session(), emulator.open_session()
    first.terminate()
    second.terminate()
    await emulator.webhooks.settle()
    assert [second.id in body for body, _ in receiver.received] == [True, False]
    receiver.received.clear()
    emulator.faults.lose_webhooks(2)
    emulator.open_session().terminate()
    await emulator.webhooks.settle()
    assert len(receiver.received) == 1


async def test_another_secret_does_not_verify(emulator: Emulator, receiver: Receiver, client: AsyncAnthropic) -> None:
    emulator.open_session().terminate()
    await emulator.webhooks.settle()
    body, headers = receiver.received[0]
    with pytest.raises(WebhookVerificationError):
        client.beta.webhooks.unwrap(body, headers=headers, key="whsec_" + "A" * 44)
