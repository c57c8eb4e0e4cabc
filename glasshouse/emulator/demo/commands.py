"""Follow-up messages: a few commands, each one tool call and a short answer."""

import re
from collections.abc import Awaitable, Callable
from html import escape

from glasshouse.emulator.call import Answer
from glasshouse.emulator.demo.hands import Stuck, touch
from glasshouse.emulator.story import ScriptedAgent

LIST = (
    "I am a scripted agent, so I only know a few things:\n"
    "- `open <url>` shows a page in the browser\n"
    "- `read` or `read <word>` reads the page to you\n"
    "- `click <name>` clicks the button or link of that name\n"
    "- `type <text> into <name>` fills a field\n"
    "- `back` and `screenshot`\n"
    "- `run <javascript>` runs in the REPL, which remembers\n"
    "- `symbols` lists what the REPL has\n"
    "- `set title <text>` and `write <text>` change the live page\n"
    "- `undo` takes the last change of the page back"
)
_QUOTE = 600  # characters of a result that are worth repeating in a message
_PRESSABLE = "(?:button|link|checkbox|radio|tab|menuitem|clickable)"
_FILLABLE = "(?:textbox|searchbox|spinbutton|combobox)"

Command = Callable[[ScriptedAgent, str], Awaitable[Answer]]


async def _open(agent: ScriptedAgent, url: str) -> Answer:
    return await agent.call("browser_goto", url=url, read=True)


async def _read(agent: ScriptedAgent, query: str) -> Answer:
    return await agent.call("browser_read", **({"query": query} if query else {}))


async def _click(agent: ScriptedAgent, name: str) -> Answer:
    return await touch(agent, "browser_click", _PRESSABLE, name)


async def _type(agent: ScriptedAgent, rest: str) -> Answer:
    text, _, name = rest.rpartition(" into ")
    if not text:
        raise Stuck("Say `type <text> into <name>`.")
    return await touch(agent, "browser_type", _FILLABLE, name, text=text)


async def _back(agent: ScriptedAgent, _: str) -> Answer:
    return await agent.call("browser_back")


async def _screenshot(agent: ScriptedAgent, _: str) -> Answer:
    return await agent.call("browser_screenshot")


async def _run(agent: ScriptedAgent, code: str) -> Answer:
    return await agent.call("js_repl", code=code)


async def _symbols(agent: ScriptedAgent, _: str) -> Answer:
    return await agent.call("js_list_symbols")


async def _title(agent: ScriptedAgent, text: str) -> Answer:
    return await agent.call("page_set_html", selector="#hero h1", html=escape(text))


async def _write(agent: ScriptedAgent, text: str) -> Answer:
    return await agent.call("page_add_block", anchor="#content", position="append", html=f"<p>{escape(text)}</p>")


async def _undo(agent: ScriptedAgent, _: str) -> Answer:
    return await agent.call("page_undo")


# a word, whether something must follow it, the tool it cannot do without, and what it does
_COMMANDS: tuple[tuple[str, bool, str, Command], ...] = (
    ("open", True, "browser_goto", _open),
    ("read", False, "browser_read", _read),
    ("click", True, "browser_click", _click),
    ("type", True, "browser_type", _type),
    ("back", False, "browser_back", _back),
    ("screenshot", False, "browser_screenshot", _screenshot),
    ("run", True, "js_repl", _run),
    ("symbols", False, "js_list_symbols", _symbols),
    ("set title", True, "page_set_html", _title),
    ("write", True, "page_add_block", _write),
    ("undo", False, "page_undo", _undo),
)
_ALONE = frozenset({"back", "screenshot", "symbols", "undo"})  # words that nothing may follow


async def obey(agent: ScriptedAgent) -> bool:
    """Carry out the message if it is a command; answers whether it was one."""
    for word, needs_more, tool, command in _COMMANDS:
        match = re.fullmatch(rf"\s*{word}\b\s*(.*?)\s*", agent.message, re.IGNORECASE | re.DOTALL)
        if match and bool(match[1]) >= needs_more and not (match[1] and word in _ALONE):
            await agent.say(await _carry_out(agent, tool, command, match[1]))
            return True
    return False


async def _carry_out(agent: ScriptedAgent, tool: str, command: Command, rest: str) -> str:
    if tool not in agent.tools:
        return f"This session's agent has no {tool}."
    try:
        answer = await command(agent, rest)
    except Stuck as stuck:
        return f"That did not work: {stuck}"
    text = answer.text.strip() or "Done."
    quoted = text if len(text) <= _QUOTE else text[:_QUOTE].rstrip() + " …"
    return f"That did not work: {quoted}" if answer.is_error else quoted
