"""Chromium in a network namespace of its own: nothing but the proxy is in there, and it is gone with its Chromium."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.async_api import Error as PlaywrightError

from glasshouse.errors import SettingError
from glasshouse.tool import ToolError
from tests.browser.conftest import Site
from tests.conftest import LEAN
from tools.browser import namespace, network
from tools.browser.chromium import Chromium, open_chromium
from tools.browser.engine import Engine
from tools.browser.network import guards
from tools.browser.settings import BrowserSettings

NOBODY = 65534
OUR_NETWORK = os.readlink("/proc/self/ns/net") if sys.platform == "linux" else ""


def _has_namespaces() -> bool:
    try:
        asyncio.run(namespace.try_out())
    except namespace.NamespaceError:
        return False
    return True


pytestmark = pytest.mark.skipif(not _has_namespaces(), reason="this machine gives no network namespaces")


def chromiums(of: psutil.Process | None = None) -> list[psutil.Process]:
    """The kit's Chromium processes below a process, this one if none is named; not that of the page's own tests."""
    found = []
    for child in (of or psutil.Process()).children():
        family = [child, *child.children(recursive=True)]
        if not any(LEAN[-1] in _line(process) for process in family):
            found += [process for process in family if "chrom" in "".join(_line(process)[:1])]
    return found


def _line(process: psutil.Process) -> list[str]:
    """Its command line; of one that has ended, none."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


async def gone(processes: list[psutil.Process]) -> None:
    """Return when all have ended."""
    await asyncio.to_thread(psutil.wait_procs, processes, 10)
    assert [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


@contextlib.asynccontextmanager
async def own_chromium(**settings: Any) -> AsyncIterator[tuple[Chromium, list[psutil.Process]]]:
    """A Chromium beside that of the other tests, and its processes."""
    before = set(chromiums())
    async with open_chromium(BrowserSettings(**settings)) as chromium:
        await chromium.browser()
        yield chromium, [process for process in chromiums() if process not in before]


def network_of(process: psutil.Process) -> dict[str, list[str]]:
    """What a process' network has: interfaces, ways out, listening ports."""
    proc = Path(f"/proc/{process.pid}/net")
    lines = {name: (proc / name).read_text().splitlines() for name in ("dev", "route", "ipv6_route", "tcp", "tcp6")}
    sockets = [line.split() for line in [*lines["tcp"][1:], *lines["tcp6"][1:]]]
    return {
        "interfaces": [line.split(":")[0].strip() for line in lines["dev"][2:]],
        "ways out": [*lines["route"][1:], *(line for line in lines["ipv6_route"] if not line.endswith(" lo"))],
        "listening": [words[1] for words in sockets if words[3] == "0A"],
    }


async def test_its_network_has_nothing_but_a_loopback_and_the_proxy_s_port(browser: Any) -> None:
    await browser.open("<h1>page</h1>")
    ours = chromiums()
    assert len(ours) >= 4
    for process in ours:
        assert os.readlink(f"/proc/{process.pid}/ns/net") != OUR_NETWORK
        found = network_of(process)
        assert found["interfaces"] == ["lo"]
        assert found["ways out"] == []
        assert set(found["listening"]) <= {f"00000000:{namespace.PORT:04X}"}


async def test_a_page_that_got_past_the_proxy_would_still_reach_nothing(engine: Engine, forbidden: Site) -> None:
    browser = await engine.browser()
    context = await browser.new_context(proxy={"server": "direct://"})  # what no page can ask for
    try:
        page = await context.new_page()
        for url in (forbidden.url("/"), f"http://localhost:{forbidden.port}/", "http://127.77.0.2:80/"):
            with pytest.raises(PlaywrightError, match="net::ERR"):
                await page.goto(url, timeout=5000)
    finally:
        await context.close()
    assert forbidden.connections == 0


async def test_sessions_have_doors_of_their_own(engine: Engine, site: Site) -> None:
    site.pages["/"] = "<h1>page</h1>"
    here = Chromium(BrowserSettings(allow=(site.host,)), engine)
    there = Chromium(BrowserSettings(), engine)
    async with here.room() as one, there.room() as other:
        assert one.door.host != other.door.host
        statuses = []
        for room in (one, other):
            page = await room.context.new_page()
            answer = await page.goto(site.url("/"))
            statuses.append(answer.status if answer else None)
        assert statuses == [200, 403]
        assert not one.door.refusals
        assert [refusal.host for refusal in other.door.take_refusals()] == ["127.0.0.1"]


async def test_nothing_is_left_of_a_chromium_that_was_closed_or_killed() -> None:
    others = chromiums()
    async with own_chromium() as (chromium, first):
        first[0].kill()
        await gone(first)
        async with chromium.room() as room:  # another one, in another namespace
            page = await room.context.new_page()
            second = [process for process in chromiums() if process not in {*first, *others}]
            assert second
            assert await page.title() == ""
    await gone([*first, *second])


async def test_a_driver_that_is_killed_takes_its_chromium_with_it() -> None:
    before = psutil.Process().children()
    async with own_chromium() as (_, processes):
        [driver] = [process for process in psutil.Process().children() if process not in before]
        main = next(process for process in processes if process.ppid() == driver.pid)
        driver.kill()
        await gone([main])
        await gone(processes)


async def test_it_starts_no_renderers_ahead_and_keeps_what_playwright_switches_off() -> None:
    async with own_chromium() as (_, processes):
        main = next(line for line in map(_line, processes) if not any(one.startswith("--type=") for one in line))
        switches = [one for one in main if one.startswith("--disable-features=")]
        off = switches[-1].partition("=")[2].split(",")  # only the last one counts
        assert {"SpareRendererForSitePerProcess", "PaintHolding"} <= set(off)


async def test_as_root_it_has_a_sandbox_in_there_and_says_so(engine: Engine) -> None:
    await engine.browser()
    assert engine.network.held == {"network": "network and user namespace", "sandbox": "on"}
    renderers = [process for process in chromiums() if "--type=renderer" in process.cmdline()]
    for process in renderers:
        assert os.readlink(f"/proc/{process.pid}/ns/pid") != os.readlink("/proc/self/ns/pid")
        assert "--no-sandbox" not in process.cmdline()


async def test_what_holds_is_told_before_and_after_it_runs(browser: Any) -> None:
    kits = browser.bench._kits
    assert await kits.guards() == {"browser": {"network": "network and user namespace"}}
    await browser.open("<h1>page</h1>")
    assert await kits.guards() == {"browser": {"network": "network and user namespace", "sandbox": "on"}}


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that gives none."""
    launcher = tmp_path / "launcher.sh"
    launcher.write_text("#!/bin/sh\necho 'no network namespace: [Errno 1] Operation not permitted' >&2\nexit 1\n")
    launcher.chmod(0o755)
    monkeypatch.setattr(network, "LAUNCHER", launcher)
    (tmp_path / "launcher.py").write_text("import sys\nsys.exit('no network namespace: [Errno 1] not permitted')\n")
    monkeypatch.setattr(namespace, "HERE", tmp_path)


@pytest.mark.usefixtures("no_namespaces")
async def test_without_namespaces_the_proxy_and_flags_hold_and_that_is_said(
    site: Site, forbidden: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.pages["/"] = f"<h1>page</h1><img src={forbidden.url('/img')}>"
    with caplog.at_level(logging.WARNING):
        async with open_chromium(BrowserSettings(allow=(site.host,))) as chromium, chromium.room() as room:
            page = await room.context.new_page()
            answer = await page.goto(site.url("/"))
            assert answer
            assert answer.ok
            held = await guards(chromium.settings, chromium.engine.network)
    assert held["network"] == "proxy by flags: [Errno 1] Operation not permitted"
    assert "less guarded" in caplog.text
    assert forbidden.connections == 0


@pytest.mark.usefixtures("no_namespaces")
async def test_where_the_operator_requires_a_namespace_nothing_is_started_without() -> None:
    required = BrowserSettings(require_namespace=True)
    with pytest.raises(SettingError, match=r"GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE is set, but \[Errno 1\] not permit"):
        await guards(required, None)
    async with open_chromium(required) as chromium:
        with pytest.raises(ToolError, match="GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE"):
            async with chromium.room():
                pass


async def test_what_is_to_be_had_is_known_before_anything_runs(caplog: pytest.LogCaptureFixture) -> None:
    assert await guards(BrowserSettings(require_namespace=True), None) == {"network": "network and user namespace"}
    remote = await guards(BrowserSettings(cdp="http://127.0.0.1:1"), None)
    assert remote["network"].startswith("proxy asked for by CDP, not enforced")
    assert "not in a network namespace (Chromium is reached by CDP)" in caplog.text
    with pytest.raises(SettingError, match="CDP"):
        await guards(BrowserSettings(cdp="http://127.0.0.1:1", require_namespace=True), None)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
async def test_a_plain_user_gets_a_namespace_too() -> None:
    become = (
        "import ctypes, fcntl, os, signal, socket, struct, sys; launcher = sys.argv[1];"
        "code = compile(open(launcher).read(), launcher, 'exec');"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); ctypes.CDLL(None).prctl(4, 1);"
        "sys.argv[1:] = ['try'];"
        "exec(code, {'__name__': '__main__'})"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", become, str(namespace.HERE / "launcher.py")),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert said.decode().strip() == "network and user namespace"
