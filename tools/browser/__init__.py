"""Browser: one Chromium for all sessions, one context a session, pages as numbered text."""

from tools.browser import actions, control, looking, tabs
from tools.browser.definition import kit

__all__ = ["actions", "control", "kit", "looking", "tabs"]
