"""One V8 isolate, asked by name: `call("run", {...})` → JSON. Only ASCII strings cross, in both directions.

Must be made and used within a running asyncio loop: mini-racer then works on the calling thread, for a fifth.
"""

import json
from typing import Any

import py_mini_racer
from py_mini_racer import _mini_racer as _installs


class BrokenError(Exception):
    """The isolate cannot go on; `reason` is memory or crash. Only a new process helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def initialise(flags: list[str]) -> None:
    """Set up V8 for this process and its forks. `_installs`: mini-racer's own timers could not be recorded."""
    py_mini_racer.init_mini_racer(flags=flags)
    _installs.INSTALL_SET_TIMEOUT = "0"  # type: ignore[attr-defined]


class Isolate:
    """An isolate whose script defines the function `name`; `call` calls it."""

    def __init__(self, script: str, name: str, heap_bytes: int | None = None) -> None:
        self._racer = py_mini_racer.MiniRacer()
        self._name = name
        self._racer.eval(script)
        if heap_bytes is not None:
            self._racer.set_hard_memory_limit(heap_bytes)

    @property
    def version(self) -> str:
        """V8's version."""
        return str(self._racer.v8_version)

    def call(self, *args: Any) -> Any:
        """Call the function with JSON values in one task of V8's; its JSON result. Raises BrokenError."""
        text = ",".join(json.dumps(arg, ensure_ascii=True, separators=(",", ":")) for arg in args)
        try:
            answer = self._racer.eval(f"{self._name}({text})")
        except py_mini_racer.JSOOMException as problem:
            raise BrokenError("memory") from problem
        except py_mini_racer.JSEvalException as problem:
            raise BrokenError("memory" if self._racer.was_hard_memory_limit_reached() else "crash") from problem
        if not isinstance(answer, str):
            raise BrokenError("crash")
        result = json.loads(answer)
        if isinstance(result, dict) and "broken" in result:
            raise BrokenError("crash")
        return result

    def collect(self) -> None:
        """Let go of garbage. Nothing the agent can see depends on it."""
        self._racer.low_memory_notification()
