"""One session's JavaScript: a tool isolate that parses and one that runs, and the steps of a call between them.

A call is a few tasks of V8's (promise jobs run after each): begin, fire what is due, run, fire while it waits, report.
The order of the steps is part of the record, so a replay takes the same ones.
"""

import itertools
import json
import time
import zlib
from dataclasses import dataclass
from typing import Any

from . import sources
from .isolate import Isolate

Message = dict[str, Any]

GRACE_MS = 100  # how long after its result a call waits for timeouts that are about to come
RUN = 0  # the step that runs the code itself; timers count from 1

_BOOT = """\
const {{ hop: {hop}, constants: $repl$const, refuseImport: $repl$import }} = (function (webSource) {{
'use strict';
"""


@dataclass(frozen=True)
class Limits:
    """Of one worker: bytes of V8's heap, and bytes of all memory it may add once it is up."""

    heap_bytes: int
    process_bytes: int


class Evaluator:
    """Runs calls and replays them. Every method may raise isolate.BrokenError: then the process is of no more use."""

    def __init__(self, source: sources.Sources, limits: Limits) -> None:
        hop = sources.unguessable()
        script = f"{_BOOT.format(hop=hop)}{source.agent}\n}})({json.dumps(source.web)});\n//# sourceURL=glasshouse:repl"
        self._agent = Isolate(script, hop, limits.heap_bytes)
        self._tool = Isolate(source.tool, "prepare")
        self._constants: set[str] = set()
        self._calm = True  # no code so far could make a promise job: what is done is done in one task
        self._due: float | None = None
        self.version = f"{self._agent.version}+{source.version}"

    def open(self, seed: list[int], origin_ms: int) -> None:
        """Make this the evaluator of a session: its seed (three 32-bit integers), and when its clock began."""
        self._agent.call("open", seed, origin_ms)

    def run(self, n: int, at_ms: int, code: str) -> Message:
        """Call `n`. Either {problem} of the syntax, or the report with the `entry` that replays it."""
        prepared = self._tool.call(code, sorted(self._constants))
        if "problem" in prepared:
            return {"problem": prepared["problem"]}
        script, started = prepared["script"], time.process_time()
        mentioned = script.pop("mentioned")
        self._calm &= script.pop("calm")
        self._note(script["declared"])
        steps: list[int] = []
        report = self._live(n, at_ms, script, mentioned, steps)
        self._due = _due(report)
        cpu_ms = round((time.process_time() - started) * 1000, 1)
        return {"report": report, "entry": self._entry(n, at_ms, script, report, steps), "cpu_ms": cpu_ms}

    def _live(self, n: int, at_ms: int, script: Message, mentioned: list[str], steps: list[int]) -> Message:
        if self._due is not None and self._due <= _now_ms():
            self._fire_due(n, at_ms, steps)
            steps.append(RUN)
            self._agent.call("run", script)
        else:
            steps.append(RUN)
            if (
                self._calm
                and (report := self._agent.call("batch", [[n, at_ms, None, script]], mentioned)[0])["finished"]
            ):
                steps.clear()
                return dict(report)
            if not self._calm:
                self._agent.call("start", n, at_ms, None, script)
        state = self._settle(steps)
        if state["state"] == "running":
            self._agent.call("abandon")
            steps.append(-1)
        else:
            self._wait_a_little(state, steps)
        return dict(self._agent.call("finish", mentioned))

    def _fire_due(self, n: int, at_ms: int, steps: list[int]) -> None:
        """Timers that came due while nobody called, each once, in their order."""
        state = self._agent.call("begin", n, at_ms, None)
        until = _now_ms()
        for _ in range(state["pending"]):
            if state["next"] is None or state["next"][1] > until:
                break
            state = self._fire(state, steps)

    def _settle(self, steps: list[int]) -> Message:
        """Fire timers until the code's own promise is settled, or nothing is left that could settle it."""
        state = self._agent.call("state")
        while state["state"] == "running" and state["next"] is not None:
            state = self._fire(state, steps)
        return dict(state)

    def _wait_a_little(self, state: Message, steps: list[int]) -> None:
        until = _now_ms() + GRACE_MS
        while state["timeout"] is not None and state["timeout"] <= until and _now_ms() <= until:
            state = self._fire(state, steps)

    def _fire(self, state: Message, steps: list[int]) -> Message:
        timer, due = state["next"][:2]
        time.sleep(max(0.0, due - _now_ms()) / 1000)
        steps.append(timer)
        self._agent.call("fire", timer)
        return dict(self._agent.call("state"))

    def _entry(self, n: int, at_ms: int, script: Message, report: Message, steps: list[int]) -> Message:
        script["made"] = report["names"].pop("made")
        return {
            "n": n, "at": at_ms, "script": script, "steps": steps, "clock": report.pop("clock"), "hash": _hash(report),
        }  # fmt: skip

    def replay(self, entries: list[Message]) -> list[int]:
        """Do again what was done before; the numbers of calls that did or printed something else.

        It takes the same operations as when the calls were live: even the depth of the stack is to be the same.
        """
        different: list[int] = []
        for calm, group in itertools.groupby(entries, key=lambda entry: not entry["steps"]):
            if calm:
                different += self._replay_batch(list(group))
            else:
                different += [entry["n"] for entry in group if not self._replay_steps(entry)]
        return different

    def _replay_batch(self, entries: list[Message]) -> list[int]:
        """Calls that make no promise jobs can share a task of V8's."""
        calls = []
        for entry in entries:
            self._note(entry["script"]["declared"])
            calls.append([entry["n"], entry["at"], entry["clock"], entry["script"]])
        reports = self._agent.call("batch", calls, False)
        self._due = _due(reports[-1])
        return [entry["n"] for entry, report in zip(entries, reports, strict=True) if not _same(entry, report)]

    def _replay_steps(self, entry: Message) -> bool:
        script, steps, known = entry["script"], entry["steps"], True
        self._note(script["declared"])
        if steps[0] == RUN:
            self._agent.call("start", entry["n"], entry["at"], entry["clock"], script)
            steps = steps[1:]
        else:
            self._agent.call("begin", entry["n"], entry["at"], entry["clock"])
        for step in steps:
            known &= self._step(step, script)
        report = self._agent.call("finish", False)
        self._due = _due(report)
        return known and _same(entry, report)

    def _step(self, step: int, script: Message) -> bool:
        if step == RUN:
            self._agent.call("run", script)
        elif step < 0:
            self._agent.call("abandon")
        else:
            return bool(self._agent.call("fire", step)["known"])
        return True

    def restored(self) -> None:
        """A replay is over: changes are measured from here, and code of any kind may have been seen."""
        self._calm = False
        self._agent.call("seen")

    def names(self, query: str, limit: int) -> Message:
        """{total, symbols} of the session's names that contain the query."""
        return dict(self._agent.call("list", query, limit))

    def collect(self) -> None:
        """Let go of garbage in both isolates."""
        self._agent.collect()
        self._tool.collect()

    def _note(self, declared: list[list[str]]) -> None:
        for name, kind in declared:
            if kind == "const":
                self._constants.add(name)
            else:
                self._constants.discard(name)


def _now_ms() -> float:
    return time.time() * 1000


def _due(report: Message) -> float | None:
    return report["next"][1] if report["next"] is not None else None


def _same(entry: Message, report: Message) -> bool:
    return not report["diverged"] and _hash(report) == entry["hash"]


def _hash(report: Message) -> int:
    error = report["error"]
    shown = [report["console"], report["result"], error and error["text"]]
    return zlib.crc32(json.dumps(shown).encode("ascii"))
