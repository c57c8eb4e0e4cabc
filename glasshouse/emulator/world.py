"""Everything the emulator knows: agents, environments, sessions, work, keys, webhooks, faults, stories."""

from collections.abc import Mapping, Sequence
from typing import Any

from glasshouse.emulator.agents import Agents
from glasshouse.emulator.environments import Environments
from glasshouse.emulator.faults import Faults
from glasshouse.emulator.keys import Keys
from glasshouse.emulator.marks import Json
from glasshouse.emulator.pace import Pace
from glasshouse.emulator.problem import missing
from glasshouse.emulator.session import Session
from glasshouse.emulator.story import ScriptedAgent, Story, quiet
from glasshouse.emulator.thread import Thread, Turn
from glasshouse.emulator.webhooks import Webhooks
from glasshouse.emulator.workqueue import WorkQueue


class World:
    def __init__(
        self,
        *,
        api_key: str | None = None,
        story: Story = quiet,
        stories: Mapping[str, Story] | None = None,
        pace: Pace | None = None,
        options: Mapping[str, Any] | None = None,
        interrupt_results: bool = True,
        webhook_backoff_s: Sequence[float] = (0.05, 0.2),
        lease_ttl_s: int = 300,
    ) -> None:
        self.pace = pace or Pace()
        self.options: dict[str, Any] = dict(options or {})
        self.interrupt_results = interrupt_results
        self._story = story
        self._stories = dict(stories or {})
        self.keys = Keys(api_key)
        self.agents = Agents()
        self.environments = Environments()
        self.sessions: dict[str, Session] = {}
        self.faults = Faults(self)
        self.webhooks = Webhooks(self.faults, webhook_backoff_s)
        self.work = WorkQueue(self.keys, lease_ttl_s)

    def open(self, agent: Json, environment: Json, fields: Json) -> Session:
        session = Session(self, agent, environment, fields)
        self.sessions[session.id] = session
        session.log.listeners.append(lambda event: self.webhooks.note(session.id, session.primary.id, event))
        self.work.need(session)
        return session

    def session(self, session_id: str) -> Session:
        session = self.sessions.get(session_id)
        if session is None or session.deleted:
            raise missing("Session", session_id)
        return session

    def story_for(self, session: Session) -> Story:
        """By `metadata.story` of the session or its agent, then by the agent's name, then the default."""
        of_agent = self.agents.get(session.agent["id"])["metadata"].get("story")
        for name in (session.metadata.get("story"), of_agent, session.agent["name"]):
            if name in self._stories:
                return self._stories[name]
        return self._story

    async def play(self, thread: Thread, turn: Turn) -> None:
        """One turn that a message started."""
        thread.session.turns += 1
        await self.story_for(thread.session)(ScriptedAgent(thread, turn))

    def close_streams(self) -> None:
        for session in self.sessions.values():
            for thread in session.threads.values():
                thread.log.close_followers()

    async def close(self) -> None:
        self.close_streams()
        for session in self.sessions.values():
            await session.close()
        await self.webhooks.close()
