"""One session in the hands of a test: make the agent call, speak or end, and read what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from glasshouse.emulator.call import Answer, Call
from glasshouse.emulator.marks import Json
from glasshouse.emulator.session import Session
from glasshouse.emulator.story import ScriptedAgent, Story
from glasshouse.emulator.thread import Thread, Turn


class SessionHandle:
    """Each act is a turn of its own; acts on one session follow one another."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.id = session.id

    # -- driving

    async def play(self, story: Story) -> Any:
        """Play a story now, as one turn without a message; answers what the story returns."""
        outcome: list[Any] = []

        async def act(thread: Thread, turn: Turn) -> None:
            outcome.append(await story(ScriptedAgent(thread, turn)))

        turn = Turn(act)
        failures = len(self.session.story_errors)
        self._enqueue(turn)
        await asyncio.wait([turn.done])
        if len(self.session.story_errors) > failures:
            raise self.session.story_errors[-1]
        return outcome[0] if outcome else None

    async def call(self, name: str, /, input: Json | None = None, **fields: object) -> Answer:
        """The agent calls one tool; answers when a client has posted the result, or the call was closed."""
        return (await self.call_all([(name, {**(input or {}), **fields})]))[0]

    async def call_all(self, calls: Sequence[tuple[str, Json]]) -> list[Answer]:
        """The agent makes several calls in one model request."""
        return await self.answers(await self.begin(calls))

    async def begin(self, calls: Sequence[tuple[str, Json]]) -> list[Call]:
        """Make calls and answer at once with them; the turn ends by itself when all are answered."""
        made: asyncio.Future[list[Call]] = asyncio.get_running_loop().create_future()

        async def act(thread: Thread, turn: Turn) -> None:
            made.set_result(await ScriptedAgent(thread, turn).begin(calls))
            await thread.wait_for(made.result())

        self._enqueue(Turn(act))
        return await made

    async def answers(self, calls: Sequence[Call]) -> list[Answer]:
        await asyncio.wait([call.answer for call in calls])
        return [call.answer.result() for call in calls]

    async def say(self, text: str) -> None:
        await self.play(lambda agent: agent.say(text))

    def emit(self, kind: str, **fields: Any) -> Json:
        """Write any event on the session's stream."""
        return self.session.log.append(kind, **fields)

    def terminate(self) -> None:
        self.session.terminate()

    def _enqueue(self, turn: Turn) -> None:
        self.session.primary.enqueue(turn)
        self.session.world.work.need(self.session)

    # -- reading

    @property
    def status(self) -> str:
        return self.session.status

    @property
    def stop_reason(self) -> Json:
        return self.session.stop_reason

    @property
    def history(self) -> list[Json]:
        """Every stored event of the session's stream, oldest first."""
        return list(self.session.log)

    def of_type(self, *kinds: str) -> list[Json]:
        return [event for event in self.history if event["type"] in kinds]

    @property
    def results(self) -> dict[str, Answer]:
        """Answers by call id, closed calls included."""
        return {call.id: call.answer.result() for call in self.session.calls.values() if call.answer.done()}

    @property
    def said(self) -> list[str]:
        """The texts of the agent's messages."""
        return [event["content"][0]["text"] for event in self.of_type("agent.message")]

    @property
    def streams(self) -> int:
        """How many connections follow the session now."""
        return len(self.session.log.followers)

    async def until(self, matches: Callable[[Json], bool], *, timeout_s: float = 5.0) -> Json:
        """The first event, stored or still to come, that matches. Raises TimeoutError."""
        for event in self.history:
            if matches(event):
                return event
        found: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        def listen(event: Json) -> None:
            if matches(event) and not found.done():
                found.set_result(event)

        self.session.log.listeners.append(listen)
        try:
            return await asyncio.wait_for(found, timeout_s)
        finally:
            self.session.log.listeners.remove(listen)

    async def until_followed(self, *, timeout_s: float = 5.0) -> None:
        """Wait until a connection follows the session, so that it misses nothing of what comes next."""
        async with asyncio.timeout(timeout_s):
            while not self.streams:
                await self.session.log.attached.wait()

    async def until_idle(self, stop: str = "end_turn", *, timeout_s: float = 5.0) -> Json:
        """Wait until the session's newest status is an idle with this stop_reason type; answers the reason."""

        def now_idle() -> bool:
            reached = self.session.stop_reason["type"] == stop
            queued = any(event["processed_at"] is None for event in self.history)
            return self.session.status == "idle" and reached and not queued

        if not now_idle():
            await self.next(lambda event: event["type"] == "session.status_idle" and now_idle(), timeout_s=timeout_s)
        return self.session.stop_reason

    async def next(self, matches: Callable[[Json], bool], *, timeout_s: float = 5.0) -> Json:
        """Like `until`, but only among events still to come."""
        seen = {id(event) for event in self.history}
        return await self.until(lambda event: id(event) not in seen and matches(event), timeout_s=timeout_s)
