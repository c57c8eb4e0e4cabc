"""The demo: a session on the emulated API whose scripted agent uses all three kits, made over HTTP like any other."""

from dataclasses import dataclass
from typing import Any

import httpx2
from anthropic import AsyncAnthropic

from glasshouse.emulator import DEMO, Emulator
from glasshouse.emulator.demo import demo

MESSAGE = "Have a look at the shop, work out what a set for two costs, and write me a short report."
TURN_S = 240  # a first start on a slow machine takes a fraction of this


@dataclass(frozen=True)
class Demo:
    """The demo's session, and the emulator that plays the agent."""

    emulator: Emulator
    session_id: str

    async def outcome(self) -> str | None:
        """Wait for the end of the agent's turn; None if it ended well, else what went wrong."""
        handle = self.emulator.session(self.session_id)
        try:
            await handle.until_idle(timeout_s=TURN_S)
        except TimeoutError:
            return f"the agent's turn did not end within {TURN_S} s"
        if handle.session.story_errors:
            return f"the agent's story failed: {handle.session.story_errors[-1]!r}"
        failed = [answer.text for answer in handle.results.values() if answer.is_error]
        return f"{len(failed)} tool calls failed, the first with: {failed[0]}" if failed else None


def make_emulator() -> Emulator:
    """The API, with the shop beside it."""
    return Emulator(story=demo, pace=DEMO)


async def begin(emulator: Emulator, base_url: str, token: str, signing_key: str) -> Demo:
    """Register the webhook, make an environment, and have the server make the session."""
    emulator.webhooks.add(f"{base_url}/webhook", secret=signing_key)
    async with AsyncAnthropic(api_key=emulator.api_key, base_url=emulator.base_url) as api:
        environment = await api.beta.environments.create(name="demo", config={"type": "cloud"})
    async with httpx2.AsyncClient() as http:
        agent = {"name": "Shopper", "model": "claude-sonnet-4-5", "system": "You shop with care and report briefly."}
        body: dict[str, Any] = {
            "agent": agent,
            "environment_id": environment.id,
            "title": "A set for two",
            "message": MESSAGE,
        }
        operator = {"Authorization": f"Bearer {token}"}
        made = await http.post(f"{base_url}/sessions", headers=operator, json=body, timeout=30)
        made.raise_for_status()
    return Demo(emulator, made.json()["id"])
