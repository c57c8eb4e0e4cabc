"""Browser: one Chromium for all sessions, one context a session, pages as numbered text."""

from tools.browser import actions, control, dragging, looking, tabs
from tools.browser.definition import kit

__all__ = ["actions", "control", "dragging", "kit", "looking", "tabs"]
