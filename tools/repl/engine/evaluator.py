"""One session's JavaScript: a tool isolate that parses and one that runs, and the steps of a call between them.

A call is a few tasks of V8's (promise jobs run after each): begin, fire what is due, run, fire while it waits, report.
The order of the steps is part of the record, so a replay takes the same ones.
"""

import itertools
import json
import time
import zlib
from typing import Any, NamedTuple

from . import plain, sources
from .isolate import Isolate, to_json

Message = dict[str, Any]

GRACE_MS = 100  # how long after its result a call waits for timeouts that are about to come
RUN = 0  # the step that runs the code itself; timers count from 1

_BOOT = """\
const {
  takeWayIn: $repl$takeWayIn, constants: $repl$const, refuseImport: $repl$import, begun: $repl$begun,
  ready: $repl$ready, watch: $repl$watch, keep: $repl$keep, own: $repl$own,
} = (function (webSource) {
'use strict';
"""


# Some of everything that agents write, for the parser to have seen it.
_SAMPLE = """\
const a = { id: 1, name: "item", tags: ['a', `b${1}`], get x() { return this.id } };
let b = a.id + 1, [c, ...d] = [1, 2], { id: e = 3 } = a;
function f(x, y = 2) { for (const z of x) { if (z > y) return z; else b++ } return /a+/g.test("b") ? null : void 0 }
class K extends Object { #p = 1; static s = 2; m() { return this.#p } }
var g = async (x) => await x; try { f([1]) } catch (thrown) { throw thrown } finally { a.id = -b }
await g(d?.[0] ?? !c); console.log(new K().m())
"""


class Limits(NamedTuple):
    """Of one worker: bytes of V8's heap, and bytes of all memory it may add once it is up; a filter."""

    heap_bytes: int
    process_bytes: int
    system_calls: bytes


class Evaluator:
    """Runs calls and replays them. Every method may raise isolate.BrokenError: then the process is of no more use."""

    def __init__(self, agent: Isolate, tool: Isolate, version: str) -> None:
        self._agent = agent
        self._tool = tool
        self._constants: set[str] = set()
        self._calm = True  # no code so far could make a promise job: what is done is done in one task
        self._due: float | None = None  # the next timer, ms
        self._used_s = time.process_time()
        self.version = version

    @classmethod
    async def start(cls, agent: Isolate, tool: Isolate, source: sources.Sources) -> "Evaluator":
        """An evaluator that has loaded its scripts."""
        await tool.load(source.tool, "prepare")
        return cls(agent, tool, f"{agent.version}+{source.version}")

    @staticmethod
    def script(source: sources.Sources) -> bytes:
        """What the agent's isolate loads."""
        return f"{_BOOT}{source.agent}\n}})({json.dumps(source.web)});'loaded'\n//# sourceURL=glasshouse:repl".encode()

    async def open(self, seed: list[int], origin_ms: int) -> None:
        """Make this the evaluator of a session: its seed (three 32-bit integers), and when its clock began."""
        await self._agent.call("open", seed, origin_ms)

    async def warm(self) -> None:
        """Have V8 compile the parser before it is needed: a first snippet is parsed ten times as fast.

        What only that needed goes, before the worker's limit counts from what is there.
        """
        for _ in range(2):  # at the second time V8 has collected what it knows of their types
            await self._tool.call(_SAMPLE, ["a"], True)
        await self._collect_tool()
        self.tidy()

    async def run(self, n: int, at_ms: int, code: str) -> tuple[bytes, bytes]:
        """Call `n`: {problem} of the syntax, or {shown, rest, cpu_ms} and the record that replays it, all as JSON."""
        steps: list[int] = []
        known = plain.script_of(code, self._constants) if self._calm and self._due is None else None
        lines = None if known is None else await self._live(n, at_ms, *known, steps)
        if known is None or lines is None:
            stirred = not self._calm or plain.stirs(code)
            prepared = await self._tool.call(code, sorted(self._constants), stirred)
            if "problem" in prepared:
                return to_json({"problem": prepared["problem"]}).encode("ascii"), b""
            self._calm = not stirred
            self._note(prepared["script"]["declared"])
            mentioned = prepared["script"].pop("mentioned")
            known = to_json(prepared["script"]), to_json(mentioned)
            lines = await self._live(n, at_ms, *known, steps)
        assert lines is not None  # what the parser has let through was parsed
        due, shown, made, clock, rest = lines.split("\n")
        self._due = None if due == "null" else json.loads(due)
        told = f'"made":{made},"steps":{steps},"clock":{clock},"sum":{_sum(shown)}'
        record = f'{{"n":{n},"at":{at_ms},"script":{known[0]},{told}}}'
        body = f'{{"shown":{shown},"rest":{rest},"cpu_ms":{self._cpu_ms():.1f}}}'
        return body.encode("ascii"), record.encode("ascii")

    def _cpu_ms(self) -> float:
        """What was used since the last time."""
        before, self._used_s = self._used_s, time.process_time()
        return (self._used_s - before) * 1000

    async def _live(self, n: int, at_ms: int, script: str, mentioned: str, steps: list[int]) -> str | None:
        """The lines of a script that is run now, or None if it did not even parse, which only a plain one may not."""
        if self._due is not None and self._due <= _now_ms():
            await self._fire_due(n, at_ms, steps)
            steps.append(RUN)
            await self._agent.ask(f'["run",{script}]')
        elif self._calm:
            lines = await self._agent.ask(f'["live",{n},{at_ms},{script},{mentioned}]')
            if lines == "unparsed":
                return None
            if lines != "waits":
                return lines
            steps.append(RUN)
        else:
            steps.append(RUN)
            await self._agent.ask(f'["start",{n},{at_ms},null,{script}]')
        state = await self._settle(steps)
        if state["state"] == "running":
            await self._agent.call("abandon")
            steps.append(-1)
        else:
            await self._wait_a_little(state, steps)
        return await self._agent.ask(f'["finish",{mentioned}]')

    async def _fire_due(self, n: int, at_ms: int, steps: list[int]) -> None:
        """Timers that came due while nobody called, each once, in their order."""
        state = await self._agent.call("begin", n, at_ms, None)
        until = _now_ms()
        for _ in range(state["pending"]):
            if state["next"] is None or state["next"][1] > until:
                break
            state = await self._fire(state, steps)

    async def _settle(self, steps: list[int]) -> Message:
        """Fire timers until the code's own promise is settled, or nothing is left that could settle it."""
        state = await self._agent.call("state")
        while state["state"] == "running" and state["next"] is not None:
            state = await self._fire(state, steps)
        return dict(state)

    async def _wait_a_little(self, state: Message, steps: list[int]) -> None:
        until = _now_ms() + GRACE_MS
        while state["timeout"] is not None and state["timeout"] <= until and _now_ms() <= until:
            state = await self._fire(state, steps)

    async def _fire(self, state: Message, steps: list[int]) -> Message:
        timer, due = state["next"][:2]
        time.sleep(max(0.0, due - _now_ms()) / 1000)  # noqa: ASYNC251 (no loop is held up: there is none)
        steps.append(timer)
        await self._agent.call("fire", timer)
        return dict(await self._agent.call("state"))

    async def replay(self, entries: list[Message]) -> list[int]:
        """Do again what was done before; the numbers of calls that did or printed something else.

        It takes the same operations as when the calls were live: even the depth of the stack is to be the same.
        """
        different: list[int] = []
        for calm, group in itertools.groupby(entries, key=lambda entry: not entry["steps"]):
            if calm:
                different += await self._replay_batch(list(group))
            else:
                self._calm = False
                different += [entry["n"] for entry in group if not await self._replay_steps(entry)]
        return different

    async def _replay_batch(self, entries: list[Message]) -> list[int]:
        """Calls that make no promise jobs can share a task of V8's."""
        calls = []
        for entry in entries:
            self._note_script(entry["script"])
            calls.append((entry["n"], entry["at"], entry["clock"], entry["script"], entry["made"]))
        lines = (await self._agent.ask(to_json(("batch", calls)))).split("\n")
        self._due = json.loads(lines[-3])
        reports = zip(entries, lines[1::3], lines[2::3], strict=True)
        return [entry["n"] for entry, shown, in_time in reports if in_time != "true" or _sum(shown) != entry["sum"]]

    async def _replay_steps(self, entry: Message) -> bool:
        script, steps, known = entry["script"], entry["steps"], True
        self._note_script(script)
        if steps[0] == RUN:
            await self._agent.call("start", entry["n"], entry["at"], entry["clock"], script)
            steps = steps[1:]
        else:
            await self._agent.call("begin", entry["n"], entry["at"], entry["clock"])
        for step in steps:
            known &= await self._step(step, script)
        due, shown, in_time = (await self._agent.ask(to_json(("finish", None, entry["made"])))).split("\n")
        self._due = json.loads(due)
        return known and in_time == "true" and _sum(shown) == entry["sum"]

    async def _step(self, step: int, script: Message) -> bool:
        if step == RUN:
            await self._agent.call("run", script)
        elif step < 0:
            await self._agent.call("abandon")
        else:
            return bool((await self._agent.call("fire", step))["known"])
        return True

    def tidy(self) -> None:
        """Let go of what the last tasks left."""
        self._agent.tidy()
        self._tool.tidy()

    async def restored(self) -> None:
        """A replay is over: changes are measured from here."""
        await self._agent.call("seen")

    async def names(self, query: str, limit: int) -> Message:
        """{total, symbols} of the session's names that contain the query."""
        return dict(await self._agent.call("list", query, limit))

    async def collect(self) -> None:
        """Let go of garbage in both isolates, each waited for on the other's thread."""
        await self._tool.run("''")
        self._agent.collect()
        await self._collect_tool()

    async def _collect_tool(self) -> None:
        await self._agent.run("''")
        self._tool.collect()

    def _note_script(self, script: Message) -> None:
        self._note(script.get("declared", []))  # a plain one has none

    def _note(self, declared: list[list[str]]) -> None:
        for name, kind in declared:
            if kind == "const":
                self._constants.add(name)
            else:
                self._constants.discard(name)


def _now_ms() -> float:
    return time.time() * 1000


def _sum(shown: str) -> int:
    return zlib.crc32(shown.encode("ascii"))
