"""The worker door: claims items of an environment's work queue, and wakes the session each one names.

Needs the environment's key only. Items are served side by side, each under a lease that is kept by heartbeats while its
session is awake; a lost lease makes the session be let go at once, because another worker has it then.
"""

import asyncio
import base64
import binascii
import json
import logging
from contextlib import suppress
from typing import Any

from anthropic import APIConnectionError, APIStatusError, AsyncAnthropic

from glasshouse.runtime.backoff import Backoff
from glasshouse.runtime.runtime import Runtime

logger = logging.getLogger(__name__)

BEAT_S = 30.0  # the longest pause between heartbeats; half the lease's time if that is shorter
FIRST_TTL_S = 90.0  # what is assumed of a lease before the API has said


async def work(runtime: Runtime, environment_id: str, environment_key: str) -> None:
    """Serve the queue until cancelled."""
    client = runtime.house.client
    backoff = Backoff(first_s=1)
    async with asyncio.TaskGroup() as serving:
        while True:
            poller = client.beta.environments.work.poller(
                environment_id=environment_id, environment_key=environment_key, auto_stop=False
            )
            try:
                async for item in poller:
                    backoff.reset()
                    serving.create_task(_serve(runtime, client, item), name=f"work {item.id}")
            except (APIConnectionError, APIStatusError) as error:
                logger.error("the work queue cannot be polled (%s). Check ANTHROPIC_ENVIRONMENT_ID and _KEY.", error)
            await asyncio.sleep(backoff.next_s())


async def _serve(runtime: Runtime, client: AsyncAnthropic, item: Any) -> None:
    """One item from claim to stop."""
    token = sessions_token(getattr(item, "secret", None))
    own = client.with_options(auth_token=token) if token else client
    held = True
    try:
        if item.data.type == "session":
            held = await _serve_session(runtime, own, item)
    finally:
        if held:
            with suppress(APIConnectionError, APIStatusError):
                await own.beta.environments.work.stop(item.id, environment_id=item.environment_id, force=True)


async def _serve_session(runtime: Runtime, own: AsyncAnthropic, item: Any) -> bool:
    """Keep the session awake while the lease holds; False if the item is not to be stopped by us."""
    session_id = item.data.id
    runtime.wake(session_id, "worker", client=own)
    asleep = asyncio.create_task(runtime.asleep(session_id))
    beating = asyncio.create_task(_heartbeats(own, item))
    try:
        await asyncio.wait({asleep, beating}, return_when=asyncio.FIRST_COMPLETED)
        if not beating.done():
            # one that could not even be taken in is left to its lease's end, and then to whoever asks next
            return await runtime.house.log.store.session(session_id) is not None
        await runtime.let_go(session_id)
        return beating.result()
    finally:
        for task in (asleep, beating):
            task.cancel()


async def _heartbeats(own: AsyncAnthropic, item: Any) -> bool:
    """Extend the lease until the queue wants the item back (True), or has given it to another (False)."""
    queue = own.beta.environments.work
    last, ttl_s = "NO_HEARTBEAT", FIRST_TTL_S
    while True:
        try:
            beat = await queue.heartbeat(item.id, environment_id=item.environment_id, expected_last_heartbeat=last)
            if beat.state in ("stopping", "stopped") or not beat.lease_extended:
                return True
            last, ttl_s = beat.last_heartbeat, beat.ttl_seconds
        except APIStatusError as error:
            if error.status_code == 412:
                return False
            if error.status_code in (404, 409):
                return True
            logger.warning("heartbeat of %s: %s", item.id, error)
        except APIConnectionError as error:
            logger.warning("heartbeat of %s: %s", item.id, error)
        await asyncio.sleep(min(BEAT_S, ttl_s / 2))


def sessions_token(secret: str | None) -> str | None:
    """The token inside a work item's secret, URL-safe base64 of JSON; None if there is none."""
    if not secret:
        return None
    try:
        token = json.loads(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))).get("sessions_token")
    except (binascii.Error, ValueError, AttributeError):
        return None
    return token if isinstance(token, str) and token else None
