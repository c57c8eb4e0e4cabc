"""Many sessions side by side: nothing of one is seen in another, and each call is answered within its limit.

GLASSHOUSE_TEST_SITUATIONS makes it twenty instead of two.
"""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import os
import time
from typing import Any

import pytest

from tests.browser.conftest import Site

pytestmark = pytest.mark.long

SESSIONS = 20 if os.environ.get("GLASSHOUSE_TEST_SITUATIONS") else 2
LIMIT_S = 60  # of each tool

PAGE = """<!doctype html><title>Mine</title><p id=o></p><input aria-label=Name><a href=/file download>file</a>
<button onclick="document.cookie = 'who=' + name_() + '; max-age=999'; localStorage.who = name_(); sessionStorage.who = name_(); indexedDB.open('db-' + name_()).onsuccess = () => { o.textContent = 'kept ' + name_() }">Keep</button>
<button onclick="alert('alert of ' + name_())">Alert</button> <button onclick="window.open('/tab?' + name_())">Window</button>
<button onclick="indexedDB.databases().then(all => { o.textContent = [document.cookie, localStorage.who, sessionStorage.who, all.map(one => one.name)].join() })">Show</button>
<script>const name_ = () => document.querySelector('input').value</script>"""


async def live(bench: Any, site: Site, name: str) -> float:
    """One session's day; the longest that a call took, in seconds."""
    slowest = 0.0

    async def call(tool: str, **given: Any) -> str:
        nonlocal slowest
        begun = time.monotonic()
        result = await bench.call(f"browser_{tool}", session=name, **given)
        slowest = max(slowest, time.monotonic() - begun)
        text = "\n".join(block.text for block in result.content if hasattr(block, "text"))
        assert not result.is_error, text
        return text

    async def fill() -> None:
        await call("type", target="Name", text=name)

    assert "[1] textbox" in await call("goto", url=site.url("/"), read=True)
    await fill()
    kept = f"kept {name}"
    assert kept in await call("click", target="Keep") or "is on" in await call("wait", text=kept, seconds=20)
    assert f"alert 'alert of {name}' was closed." in await call("click", target="Alert")
    assert "Downloaded 'file.txt'" in await call("click", target="file")
    assert f"/tab?{name}" in await call("click", target="Window")
    assert "tab 2" in await call("tabs", action="close")
    await call("click", target="Show")
    await call("wait", text="who=", seconds=20)
    shown = await call("read")
    assert f"who={name},{name},{name},db-{name}" in shown
    await bench.sleep(name)
    assert "was asleep" in await call("read")
    await fill()
    await call("click", target="Show")
    await call("wait", text="who=", seconds=20)
    shown = await call("read")
    assert f"who={name},{name},{name},db-{name}" in shown
    return slowest


@pytest.mark.timeout(60 + 20 * SESSIONS)
async def test_many_sessions_side_by_side_keep_to_themselves(browser: Any, site: Site) -> None:
    site.pages |= {"/": PAGE, "/tab": "<h1>tab</h1>", "/file": (200, {"Content-Type": "text/plain"}, "x")}
    names = [f"sesn_{n:02}" for n in range(SESSIONS)]
    slowest = await asyncio.gather(*(live(browser.bench, site, name) for name in names))
    assert max(slowest) < LIMIT_S
    for name in names:
        last = [event.data for event in await browser.bench.events(name) if event.type == "browser.acted"][-1]
        assert [one["name"] for one in last["downloads"]] == ["file.txt"]
        assert [tab["id"] for tab in last["tabs"]] == [1]
