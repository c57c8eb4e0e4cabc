"""REPL: V8 in a confined process per session, as Node's REPL behaves, durable to the last symbol."""

from tools.repl import actions
from tools.repl.definition import kit

__all__ = ["actions", "kit"]
