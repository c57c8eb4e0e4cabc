"""What a scripted agent can do. A story is `async def story(agent)`: one play of it is one turn of the session."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, NoReturn

from glasshouse.emulator.call import Answer, Call
from glasshouse.emulator.marks import Json, new_id
from glasshouse.emulator.thread import Thread, Turn, TurnOver

Story = Callable[["ScriptedAgent"], Awaitable[Any]]
_CHUNK = re.compile(r"\s*\S+\s*\S*")  # two words a delta


async def quiet(agent: "ScriptedAgent") -> None:
    """The default story: the agent takes the message and says nothing, so that a test can drive it by hand."""


class ScriptedAgent:
    """The agent's side of one turn.

    `message` is the text that started the turn ("" when driven by hand), `content` its blocks, `memory` a dict
    that lives as long as the session, `turn` counts from 1, `options` is what the emulator was given, `tools` the
    names of the custom tools this session's agent has.
    """

    def __init__(self, thread: Thread, turn: Turn) -> None:
        self._thread = thread
        self._session = thread.session
        self.content: list[Json] = turn.event["content"] if turn.event else []
        self.message = "\n".join(block["text"] for block in self.content if block["type"] == "text")
        self.memory = thread.session.memory
        self.options = thread.session.world.options
        self.session_id = thread.session.id
        self.thread_id = thread.id
        self.tools = frozenset(tool["name"] for tool in thread.agent["tools"] if tool["type"] == "custom")
        self.turn = thread.session.turns

    async def say(self, text: str) -> None:
        """Speak: deltas for the connections that asked for them, then the whole message under the same id."""
        await self._thread.open_request()
        message_id, log = new_id("sevt"), self._thread.log
        log.preview("agent.message", {"type": "event_start", "event": {"type": "agent.message", "id": message_id}})
        for chunk in _CHUNK.findall(text):
            delta = {"type": "content_delta", "index": 0, "content": {"type": "text", "text": chunk}}
            log.preview("agent.message", {"type": "event_delta", "event_id": message_id, "delta": delta})
            if self._session.world.pace.chunk_s:
                await asyncio.sleep(self._session.world.pace.chunk_s)
        self._thread.post("agent.message", event_id=message_id, content=[{"type": "text", "text": text}])

    async def think(self) -> None:
        await self._thread.open_request()
        thought = {"type": "agent.thinking", "id": new_id("sevt")}
        self._thread.log.preview("agent.thinking", {"type": "event_start", "event": thought})
        self._thread.post("agent.thinking", event_id=thought["id"])

    async def call(self, name: str, /, **input: object) -> Answer:
        """Call one custom tool and wait for its result."""
        return (await self.call_all([(name, input)]))[0]

    async def call_all(self, calls: Sequence[tuple[str, Json]]) -> list[Answer]:
        """Call several custom tools at once; answers come in the order of the calls."""
        return await self._thread.wait_for(await self.begin(calls))

    async def begin(self, calls: Sequence[tuple[str, Json]]) -> list[Call]:
        """Make calls without waiting; `call_all` is `begin` and then waiting."""
        await self._thread.open_request()
        made = [self._thread.make_call("custom", name, input_) for name, input_ in calls]
        self._thread.close_request()
        return made

    async def builtin(
        self,
        name: str,
        input: Json,
        *,
        result: str = "",
        permission: Literal["allow", "ask", "deny"] = "allow",
    ) -> Answer:
        """Use a tool of the built-in toolset.

        In a cloud environment it answers `result`; in a self-hosted one a client must send `user.tool_result`.
        With `ask` the call waits for `user.tool_confirmation` first.
        """
        await self._thread.open_request()
        policy = {"allow": "always_allow", "ask": "always_ask", "deny": "always_ask"}[permission]
        call = self._thread.make_call(
            "builtin", name, input, evaluated_permission=permission, evaluation={"type": policy}
        )
        self._thread.close_request()
        denied = await self._permission(call, permission)
        if self._session.self_hosted and denied is None:
            call.needs = "result"
            return (await self._thread.wait_for([call]))[0]
        return self._answer_builtin(call, denied if denied is not None else result, is_error=denied is not None)

    async def _permission(self, call: Call, permission: str) -> str | None:
        """None when the call may run, else why not."""
        call.needs = "nothing"
        if permission == "deny":
            return "Permission to use this tool was denied."
        if permission == "ask":
            call.needs = "confirmation"
            self._thread.ask()
            await asyncio.wait([call.verdict])
            return call.verdict.result()
        return None

    def _answer_builtin(self, call: Call, text: str, *, is_error: bool) -> Answer:
        content: list[Json] = [{"type": "text", "text": text or "(no output)"}]
        self._thread.settle(call.id, Answer(call.id, content, is_error))
        self._thread.post("agent.tool_result", tool_use_id=call.id, content=content, is_error=is_error)
        return call.answer.result()

    async def error(
        self, kind: str, message: str, *, retry: Literal["retrying", "exhausted", "terminal"] = "retrying"
    ) -> None:
        """Report a `session.error`. `exhausted` ends the turn, `terminal` ends the session."""
        self._thread.close_request(is_error=True)
        self._thread.post("session.error", error={"type": kind, "message": message, "retry_status": {"type": retry}})
        if retry == "exhausted":
            raise TurnOver({"type": "retries_exhausted"})
        if retry == "terminal":
            self.terminate()

    async def reschedule(self, delay_s: float = 0.0) -> None:
        """The server tries again after a while: `session.status_rescheduled`, then running."""
        self._thread.close_request(is_error=True)
        await self._session.reschedule(delay_s)

    def compact(self) -> None:
        self._thread.post("agent.thread_context_compacted")

    def refuse(self, category: str | None = None, explanation: str | None = None) -> NoReturn:
        raise TurnOver({"type": "refusal"}, {"type": "refusal", "category": category, "explanation": explanation})

    def spend(self, cents: float) -> None:
        """Add to the session's list cost, to reach a budget."""
        self._session.meter.cents += cents

    def terminate(self) -> None:
        self._session.terminate()

    def emit(self, kind: str, **fields: Any) -> Json:
        """Write any event, also one that no client knows."""
        return self._thread.post(kind, **fields)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def delegate(self, name: str, message: str, story: Story) -> str:
        """Give a message to a sub-agent with a thread of its own; answers what it said last."""
        self._thread.close_request()
        child = Thread(self._session, {**self._session.agent, "name": name}, self._thread)
        self._session.threads[child.id] = child
        content: list[Json] = [{"type": "text", "text": message}]
        self._thread.log.append("session.thread_created", session_thread_id=child.id, agent_name=name)
        self._thread.post(
            "agent.thread_message_sent", to_session_thread_id=child.id, to_agent_name=name, content=content
        )
        child.log.append("agent.thread_message_received", from_session_thread_id=self._thread.id, content=content)
        turn = Turn(lambda thread, turn: story(ScriptedAgent(thread, turn)))
        child.enqueue(turn)
        await asyncio.sleep(0)  # the child runs before its parent waits, or the session would look idle
        self._thread.set_idle({"type": "end_turn"})
        await asyncio.wait([turn.done])
        self._thread.set_running()
        return self._report(child, name)

    def _report(self, child: Thread, name: str) -> str:
        said = [event["content"][0]["text"] for event in child.log if event["type"] == "agent.message"]
        content: list[Json] = [{"type": "text", "text": said[-1] if said else "(nothing)"}]
        self._thread.post(
            "agent.thread_message_received", from_session_thread_id=child.id, from_agent_name=name, content=content
        )
        return str(content[0]["text"])
