"""The emulator as a process of its own, driven over its control routes."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from anthropic import AsyncAnthropic, RateLimitError

from tests.emulator.conftest import message, result


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    command = (sys.executable, "-m", "glasshouse.emulator", "--port", "0", "--story", "quiet", "--fast")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    assert line.startswith("listening on http://127.0.0.1:")
    yield line.removeprefix("listening on ").strip()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert await process.stdout.read() == b""


async def test_another_process_stages_calls_and_faults_and_reads_what_came_of_them(base_url: str) -> None:
    async with (
        AsyncAnthropic(base_url=base_url, api_key="any", max_retries=0) as client,
        httpx2.AsyncClient(base_url=f"{base_url}/emulator") as control,
    ):
        agent = await client.beta.agents.create(name="a", model="m")
        environment = await client.beta.environments.create(name="e", config={"type": "self_hosted"})
        session = await client.beta.sessions.create(agent=agent.id, environment_id=environment.id)
        key = await _post(control, f"/environments/{environment.id}/key")
        assert key["environment_key"].startswith("sk-ant-oat01-")
        made = await _post(control, f"/sessions/{session.id}/calls", name="js_repl", input={"code": "1"})
        [call] = made["data"]
        assert call["state"] == "open"
        await _post(control, "/faults", fault="refuse", operation="events.send", status=429, retry_after=1)
        answer: Any = [result(call["id"], "1")]
        with pytest.raises(RateLimitError):
            await client.beta.sessions.events.send(session.id, events=answer)
        await client.beta.sessions.events.send(session.id, events=answer)
        [outcome] = (await control.get(f"/sessions/{session.id}/calls")).json()["data"]
        assert (outcome["state"], outcome["content"][0]["text"]) == ("answered", "1")
        await _post(control, f"/sessions/{session.id}/say", text="fine")
        await _post(control, f"/sessions/{session.id}/events", type="agent.novelty", what="unknown")
        history = (await control.get(f"/sessions/{session.id}/history")).json()["data"]
        assert history[-1]["type"] == "agent.novelty"
        hook = await _post(control, "/webhooks", url="http://127.0.0.1:9/hook")
        assert hook["secret"].startswith("whsec_")
        await _post(control, f"/sessions/{session.id}/terminate")
        assert (await client.beta.sessions.retrieve(session.id)).status == "terminated"
        assert (await control.post("/faults", json={"fault": "meteor"})).status_code == 400
        assert (await control.delete("/faults")).status_code == 200


async def test_a_message_reaches_the_story_of_the_process(base_url: str) -> None:
    async with AsyncAnthropic(base_url=base_url, api_key="any", max_retries=0) as client:
        agent = await client.beta.agents.create(name="demo", model="m")
        environment = await client.beta.environments.create(name="e")
        first: Any = [message("hello")]
        session = await client.beta.sessions.create(agent=agent.id, environment_id=environment.id, initial_events=first)
        async with httpx2.AsyncClient(base_url=f"{base_url}/emulator") as control:
            assert (await control.get(f"/sessions/{session.id}/idle")).status_code == 200
            assert (await control.get(f"/sessions/{session.id}/idle?stop=refusal&timeout_s=0.05")).status_code == 408
            history = (await control.get(f"/sessions/{session.id}/history")).json()["data"]
    texts = [event["content"][0]["text"] for event in history if event["type"] == "agent.message"]
    assert len(texts) == 1
    assert "browser_goto" in texts[0]


async def _post(control: httpx2.AsyncClient, path: str, **body: Any) -> Any:
    answer = await control.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()
