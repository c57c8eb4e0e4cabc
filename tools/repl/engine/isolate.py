"""One V8 isolate: `await isolate.call("run", {...})` → JSON. Only ASCII strings cross, in both directions.

It uses mini-racer's C functions where its Python classes would wake a second thread for each answer. V8 works on a
thread of its own for each isolate; the code that awaits an answer goes on right there, on the thread that gave it, so
a call costs no change of threads (`drive`). What waits for an isolate must not do so on its own thread.
"""

import ctypes
import json
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from . import library

_HANDLES = frozenset((library.FUNCTION, library.ARRAY))
_MOST_SPENT = 64  # values kept for `tidy`: a call may fire ten thousand timers before it is over
_ONLY_TASK = 1  # mini-racer's number for an answer; there is one question at a time
to_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class BrokenError(Exception):
    """The isolate cannot go on; `reason` is memory or crash. Only a new process helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


GoOn = Callable[[Any], None]


class Step:
    """Something to wait for: `begin` starts it and is told how to go on. Its value is what the await gives."""

    def __init__(self, begin: Callable[[GoOn], None]) -> None:
        self.begin = begin

    def __await__(self) -> Generator["Step", Any, Any]:
        return (yield self)


Program = Coroutine[Step, Any, None]


class Isolate:
    """An isolate that runs scripts, one at a time. Make it on the main thread."""

    def __init__(self, v8: Any, heap_bytes: int | None = None) -> None:
        self.v8 = v8
        self._go_on: GoOn | None = None
        self._given: Any = None  # what the task works on
        self._spent: list[Any] = []  # values to be freed
        self._callback = library.CALLBACK(self._answered)  # V8 holds no reference to it
        self._context = self.v8.mr_init_context(self._callback)
        self._function: Any = None
        self._at_home = False  # whether Python knows V8's thread for good
        self._no_arguments: Any = None
        if heap_bytes is not None:
            self.v8.mr_set_hard_memory_limit(self._context, heap_bytes)

    @property
    def version(self) -> str:
        """V8's version."""
        return str(self.v8.mr_v8_version().decode("ascii"))

    async def load(self, script: bytes, way_in: str) -> None:
        """Run a script whose value is a text, then an expression's: a function whose `this` is a question in JSON."""
        await self._finished(self._eval(script))
        self._no_arguments = await self._finished(self._eval(b"[]"))
        self._function = await self._finished(self._eval(way_in.encode()))

    async def run(self, script: str) -> tuple[int, Any]:
        """Run any script: the kind of its value or error (see `library`), and its text where it has one."""
        kind, value = await Step(self._eval(script.encode()))
        return int(kind), value

    async def call(self, *args: Any) -> Any:
        """Ask a question in one task of V8's; the answer. Raises BrokenError."""
        return json.loads(await self.ask(to_json(args)))

    async def ask(self, question: str) -> str:
        """The same with a question that is JSON already, and for an answer that is not, or is not read."""
        answer = await self._finished(self._ask(question))
        if not isinstance(answer, str) or answer.startswith('{"broken"'):
            raise BrokenError("crash")
        return answer

    def collect(self) -> None:
        """Let go of garbage. Nothing the agent can see depends on it. Not on the isolate's own thread."""
        self.v8.mr_low_memory_notification(self._context)

    async def _finished(self, begin: Callable[[GoOn], None]) -> Any:
        """A text, or the handle of an object or function."""
        kind, value = await Step(begin)
        if kind == library.TEXT or kind in _HANDLES:
            return value
        out_of_memory = kind == library.OUT_OF_MEMORY or self.v8.mr_hard_memory_limit_reached(self._context)
        raise BrokenError("memory" if out_of_memory else "crash")

    def _eval(self, script: bytes) -> Callable[[GoOn], None]:
        def begin(go_on: GoOn) -> None:
            self._go_on, self._given = go_on, self._text(script)
            self.v8.mr_eval(self._context, self._given, _ONLY_TASK)

        return begin

    def _ask(self, question: str) -> Callable[[GoOn], None]:
        """As `this`, for that needs neither a script to compile nor a visit to V8's thread to fill an array."""

        def begin(go_on: GoOn) -> None:
            self._go_on, self._given = go_on, self._text(question.encode())
            self.v8.mr_call_function(self._context, self._function, self._given, self._no_arguments, _ONLY_TASK)

        return begin

    def tidy(self) -> None:
        """Free what the last tasks worked on and gave."""
        while self._spent:
            self.v8.mr_free_value(self._context, self._spent.pop())

    def _text(self, data: bytes) -> Any:
        """A text as V8 takes it."""
        if len(self._spent) > _MOST_SPENT:
            self.tidy()
        return self.v8.mr_alloc_string_val(self._context, data, len(data), library.TEXT)

    def _answered(self, _task: int, raw: Any) -> None:
        """V8's thread has an answer; promise jobs run when this returns."""
        go_on, self._go_on = self._go_on, None
        if not self._at_home:
            self._at_home = True
            ctypes.pythonapi.PyGILState_Ensure()  # never released: else each answer makes and frees a thread state
        answer = library.Value.from_address(raw)
        kind, value = answer.kind, raw
        if kind not in _HANDLES:
            value = (
                ctypes.string_at(answer.data, answer.size).decode("ascii", "replace") if kind == library.TEXT else ""
            )
            self._spent.append(raw)
        self._spent.append(self._given)
        if go_on:
            go_on((kind, value))


def drive(program: Program, ended: Callable[[BaseException | None], None]) -> None:
    """Start a program of steps; each part of it runs on the thread that the step before it ends on.

    `ended` is called on whichever thread the last one is, with what the program raised.
    """

    def go_on(value: Any) -> None:
        try:
            program.send(value).begin(go_on)
        except StopIteration:
            ended(None)
        except BaseException as problem:  # into V8's thread nothing may be raised
            ended(problem)

    go_on(None)
