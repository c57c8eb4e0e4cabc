"""Closed shadow roots that HTML itself declares: no script ever held them, so the debugger finds them for the eye.

To look at every node takes long, so it is done only where Chromium counts more elements than the eye can see.
"""

import asyncio
import secrets
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from tools.browser.eye import Eye, UnresponsiveError

MOST = 6000  # elements: 80 µs are needed for each of them
ROOTS = 200
LEND_JS = """function (key) {
  const lent = this.ownerDocument.defaultView;
  if (!(key in lent)) Object.defineProperty(lent, key, { value: [], configurable: true, enumerable: false });
  lent[key].push(this);
}"""


async def lend_closed_roots(cdp: CDPSession) -> str | None:
    """Lay all closed roots of a page under a name of their windows. Returns it; None without any."""
    tree = await cdp.send("DOM.getDocument", {"depth": -1, "pierce": True})
    found = _closed(tree["root"])[:ROOTS]
    key = f"_{secrets.token_hex(8)}"
    await asyncio.gather(*(_lend(cdp, node, key) for node in found))
    await cdp.send("DOM.disable")  # else every change of these nodes is reported from now on
    return key if found else None


async def lacks_roots(cdp: CDPSession, eye: Eye, *, early: bool) -> bool | None:
    """Whether Chromium counts more elements than the eye; None when `early` was too early, in the parsing."""
    asked = {"query": "<", "includeUserAgentShadowDOM": False}  # found in every element, and in texts that have it
    counting = {"early": early, "most": MOST}
    try:
        before = await eye.do("count", counting)
        if before == -1:
            return None
        if before is None:
            return False  # so many that the search alone would take long
        _, counted, after, _ = await asyncio.gather(
            cdp.send("DOM.enable"),
            cdp.send("DOM.performSearch", asked),
            eye.do("count", counting),
            cdp.send("DOM.disable"),
        )
    except (PlaywrightError, UnresponsiveError):
        return False  # the page is leaving
    return bool(before == after < counted["resultCount"] <= 2 * MOST)


def _closed(node: dict[str, Any]) -> list[int]:
    """The closed roots in a node of the debugger's tree, frames and roots in it included."""
    found = [node["backendNodeId"]] if node.get("shadowRootType") == "closed" else []
    inner = [*node.get("children", []), *node.get("shadowRoots", [])]
    if "contentDocument" in node:
        inner.append(node["contentDocument"])
    return found + [one for child in inner for one in _closed(child)]


async def _lend(cdp: CDPSession, node: int, key: str) -> None:
    root = (await cdp.send("DOM.resolveNode", {"backendNodeId": node}))["object"]["objectId"]
    given = {"objectId": root, "functionDeclaration": LEND_JS, "arguments": [{"value": key}], "silent": True}
    await cdp.send("Runtime.callFunctionOn", given)
    await cdp.send("Runtime.releaseObject", {"objectId": root})
