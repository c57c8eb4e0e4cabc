"""The JavaScript that workers load: ours from `js/`, third parties' from `vendor/`, and the version of it all."""

import hashlib
import os
from typing import NamedTuple

_HOME = os.path.dirname(os.path.dirname(__file__))

# Read in this order: each file uses what those before it define.
AGENT_FILES = (
    "captured", "json", "clock", "brands", "iterators", "vendor/inspect", "stack", "harmless", "print", "console",
    "table", "timers", "encoding", "abort", "names", "rejections", "tree", "clone", "globals", "portraits", "calls",
    "main",
)  # fmt: skip
TOOL_FILES = ("edits", "transform", "zones", "constants", "syntax")


class Sources(NamedTuple):
    """Scripts to load into the two isolates, and a hash that changes whenever a replay might.

    `agent` is the body of a function of `webSource`; `web` are polyfills that are evaluated at their first use.
    """

    agent: str
    tool: bytes
    web: str
    version: str


def _read(name: str) -> str:
    with open(os.path.join(_HOME, name if "/" in name else f"js/{name}") + ".js", encoding="utf-8") as file:
        text = file.read()
    # One wide character would have V8 store the whole script in two bytes each.
    return text.encode("ascii", "backslashreplace").decode("ascii")


def load() -> Sources:
    """Read all files."""
    agent = "\n".join(_read(name) for name in AGENT_FILES)
    tool = "\n".join(_read(name) for name in ("vendor/acorn", *TOOL_FILES))
    web = _read("vendor/web")
    digest = hashlib.sha256((agent + tool + web).encode()).hexdigest()
    return Sources(agent=agent, tool=f"{tool}\n;'loaded'".encode(), web=web, version=digest[:12])
