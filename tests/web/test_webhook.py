"""The webhook door: what is signed, fresh and new wakes a session of ours; all else is refused or ignored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook

from glasshouse.emulator.webhooks import new_secret
from tests.web.conftest import SIGNING_KEY, OpenSite, Site


def payload(session_id: str, kind: str = "session.status_idled", event_id: str = "whe_1") -> str:
    """A webhook's body as the API writes it."""
    data = {"type": kind, "id": session_id, "organization_id": "org_x", "workspace_id": "wrkspc_x"}
    return json.dumps({"type": "event", "id": event_id, "created_at": "2026-01-01T00:00:00Z", "data": data})


def signed(body: str, *, key: str = SIGNING_KEY, id: str = "whe_1", age_s: float = 0) -> dict[str, str]:
    """The headers of a body signed some time ago."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(id, at, body),
        "content-type": "application/json",
    }


async def deliver(site: Site, body: str | bytes, headers: dict[str, str]) -> httpx2.Response:
    """POST it as the API does."""
    return await site.stranger.post("/webhook", content=body, headers=headers)


async def test_a_signed_webhook_wakes_the_session(site: Site) -> None:
    handle = site.open()
    calls = await handle.begin([("count_add", {"by": 2})])
    body = payload(handle.id)
    assert (await deliver(site, body, signed(body))).status_code == 200
    assert (await handle.answers(calls))[0].text == "The count is 2."
    assert (await site.operator.get(f"/sessions/{handle.id}")).json()["adopted_by"] == "webhook"


async def test_one_of_several_signatures_is_enough(site: Site) -> None:
    body = payload("sesn_unknown")
    headers = signed(body)
    headers["webhook-signature"] = (
        f"v1,AAAA {signed(body, key=new_secret())['webhook-signature']} " + headers["webhook-signature"]
    )
    assert (await deliver(site, body, headers)).status_code == 200


def _wrong(body: str) -> dict[str, tuple[str | bytes, dict[str, str]]]:
    good = signed(body)
    return {
        "another key": (body, signed(body, key=new_secret())),
        "too old": (body, signed(body, age_s=360)),
        "from the future": (body, signed(body, age_s=-360)),
        "unsigned": (body, {"content-type": "application/json"}),
        "empty signature": (body, good | {"webhook-signature": ""}),
        "not base64": (body, good | {"webhook-signature": "v1,%%%"}),
        "unknown version": (body, good | {"webhook-signature": good["webhook-signature"].replace("v1", "v9")}),
        "another id": (body, good | {"webhook-id": "whe_2"}),
        "another time": (body, good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)}),
        "no time": (body, good | {"webhook-timestamp": "soon"}),
        "truncated": (body[:-2], good),
        "changed": (body.replace("sesn_", "sesm_"), good),
        "a version like the right one": (
            body,
            good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")},
        ),
        "no version": (body, good | {"webhook-signature": good["webhook-signature"].removeprefix("v1,")}),
        "half a signature": (body, good | {"webhook-signature": good["webhook-signature"][:20]}),
        "many wrong signatures": (body, good | {"webhook-signature": "v1,AAAA " * 500 + "v1,"}),
        "time without end": (body, good | {"webhook-timestamp": "inf"}),
        "no number": (body, good | {"webhook-timestamp": "nan"}),
        "time of another era": (body, good | {"webhook-timestamp": "9" * 400}),
        "time before time": (body, good | {"webhook-timestamp": "-1"}),
        "empty id": (body, good | {"webhook-id": ""}),
        "names of another vendor": (body, {name.replace("webhook", "svix"): value for name, value in good.items()}),
        "spaces behind": (body + " ", good),
        "empty": ("", good),
        "not UTF-8": (b"\xff\xfe" + body.encode(), good),
    }


@pytest.mark.parametrize("how", list(_wrong(payload("sesn_x"))))
async def test_what_is_not_signed_right_is_refused_and_wakes_nothing(site: Site, how: str) -> None:
    handle = site.open()
    await handle.begin([("count_add", {})])
    body, headers = _wrong(payload(handle.id))[how]
    answer = await deliver(site, body, headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_signature")
    assert site.house.runtime.awake_count() == 0
    assert await site.house.store.session(handle.id) is None


async def test_doubled_headers_cannot_be_played_against_each_other(site: Site) -> None:
    handle = site.open()
    await handle.begin([("count_add", {})])
    body = payload(handle.id)
    good = signed(body)
    for name, other in (("webhook-id", "whe_2"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")):
        pairs = [*good.items()]
        doubled = await site.stranger.post("/webhook", content=body, headers=[(name, other), *pairs])
        assert doubled.status_code == 401, name
    assert site.house.runtime.awake_count() == 0


async def test_a_webhook_of_ten_megabytes_is_refused_before_it_is_read(site: Site) -> None:
    body = payload("sesn_x", "x" * 10_000_000)
    answer = await deliver(site, body, signed(body))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body", ["[]", "1", "null", '"x"', "{}", '{"data":1}', '{"data":{"id":5,"type":"x"}}', "not JSON"]
)
async def test_what_is_signed_but_is_no_webhook_does_nothing(site: Site, body: str) -> None:
    answer = await deliver(site, body, signed(body))
    assert answer.status_code in (200, 401)
    assert site.house.runtime.awake_count() == 0


async def test_a_webhook_is_acted_upon_once_even_after_a_restart(open_site: OpenSite) -> None:
    async with open_site() as site:
        body = payload("sesn_unknown")
        headers = signed(body)
        assert (await deliver(site, body, headers)).json() == {"ok": True}
        assert (await deliver(site, body, headers)).json() == {"ok": True, "note": "seen before"}
    async with open_site() as site:
        assert (await deliver(site, body, signed(body))).json() == {"ok": True, "note": "seen before"}


@pytest.mark.parametrize("kind", ["agent.updated", "session.status_scheduled", "vault.created", "", "x" * 5000])
async def test_a_kind_nobody_knows_is_taken_and_ignored(site: Site, kind: str) -> None:
    handle = site.open()
    body = payload(handle.id, kind)
    assert (await deliver(site, body, signed(body))).status_code == 200
    assert site.house.runtime.awake_count() == 0


@pytest.mark.parametrize(
    "session_id", ["", ".", "..", "a/b", "../agents", "sesn_unknown", "x" * 5000, "%2e", "\\u0000"]
)
async def test_a_session_that_is_none_is_asked_for_and_forgotten(
    site: Site, session_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = payload(session_id)
    assert (await deliver(site, body, signed(body))).status_code == 200
    for task in list(site.house.runtime._tasks.values()):
        await task
    assert await site.house.store.sessions() == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_session_with_an_agent_that_is_not_ours_is_not_adopted(site: Site) -> None:
    tool: dict[str, Any] = {
        "type": "custom",
        "name": "theirs",
        "description": "No.",
        "input_schema": {"type": "object"},
    }
    foreign = site.emulator.open_session(tools=[tool])
    body = payload(foreign.id)
    assert (await deliver(site, body, signed(body))).status_code == 200
    await site.house.runtime.asleep(foreign.id)
    assert await site.house.store.session(foreign.id) is None
    assert (await site.operator.get(f"/sessions/{foreign.id}")).status_code == 404


async def test_without_a_signing_key_the_door_says_which_setting_is_missing(open_site: OpenSite) -> None:
    async with open_site(ANTHROPIC_WEBHOOK_SIGNING_KEY=None) as site:
        answer = await deliver(site, payload("sesn_x"), signed(payload("sesn_x")))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_signing_key")
    assert "ANTHROPIC_WEBHOOK_SIGNING_KEY" in answer.json()["error"]["message"]


async def test_doubled_and_reordered_webhooks_of_the_api_lead_to_one_result(site: Site) -> None:
    site.emulator.webhooks.add(f"{site.base_url}/webhook", secret=SIGNING_KEY)
    site.emulator.faults.double_webhooks(10)
    site.emulator.faults.reorder_webhooks(3)
    handle = site.open()
    answers = await handle.call_all([("count_add", {"by": 1}) for _ in range(3)])
    assert [answer.text for answer in answers] == [f"The count is {n}." for n in (1, 2, 3)]
    await site.emulator.webhooks.settle()
    assert len(handle.of_type("user.custom_tool_result")) == 3
