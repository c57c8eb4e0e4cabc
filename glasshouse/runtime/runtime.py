"""The sessions of a server: which are awake, and the one way to wake one.

Webhooks, work items, operators, the start and the sweep all call `wake`; it is never more than a hint to look. Sessions
of other agents in the same workspace stay invisible: only those that have tools of ours are adopted unasked.
"""

import asyncio
import logging
from collections import Counter
from typing import Any

from anthropic import APIError, AsyncAnthropic, NotFoundError

from glasshouse.errors import RequestError
from glasshouse.events import now
from glasshouse.runtime.requests import checked_id
from glasshouse.runtime.session import AwakeSession, House
from glasshouse.store import Session
from glasshouse.telling import say_about

logger = logging.getLogger(__name__)

UNASKED = ("webhook", "sweep")  # doors through which sessions come that nobody here asked for
DRAIN_S = 1.0  # what a running call gets when the server stops; viewers are promised an end within 3 s
LISTED = 500  # sessions that one sweep looks at, the newest first
PAGE = 25  # of them at a time: each comes with its agent's whole tools, some 40 KB; larger pages leave holes
ENDED = ("terminated", "deleted")


class Runtime:
    """Opened by the composition root; `stop` lets go of everything."""

    def __init__(self, house: House, *, agents: frozenset[str] = frozenset()) -> None:
        self.house = house
        self.stopping = asyncio.Event()
        self.wakes: Counter[str] = Counter()  # by door, those that found it asleep
        self.pruned = 0
        self.api_problem: str | None = None  # why the last sweep could not ask the API
        self._agents = agents
        self._sessions: dict[str, AwakeSession] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopped: asyncio.Task[None] | None = None

    def awake(self, session_id: str) -> AwakeSession | None:
        """The session, if it is awake."""
        return self._sessions.get(session_id)

    def awake_count(self) -> int:
        """How many sessions are awake."""
        return len(self._sessions)

    def wake(self, session_id: str, by: str, *, client: AsyncAnthropic | None = None) -> None:
        """Have the session looked at and followed until it rests; returns at once. `client` replaces the server's."""
        if self.stopping.is_set():
            return
        if session_id in self._tasks:
            session = self._sessions.get(session_id)
            if session is None or session.closing:  # not yet, or no longer: what it is woken for may not be seen
                self._again.add(session_id)
            else:
                session.rest_clock()
            return
        self.wakes[by] += 1
        house = self.house.with_client(client) if client else self.house
        task = asyncio.create_task(self._live(house, session_id, by), name=f"session {session_id}")
        self._tasks[session_id] = task
        task.add_done_callback(lambda done: self._gone(session_id, by, client))

    async def asleep(self, session_id: str) -> None:
        """Return when the session is asleep."""
        while task := self._tasks.get(session_id):
            await asyncio.wait([task])

    async def let_go(self, session_id: str) -> None:
        """Put the session to sleep now: its lease belongs to somebody else."""
        if task := self._tasks.get(session_id):
            task.cancel()
            await asyncio.wait([task])

    async def adopt(self, session_id: str, by: str, client: AsyncAnthropic | None = None) -> Session | None:
        """The stored session, taken in first if it is new and ours to take. None if it is not.

        Raises RequestError (404) if the API does not know it, and what the SDK raises if the API cannot be asked.
        """
        stored = await self.house.log.store.session(session_id)
        if stored:
            return stored
        try:
            found = await (client or self.house.client).beta.sessions.retrieve(checked_id(session_id, "session"))
        except NotFoundError as error:
            raise RequestError(404, "unknown_session", f"The API knows no session {session_id!r}.") from error
        return await self.take_in(found, by)

    async def take_in(self, found: Any, by: str) -> Session | None:
        """Adopt a session as the API describes it, if it is ours to take."""
        agent = getattr(found, "agent", None)
        if by in UNASKED and not self._ours(agent):
            return None
        at = now()
        session = Session(
            id=found.id,
            title=getattr(found, "title", None) or "",
            agent_id=getattr(agent, "id", None) or "",
            agent_name=getattr(agent, "name", None) or "",
            status=getattr(found, "status", None) or "idle",
            stop_reason=None,
            adopted_by=by,
            created_at=at,
            updated_at=at,
        )
        async with self.house.log.transaction() as writer:
            writer.tx.put_session(session)
            writer.append(session.id, "runtime.attached", {"by": by})
        return session

    async def take_up(self) -> None:
        """Wake the sessions whose calls the journal has as neither posted nor obsolete."""
        for session_id in await self.house.log.store.unsettled_sessions():
            self.wake(session_id, "sweep")

    async def sweep(self) -> None:
        """Wake every session that waits for something of ours, whether or not anybody told us."""
        await self.take_up()
        looked_at = 0
        sessions = self.house.client.beta.sessions
        async for found in sessions.list(statuses=["idle", "running", "rescheduling"], limit=PAGE):
            looked_at += 1
            if looked_at > LISTED:
                break
            if found.id not in self._tasks and await self._waits(found):
                self.wake(found.id, "sweep")

    async def prune(self, before: str) -> int:
        """Delete what is of sessions that ended and were last active before the time; how many there were."""
        await self.look_for_ended(before)
        gone = await self.house.log.store.prune(before=before)
        self.pruned += gone
        return gone

    async def look_for_ended(self, before: str) -> None:
        """Ask the API about sessions last active before the time: their end may have come while they slept."""
        store = self.house.log.store
        for known in await store.sessions():
            if known.updated_at >= before or known.status in ENDED or known.id in self._tasks:
                continue
            try:
                status: str = (await self.house.client.beta.sessions.retrieve(known.id)).status
            except NotFoundError:
                status = "deleted"
            except APIError as error:
                logger.info("session %s could not be asked about (%s)", known.id, error)
                return
            if status in ENDED:
                await self.end(known.id, status)

    async def end(self, session_id: str, status: str) -> None:
        """Note that a session ended while it slept."""
        async with self.house.log.store.transaction() as tx:
            tx.set_status(session_id, status, None)
        self.house.kits.end(session_id)

    async def sweep_forever(self, every_s: float) -> None:
        """Sweep at once and then again and again; an API that cannot be reached is asked again next time."""
        while True:
            try:
                await self.sweep()
                self.api_problem = None
            except APIError as error:
                self.api_problem = f"it could not be asked for sessions ({type(error).__name__})"
                logger.warning("the sweep could not ask the API (%s); again in %g s", error, every_s)
            except Exception:  # an answer that nobody foresaw must not end all sweeps to come
                logger.exception("the sweep failed; again in %g s", every_s)
            await asyncio.sleep(every_s)

    def farewell(self) -> None:
        """Accept nothing new, and let all viewers go."""
        self.stopping.set()
        self.house.log.end()
        self.house.kits.end_views()

    async def stop(self) -> None:
        """Finish or record running calls, save and close all states; a second call waits for the first."""
        self.farewell()
        if self._stopped is None:
            self._stopped = asyncio.create_task(self._stop(), name="stop")
        await asyncio.shield(self._stopped)

    async def _stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))
        await self.house.kits.close()

    def _ours(self, agent: Any) -> bool:
        if self._agents:
            return getattr(agent, "id", None) in self._agents
        tools = getattr(agent, "tools", None)
        owners = self.house.kits.catalog.owners
        return tools is None or any(getattr(tool, "name", None) in owners for tool in tools)

    async def _waits(self, found: Any) -> bool:
        """Whether a session of the API's list needs us: it runs, or is idle for want of an action."""
        stored = await self.house.log.store.session(found.id)
        if not stored and not self._ours(getattr(found, "agent", None)):
            return False
        if found.status != "idle":
            return True
        events = self.house.client.beta.sessions.events
        async for idle in events.list(found.id, order="desc", types=["session.status_idle"], limit=1):
            reason = getattr(getattr(idle, "stop_reason", None), "type", None)
            return idle.type != "session.status_idle" or reason == "requires_action"
        return False

    async def _live(self, house: House, session_id: str, by: str) -> None:
        """One session from wake to sleep."""
        say_about(session_id=session_id)
        waking = house.tracing.wake(session_id, by)
        try:
            if not await self.adopt(session_id, by, house.client):
                waking.end("not ours")
                return
        except (RequestError, APIError) as error:
            logger.warning("session %s could not be taken in: %s", session_id, error)
            waking.end("not taken in", failure=type(error).__name__)
            return
        self._again.discard(session_id)
        session = self._sessions[session_id] = AwakeSession(house, session_id, waking)
        problem: str | None = None
        try:
            await house.log.append(session_id, "runtime.woken", {"by": by})
            problem = await session.run()
        except Exception as error:
            logger.exception("session %s failed", session_id)
            problem = f"a fault in the server ({type(error).__name__})"
        finally:
            waking.end("not woken", failure="session_failed")  # unless it was
            await self._lay_down(house, session, problem)

    async def _lay_down(self, house: House, session: AwakeSession, problem: str | None) -> None:
        """Let go of all that a session holds, also when what is left to record cannot be stored."""
        try:
            await session.drain(DRAIN_S)
        finally:
            del self._sessions[session.id]
            await house.kits.sleep(session.id)
            if session.history.over:
                house.kits.end(session.id)
        async with house.log.transaction() as writer:
            if problem:
                writer.append(session.id, "runtime.failed", {"message": problem})
            writer.append(session.id, "runtime.slept", {})

    def _gone(self, session_id: str, by: str, client: AsyncAnthropic | None) -> None:
        task = self._tasks.pop(session_id)
        if not task.cancelled() and (error := task.exception()):
            logger.error("session %s ended badly", session_id, exc_info=error)
        if session_id in self._again:
            self._again.discard(session_id)
            self.wake(session_id, by, client=client)
