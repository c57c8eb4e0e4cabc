"""A page that was open before, shown again: loaded by GET, with its session storage, scrolled to its place."""

import contextlib
import json
from typing import Any

from playwright.async_api import Error as PlaywrightError

from tools.browser.tab import Tab

RESTORE_S = 8  # for one page to be there again; it goes on loading after that


async def load_again(tab: Tab, saved: dict[str, Any], stored: dict[str, Any] | None) -> bool:
    """Load what was open. False when it does not come."""
    url = saved["url"]
    if not url.startswith(("http://", "https://")):
        return True
    script = await _seed(tab, stored) if stored else None
    try:
        await tab.page.goto(url, wait_until="domcontentloaded", timeout=RESTORE_S * 1000)
        await tab.page.evaluate("([x, y]) => window.scrollTo(x, y)", [saved.get("x", 0), saved.get("y", 0)])
    except PlaywrightError:
        return False
    finally:
        if script:
            await _unseed(tab, script)
    return True


async def _seed(tab: Tab, stored: dict[str, Any]) -> str:
    """Have the next document of the stored origin start with this session storage. Returns what `_unseed` takes."""
    source = (
        f"if (location.origin === {json.dumps(stored['origin'])}) "
        f"for (const [k, v] of Object.entries({json.dumps(stored['items'])})) sessionStorage.setItem(k, v);"
    )
    added = await tab.cdp.send("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    return str(added["identifier"])


async def _unseed(tab: Tab, script: str) -> None:
    """Later documents start with what is there."""
    with contextlib.suppress(PlaywrightError):
        await tab.cdp.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})
