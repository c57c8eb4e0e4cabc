"""The webhook door: a signed note that a session did something. It only ever wakes; it is never taken for a state.

Standard Webhooks: signature over the raw body, five minutes of tolerance, each id acted upon once. The signature is
checked by the SDK. An id is marked as seen after the wake is under way: a crash in between is healed by the sweep.
"""

import json
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from standardwebhooks import WebhookVerificationError

from glasshouse.errors import RequestError
from glasshouse.web.house import WebHouse, house_of

router = APIRouter()

WAKING = {
    "session.status_run_started",
    "session.status_idled",
    "session.status_rescheduled",
    "session.status_terminated",
    "session.thread_created",
    "session.thread_idled",
    "session.thread_terminated",
    "session.updated",
    # Synonyms that the SDK knows and the guide does not list.
    "session.created",
    "session.pending",
    "session.running",
    "session.idled",
    "session.requires_action",
    "session.archived",
}


@router.post("/webhook")
async def webhook(request: Request, house: Annotated[WebHouse, Depends(house_of)]) -> JSONResponse:
    """Take a webhook of the API; 200 as soon as the wake is under way, or if there is nothing to do for us."""
    webhooks: Counter[str] = request.app.state.webhooks
    if house.settings.webhook_key is None:
        webhooks["no_key"] += 1
        raise RequestError(
            503, "no_signing_key", "Set ANTHROPIC_WEBHOOK_SIGNING_KEY to the webhook's `whsec_…` secret."
        )
    raw = await request.body()
    try:
        event = _verified(house, raw, dict(request.headers), house.settings.webhook_key.get_secret_value())
    except WebhookVerificationError as error:
        webhooks["refused"] += 1
        raise RequestError(401, "bad_signature", f"The webhook is not signed as it must be: {error}.") from error
    webhook_id = request.headers["webhook-id"]
    if await house.store.webhook_known(webhook_id):
        webhooks["seen_before"] += 1
        return JSONResponse({"ok": True, "note": "seen before"})
    waking = event.get("type") in WAKING and isinstance(event.get("id"), str)
    webhooks["woke" if waking else "ignored"] += 1
    if waking:
        house.runtime.wake(event["id"], "webhook")
    if event.get("type") == "session.deleted":
        await house.runtime.end(str(event.get("id")), "deleted")
    async with house.store.transaction() as tx:
        tx.mark_webhook(webhook_id)
    return JSONResponse({"ok": True})


def _verified(house: WebHouse, raw: bytes, headers: dict[str, str], key: str) -> dict[str, str]:
    """The `data` of a genuine webhook; raises WebhookVerificationError for any other."""
    try:
        house.client.beta.webhooks.unwrap(raw.decode(), headers=headers, key=key)
        data = json.loads(raw)["data"]
    except WebhookVerificationError:
        raise
    except Exception as error:  # what is signed right but is no webhook is as wrong as a bad signature
        raise WebhookVerificationError(f"the body is not a webhook ({type(error).__name__})") from error
    return data if isinstance(data, dict) else {}
