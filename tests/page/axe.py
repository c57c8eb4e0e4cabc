"""What axe-core finds on a page, in light and in dark."""

import json
from collections.abc import Collection
from pathlib import Path

from playwright.async_api import Page

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text()
FAST = {"resultTypes": ["violations"], "preload": False}  # what passes need not be told; no sheet is from elsewhere
# After a change of theme: two frames, so that every element has its new colours, then the end of their transitions.
SETTLED = """async (theme) => {
    const frame = () => new Promise(requestAnimationFrame);
    while (!matchMedia(`(prefers-color-scheme: ${theme})`).matches) await frame();
    for (let i = 0; i < 4; i++) await frame();
    await Promise.allSettled(document.getAnimations().map((one) => one.transitionProperty && one.finished));
}"""


async def serious(page: Page, *, themes: Collection[str] = ("light", "dark")) -> list[str]:
    """What axe-core calls serious or critical, in light, and in dark as far as colours go.

    It is added past the page's policy, as an extension would be.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    bad = []
    for theme in themes:
        rules = {"runOnly": ["color-contrast"]} if theme == "dark" else {}
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        await page.evaluate(SETTLED, theme)
        found = await page.evaluate("(options) => axe.run(options)", FAST | rules)
        bad += [(theme, one) for one in found["violations"] if one["impact"] in ("serious", "critical")]
    return [
        f"{theme} {one['id']}: {json.dumps([node['html'][:200] for node in one['nodes'][:3]])}" for theme, one in bad
    ]
