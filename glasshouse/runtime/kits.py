"""The kits at work: what the sessions of a server share, and one state per session and kit, opened at the first use.

Actions of one kit in one session run one after the other, in the order they were asked for; all else side by side.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from time import perf_counter
from typing import Any, Literal

from prometheus_client import Histogram

from glasshouse.catalog import Catalog, parse_input
from glasshouse.errors import ToolError
from glasshouse.log import Log
from glasshouse.runtime.context import KitContext, KitMemory
from glasshouse.runtime.hold import Held
from glasshouse.runtime.limit import TimeLimit
from glasshouse.runtime.live import LiveView
from glasshouse.telling import about_only
from glasshouse.tool import Figure, Kit, Result, Tool
from glasshouse.tracing import note_failure

logger = logging.getLogger(__name__)


class NotWantedError(Exception):
    """An action whose turn has come is not to be run after all."""


class Slot:
    """One kit of one session: its state while it is open, and the order of its actions."""

    def __init__(self, kit: Kit[Any]) -> None:
        self.kit = kit
        self.turn = asyncio.Lock()  # first come, first served
        self.live = LiveView()
        self.state: Held[Any] | None = None


class Kits:
    """All kits of one server."""

    def __init__(self, catalog: Catalog, log: Log, settings: Mapping[str, Any]) -> None:
        self.catalog = catalog
        self._log = log
        self._settings = settings
        self._servers: dict[str, Held[Any]] = {}
        self._slots: dict[tuple[str, str], Slot] = {}
        self._guards: dict[str, Mapping[str, str]] = {}
        self.latency = Histogram(
            "glasshouse_action_seconds", "Time of a kit's actions.", ["tool", "outcome"], registry=None
        )
        self._timed = cache(self.latency.labels)

    def slot(self, session_id: str, kit: str) -> Slot:
        """The session's place for a kit. Raises KeyError for an unknown kit."""
        found = self._slots.get((session_id, kit))
        if found is None:
            found = self._slots[session_id, kit] = Slot(self.catalog.kits[kit])
        return found

    def memory(self, session_id: str, kit: str) -> KitMemory:
        """What the kit keeps of the session, open or not."""
        return KitMemory(self._log.store, session_id, kit)

    def is_open(self, session_id: str, kit: str) -> bool:
        """Whether the session has a state of the kit open."""
        slot = self._slots.get((session_id, kit))
        return slot is not None and slot.state is not None

    def open_count(self, kit: str) -> int:
        """How many sessions have a state of the kit open."""
        return sum(name == kit and slot.state is not None for (_, name), slot in self._slots.items())

    async def guards(self) -> Mapping[str, Mapping[str, str]]:
        """What confines what the kits run, as it is now; tried out where nothing runs yet.

        Raises SettingError where a guard that the settings require is not there.
        """
        for name, kit in self.catalog.kits.items():
            held = self._servers.get(name)
            server = held.now if held else None
            if kit.guards and (server is not None or name not in self._guards):
                self._guards[name] = await kit.guards(self._settings.get(name), server)
        return self._guards

    def figures(self) -> dict[str, Sequence[Figure]]:
        """What the kits in use say of what their sessions share."""
        opened = {name: held.value for name, held in self._servers.items()}
        kits = self.catalog.kits
        return {name: say(value) for name, value in opened.items() if value and (say := kits[name].figures)}

    async def run(
        self,
        session_id: str,
        kit: Kit[Any],
        tool: Tool[Any, Any],
        given: Any,
        call_id: str | None = None,
        *,
        begun: Callable[[], Awaitable[None]] | None = None,
    ) -> Result:
        """Run one action in its turn and within its time; every failure becomes a result that says what to do next.

        `begun` is awaited when the turn has come, before anything is done; it may raise NotWantedError.
        """
        asked = perf_counter()
        result = await self._outcome(session_id, kit, tool, given, call_id, begun)
        self._timed(tool.name, "error" if result.is_error else "ok").observe(perf_counter() - asked)
        return result

    async def _outcome(
        self,
        session_id: str,
        kit: Kit[Any],
        tool: Tool[Any, Any],
        given: Any,
        call_id: str | None,
        begun: Callable[[], Awaitable[None]] | None,
    ) -> Result:
        author: Literal["agent", "operator"] = "operator" if call_id is None else "agent"
        try:
            args = parse_input(tool, given)
            slot = self.slot(session_id, kit.name)
            async with slot.turn if tool.in_turn else nullcontext():
                if begun:
                    await begun()
                with TimeLimit(tool.timeout_s):
                    context = await self._context(session_id, slot, call_id, author)
                    return await tool.run(await self._state(slot, context), args, context)
        except NotWantedError:
            raise
        except ToolError as error:
            note_failure("tool_error")
            return Result.error(str(error))
        except TimeoutError:
            note_failure("timeout")
            return Result.error(
                f"{tool.name} was stopped after {tool.timeout_s:g} s. Call {kit.check} to see where things stand."
            )
        except Exception as error:
            note_failure(type(error).__name__)
            logger.exception("%s failed", tool.name, extra={"session_id": session_id, "call_id": call_id})
            return Result.error(
                f"{tool.name} failed because of a fault in the tool itself, not in the input."
                f" Call {kit.check} to see where things stand, then go another way."
            )

    async def reset(self, session_id: str, kit: Kit[Any]) -> None:
        """Close the kit's state and forget all it kept of the session."""
        slot = self.slot(session_id, kit.name)
        async with slot.turn:
            if kit.reset:
                context = await self._context(session_id, slot, None, "operator")
                await kit.reset(await self._state(slot, context), context)
            await self._close(slot)
            async with self._log.transaction() as writer:
                writer.tx.forget(session_id, kit.name)
                writer.append(session_id, f"{kit.name}.reset", {})

    def end_views(self) -> None:
        """Let everybody who watches live frames go: the server stops."""
        for slot in self._slots.values():
            slot.live.end()

    async def sleep(self, session_id: str) -> None:
        """Close all states of a session, each after the action that runs in it."""
        slots = {key: slot for key, slot in self._slots.items() if key[0] == session_id}
        await asyncio.gather(*(self._rest(slot) for slot in slots.values() if slot.state))
        for key, slot in slots.items():
            if not (slot.state or slot.turn.locked() or slot.live.viewers):  # who watches keeps its live view
                self._slots.pop(key, None)

    def end(self, session_id: str) -> None:
        """The session is over: nothing is kept ready for it any more."""
        for name, held in self._servers.items():
            server, ended = held.now, self.catalog.kits[name].ended
            if ended and server is not None:
                ended(server, session_id)

    async def close(self) -> None:
        """Close every state, then what they shared."""
        await asyncio.gather(*(self._rest(slot) for slot in self._slots.values() if slot.state))
        servers, self._servers = self._servers, {}
        for held in servers.values():
            await _leave(held)

    async def _rest(self, slot: Slot) -> None:
        async with slot.turn:
            await self._close(slot)

    async def _close(self, slot: Slot) -> None:
        held, slot.state = slot.state, None
        if held:
            await _leave(held)

    async def _state(self, slot: Slot, context: KitContext) -> Any:
        if slot.state is None:
            opening = context._replace(call_id=None)
            about = about_only(session_id=context.session_id)
            slot.state = Held(slot.kit.state(opening), f"{slot.kit.name} of {context.session_id}", about)
        try:
            return await slot.state.open()
        except BaseException:
            await self._close(slot)  # the next action tries again
            raise

    async def _context(
        self, session_id: str, slot: Slot, call_id: str | None, author: Literal["agent", "operator"]
    ) -> KitContext:
        kit = slot.kit
        server = await self._server(kit)
        return KitContext(
            self._log, kit.name, session_id, call_id, author, self._settings.get(kit.name), server, slot.live
        )

    async def _server(self, kit: Kit[Any]) -> Any:
        if kit.server is None:
            return None
        held = self._servers.get(kit.name)
        if held is None:
            held = self._servers[kit.name] = Held(kit.server(self._settings.get(kit.name)), kit.name)
        try:
            return await held.open()
        except asyncio.CancelledError:
            raise  # the one who waited was stopped; the opening goes on for the next
        except Exception:
            self._servers.pop(kit.name, None)
            raise


async def _leave(held: Held[Any]) -> None:
    try:
        await held.close()
    except Exception:
        logger.exception("a kit's state could not be closed cleanly")
