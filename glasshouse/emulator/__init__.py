"""A local Managed Agents API with a scripted agent: the default of the demo and of all tests."""

from glasshouse.emulator.call import Answer
from glasshouse.emulator.handle import SessionHandle
from glasshouse.emulator.pace import DEMO, Pace
from glasshouse.emulator.server import Emulator
from glasshouse.emulator.story import ScriptedAgent, Story, quiet

__all__ = ["DEMO", "Answer", "Emulator", "Pace", "ScriptedAgent", "SessionHandle", "Story", "quiet"]
