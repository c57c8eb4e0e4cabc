"""The JavaScript that workers load: ours from `js/`, third parties' from `vendor/`, and the version of it all."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parent.parent

# Read in this order: each file uses what those before it define.
AGENT_FILES = (
    "captured", "json", "clock", "brands", "iterators", "vendor/inspect", "stack", "harmless", "print", "console",
    "table", "timers", "encoding", "abort", "names", "rejections", "tree", "clone", "globals", "portraits", "calls",
    "main",
)  # fmt: skip
TOOL_FILES = ("edits", "transform", "zones", "constants", "syntax")


@dataclass(frozen=True)
class Sources:
    """Scripts to load into the two isolates, and a hash that changes whenever a replay might.

    `agent` is the body of a function of `webSource`; `web` are polyfills that are evaluated at their first use.
    """

    agent: str
    tool: str
    web: str
    version: str


def _read(name: str) -> str:
    folder = HOME if "/" in name else HOME / "js"
    return (folder / f"{name}.js").read_text("utf-8")


def load() -> Sources:
    """Read all files."""
    agent = "\n".join(_read(name) for name in AGENT_FILES)
    tool = "\n".join(_read(name) for name in ("vendor/acorn", *TOOL_FILES))
    web = _read("vendor/web")
    digest = hashlib.sha256((agent + tool + web).encode()).hexdigest()
    return Sources(agent=agent, tool=tool, web=web, version=digest[:12])
