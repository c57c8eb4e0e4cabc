"""Live page: an HTML document per session that the agent edits and anyone with a link can watch."""

from tools.livepage import controls
from tools.livepage.actions import kit

__all__ = ["controls", "kit"]
