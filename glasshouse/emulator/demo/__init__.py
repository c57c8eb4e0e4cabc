"""The demo's agent: a tour of the shop with all three kits, then simple commands for people who want to play."""

from glasshouse.emulator.demo import commands
from glasshouse.emulator.demo.tour import tour
from glasshouse.emulator.story import ScriptedAgent

__all__ = ["demo"]


async def demo(agent: ScriptedAgent) -> None:
    """A message that is a command is obeyed; the first one that is none starts the tour; the rest get the list."""
    if await commands.obey(agent):
        return
    if agent.memory.get("toured"):
        await agent.say(commands.LIST)
        return
    agent.memory["toured"] = True
    await tour(agent)
