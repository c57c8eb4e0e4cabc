"""The demo agent's way with its tools: look before touching, look again when something moved, say why it is stuck."""

import json
import re
from typing import Any

from glasshouse.emulator.call import Answer
from glasshouse.emulator.story import ScriptedAgent

NUMBER_FIELD = "(?:spinbutton|textbox)"
CHOICE = "(?:combobox|listbox)"


class Stuck(Exception):  # noqa: N818  the agent says it in its own words; nothing failed
    """A tool would not do what the story needs; the text is the tool's own."""


async def use(agent: ScriptedAgent, name: str, /, **input: object) -> Answer:
    answer = await agent.call(name, **input)
    if answer.is_error:
        raise Stuck(answer.text)
    return answer


async def find(agent: ScriptedAgent, role: str, name: str) -> str:
    """Read the page and answer the `[N]` of an element on it."""
    target = (await use(agent, "browser_read")).target(role, re.escape(name))
    if target is None:
        raise Stuck(f'The page has no "{name}" to use.')
    return target


async def touch(
    agent: ScriptedAgent, tool: str, role: str, name: str, *, seen: Answer | None = None, **input: object
) -> Answer:
    """Use a tool on an element by its name. A refusal is met once with a fresh look: pages move.

    `seen` is the last answer, which may show the page already; the page is read only if it does not.
    """
    target = seen and seen.target(role, re.escape(name))
    answer = await agent.call(tool, target=target or await find(agent, role, name), **input)
    if answer.is_error:
        answer = await use(agent, tool, target=await find(agent, role, name), **input)
    return answer


async def compute(agent: ScriptedAgent, code: str) -> Any:
    """Run JavaScript that logs one line of JSON; answers the value."""
    answer = await use(agent, "js_repl", code=code)
    line = answer.find(r"^([\[{].*[\]}])$")
    if line is None:
        raise Stuck(f"The REPL printed no JSON: {answer.text[:200]}")
    try:
        return json.loads(line)
    except ValueError as error:
        raise Stuck(f"The REPL printed something that is no JSON: {line[:200]}") from error
