"""A page that was open before, shown again: loaded by GET, with its session storage, scrolled to its place."""

from typing import Any

from playwright.async_api import Error as PlaywrightError

from tools.browser.tab import Tab

RESTORE_S = 8  # for one page to be there again; it goes on loading after that


async def load_again(tab: Tab, saved: dict[str, Any], stored: dict[str, Any] | None) -> bool:
    """Load what was open. False when it does not come."""
    url = saved["url"]
    if not url.startswith(("http://", "https://")):
        return True
    script = await tab.seed(stored) if stored else None
    try:
        await tab.page.goto(url, wait_until="domcontentloaded", timeout=RESTORE_S * 1000)
        await tab.page.evaluate("([x, y]) => window.scrollTo(x, y)", [saved.get("x", 0), saved.get("y", 0)])
    except PlaywrightError:
        return False
    finally:
        if script:
            await tab.unseed(script)
    return True
