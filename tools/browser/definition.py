"""The kit's definition; its tools and controls register themselves on it (actions.py and its neighbours)."""

from glasshouse.tool import Kit
from tools.browser.chromium import open_chromium
from tools.browser.session import Session, open_session
from tools.browser.settings import BrowserSettings

kit: Kit[Session] = Kit(
    name="browser",
    title="Browser",
    state=open_session,
    check="browser_read",
    settings=BrowserSettings,
    server=open_chromium,
    live=True,
)
