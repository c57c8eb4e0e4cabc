"""Glasshouse's browser tools against @playwright/mcp and raw Playwright: same Chromium, same pages, interleaved.

    python -m benchmarks.browser_vs_peers [--rounds 15] [--memory 20]

Prints a Markdown table: median and 95th percentile in ms, and the characters that the model gets. Pages are served on
loopback; before each call there is a pause, as a model makes one; @playwright/mcp is installed by npm into a temporary
folder. Absolute times depend on the machine: compare columns.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import async_playwright

from benchmarks.browser_sites import PAGES, listing, served, table
from glasshouse.catalog import catalog_of
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.store.sqlite import open_sqlite
from tools.browser import kit
from tools.browser.chromium import open_chromium
from tools.browser.settings import BrowserSettings

THINK_S = 0.15  # before each call: no model calls back to back, and what a tool does after its answer happens then
LINE_BYTES = 50_000_000  # one answer of @playwright/mcp on the table page is over a megabyte


class Tool(Protocol):
    """One of those that are compared. Each answers with the characters that a model would get."""

    name: str

    async def goto(self, url: str) -> int: ...

    async def read(self) -> int: ...

    async def goto_and_read(self, url: str) -> int: ...

    async def click(self) -> int: ...

    async def type(self, text: str) -> int: ...


class Glasshouse:
    """The kit as the server runs it: validated input, journalled events, a picture after each call."""

    name = "glasshouse"

    def __init__(self, kits: Kits) -> None:
        self._kits = kits
        self._calls = 0

    async def call(self, tool: str, *, session: str = "sesn_a", **given: Any) -> int:
        """One tool call; the length of its text. Raises RuntimeError when it failed."""
        self._calls += 1
        result = await self._kits.run(session, kit, kit.tools[tool], given, f"sevt_{self._calls}")
        text = "".join(getattr(block, "text", "") for block in result.content)
        if result.is_error:
            raise RuntimeError(text)
        return len(text)

    async def goto(self, url: str) -> int:
        return await self.call("browser_goto", url=url)

    async def read(self) -> int:
        return await self.call("browser_read")

    async def goto_and_read(self, url: str) -> int:
        return await self.call("browser_goto", url=url, read=True)

    async def click(self) -> int:
        return await self.call("browser_click", target="#more")

    async def type(self, text: str) -> int:
        return await self.call("browser_type", target="#who", text=text)


class Mcp:
    """@playwright/mcp over stdio."""

    name = "@playwright/mcp"

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._id = 0

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One JSON-RPC request."""
        self._id += 1
        assert self._process.stdin
        assert self._process.stdout
        request = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(await self._process.stdout.readline())
            if answer.get("id") == self._id:
                return dict(answer["result"])

    async def _tool(self, name: str, **arguments: Any) -> int:
        result = await self.call("tools/call", {"name": name, "arguments": arguments})
        text = "".join(block.get("text", "") for block in result["content"])
        if result.get("isError"):
            raise RuntimeError(text)
        return len(text)

    async def goto(self, url: str) -> int:
        return await self._tool("browser_navigate", url=url)

    async def read(self) -> int:
        return await self._tool("browser_snapshot")

    async def goto_and_read(self, url: str) -> int:
        return await self.goto(url) + await self.read()

    async def click(self) -> int:
        return await self._tool("browser_click", element="Count", target="#more")

    async def type(self, text: str) -> int:
        return await self._tool("browser_type", element="name", target="#who", text=text)


class Raw:
    """Playwright alone: what an own script would do; behind the kit's proxy it is the kit's floor."""

    def __init__(self, page: Any, name: str = "raw playwright") -> None:
        self._page = page
        self.name = name

    async def goto(self, url: str) -> int:
        await self._page.goto(url, wait_until="domcontentloaded")
        return 0

    async def read(self) -> int:
        return len(await self._page.aria_snapshot(mode="ai", timeout=120_000))

    async def goto_and_read(self, url: str) -> int:
        return await self.goto(url) + await self.read()

    async def click(self) -> int:
        await self._page.click("#more")
        return 0

    async def type(self, text: str) -> int:
        await self._page.fill("#who", text)
        return 0


class RawText(Raw):
    """Playwright alone, with the page's plain text instead of a snapshot."""

    async def read(self) -> int:
        return len(await self._page.inner_text("body"))


@contextlib.asynccontextmanager
async def glasshouse(folder: Path, port: int) -> AsyncIterator[Glasshouse]:
    """Glasshouse's kit on a real store."""
    settings = BrowserSettings(allow=(f"127.0.0.1:{port}",))
    async with open_sqlite(folder / "data") as store:
        kits = Kits(catalog_of(kit), Log(store), {kit.name: settings})
        try:
            yield Glasshouse(kits)
        finally:
            await kits.close()


@contextlib.asynccontextmanager
async def mcp(folder: Path) -> AsyncIterator[Mcp]:
    """@playwright/mcp, installed when it is not there."""
    package = folder / "node_modules" / "@playwright" / "mcp" / "cli.js"
    if not package.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "@playwright/mcp@latest"]
        await asyncio.to_thread(subprocess.run, command, cwd=folder, check=True)
    process = await asyncio.create_subprocess_exec(
        *("node", str(package), "--headless", "--isolated", "--no-sandbox"),
        *("--executable-path", BrowserSettings().chromium(), "--viewport-size", "1280x800"),
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, limit=LINE_BYTES,
    )  # fmt: skip
    tool = Mcp(process)
    about = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    info = await tool.call("initialize", about)
    print(f"@playwright/mcp on Playwright {info['serverInfo']['version']}")
    assert process.stdin
    process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    try:
        yield tool
    finally:
        process.stdin.close()
        await process.wait()


@contextlib.asynccontextmanager
async def raw(made: type[Raw] = Raw, name: str = "raw playwright") -> AsyncIterator[Raw]:
    """A page of raw Playwright."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=BrowserSettings().chromium(), chromium_sandbox=os.getuid() != 0
        )
        try:
            yield made(await browser.new_page(viewport={"width": 1280, "height": 800}), name)
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def raw_by_proxy(port: int) -> AsyncIterator[Raw]:
    """A page of raw Playwright in the kit's own Chromium, behind its proxy."""
    settings = BrowserSettings(allow=(f"127.0.0.1:{port}",))
    async with open_chromium(settings) as chromium, chromium.room(viewport={"width": 1280, "height": 800}) as room:
        yield Raw(await room.context.new_page(), "raw, same proxy")


@dataclass
class Figures:
    """Times in ms and characters, by page, operation and tool."""

    times: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    characters: dict[tuple[str, str, str], int] = field(default_factory=dict)

    async def measure(self, page: str, operation: str, tool: Tool, work: Callable[[], Awaitable[int]]) -> None:
        await asyncio.sleep(THINK_S)
        start = time.perf_counter()
        characters = await work()
        key = (page, operation, tool.name)
        self.times[key].append((time.perf_counter() - start) * 1000)
        self.characters[key] = characters

    def rows(self, tools: list[Tool]) -> Iterator[str]:
        """The Markdown table: times, and how the first tool compares with each other one."""
        names = [tool.name for tool in tools]
        yield (
            "| page | operation | "
            + " | ".join(f"{name}: ms (p95), characters" for name in names)
            + " | ratio, ms | characters |"
        )
        yield "|---|---|" + "---:|" * (len(names) + 2)
        for page, operation in dict.fromkeys((page, operation) for page, operation, _ in self.times):
            cells, medians, sizes = [], [], []
            for name in names:
                taken = sorted(self.times[page, operation, name])
                medians.append(statistics.median(taken))
                sizes.append(self.characters[page, operation, name])
                p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
                cells.append(f"{medians[-1]:,.0f} ({p95:,.0f}), {sizes[-1]:,}")
            ratios = " / ".join(f"{medians[0] / other:.2f}" for other in medians[1:])
            share = f"{sizes[0] / sizes[1]:.3f}" if sizes[1] else "–"
            yield f"| {page} | {operation} | " + " | ".join(cells) + f" | {ratios} | {share} |"


async def compare(rounds: int, port: int, tools: list[Tool]) -> Figures:
    """All operations of all tools, interleaved; the largest page, a quarter of a minute each time, gets a third."""
    figures = Figures()
    for tool in tools:
        await tool.goto(f"http://127.0.0.1:{port}/form.html")  # cold starts are not compared
    for page in ("form.html", "frames.html", "listing.html", "table.html"):
        for i in range(max(3, rounds // 3) if page == "table.html" else rounds):
            for tool in tools[i % len(tools) :] + tools[: i % len(tools)]:
                url = f"http://127.0.0.1:{port}/{page}"
                await figures.measure(page, "navigate", tool, partial(tool.goto, url))
                await figures.measure(page, "read", tool, tool.read)
                await figures.measure(page, "navigate and read", tool, partial(tool.goto_and_read, url))
                if page == "form.html":
                    await figures.measure(page, "click", tool, tool.click)
                    await figures.measure(page, "type", tool, partial(tool.type, f"Ann {i}"))
    return figures


SHARED = ("/dev/", "/memfd:", "/SYSV")  # memory, not files
GONE_S = 7  # Chromium ends three seconds after the last session has left it


def tree_memory(root: int) -> float:
    """Memory of a process and all its descendants, in MB: what is their own, and of each file they map the most that
    one of them holds.

    Not their proportional set size: that is smaller while others on the machine run the same Chromium.
    """
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parts = stat.read_text().rpartition(")")[2].split()
            children[int(parts[1])].append(int(stat.parent.name))
    own, files, todo = 0, defaultdict[str, int](int), [root]
    while todo:
        pid = todo.pop()
        todo.extend(children[pid])
        with contextlib.suppress(OSError):
            total = fields(Path(f"/proc/{pid}/smaps_rollup").read_text())
            own += total["Pss_Anon"] + total["Pss_Shmem"]  # shared within the tree alone
            for name, size in mapped_files(Path(f"/proc/{pid}/smaps").read_text()).items():
                files[name] = max(files[name], size)
    return (own + sum(files.values())) / 1024


def fields(text: str) -> dict[str, int]:
    """The fields of a mapping, or of all, in KB."""
    return {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", text, re.M)}


def mapped_files(smaps: str) -> dict[str, int]:
    """What a process holds of the files it maps, without what it has written there, in KB."""
    files = defaultdict[str, int](int)
    for path, text in re.findall(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ [1-9]\d* +(/\S*).*\n((?:\w+: .*\n)+)", smaps, re.M):
        if not path.startswith(SHARED):
            found = fields(text)
            files[path] += found["Rss"] - found["Anonymous"]
    return files


async def memory(port: int, folder: Path, sessions: int) -> None:
    """Memory of sessions that are open, and of the same ones asleep."""
    me = os.getpid()
    async with glasshouse(folder, port) as tool:
        await tool.call("browser_goto", session="sesn_0", url=f"http://127.0.0.1:{port}/form.html")
        await asyncio.sleep(1)
        one = tree_memory(me)
        await tool._kits.sleep("sesn_0")
        await asyncio.sleep(GONE_S)
        one_asleep = tree_memory(me)
        await tool.call("browser_read", session="sesn_0")
        for i in range(1, sessions):
            await tool.call("browser_goto", session=f"sesn_{i}", url=f"http://127.0.0.1:{port}/form.html")
        await asyncio.sleep(1)
        many = tree_memory(me)
        for i in range(sessions):
            await tool._kits.sleep(f"sesn_{i}")
        await asyncio.sleep(GONE_S)
        asleep = tree_memory(me)
        start = time.perf_counter()
        await tool.call("browser_read", session="sesn_1")
        woken = (time.perf_counter() - start) * 1000
    print(
        f"\nMemory of the whole process tree: 1 session {one:,.0f} MB (asleep {one_asleep:,.0f} MB),"
        f" {sessions} sessions {many:,.0f} MB:"
        f" {(many - one) / (sessions - 1):,.0f} MB a session; all asleep {asleep:,.0f} MB:"
        f" {(asleep - one_asleep) / (sessions - 1):,.1f} MB a session. Waking one: {woken:,.0f} ms."
    )


def lay_out(site: Path) -> None:
    """Copy the shipped pages."""
    for page in PAGES.iterdir():
        (site / page.name).write_text(page.read_text())


async def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15, help="0 leaves the comparison out")
    parser.add_argument(
        "--memory", type=int, default=0, metavar="SESSIONS", help="measure the memory of so many as well"
    )
    options = parser.parse_args()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glasshouse-bench-")))
        site = folder / "site"
        site.mkdir()
        lay_out(site)
        (site / "listing.html").write_text(listing())
        (site / "table.html").write_text(table())
        port = stack.enter_context(served(site))
        if options.rounds:
            tools: list[Tool] = [
                await stack.enter_async_context(glasshouse(folder, port)),
                await stack.enter_async_context(mcp(folder)),
                await stack.enter_async_context(raw()),
                await stack.enter_async_context(raw(RawText, "raw, plain text")),
                await stack.enter_async_context(raw_by_proxy(port)),
            ]
            figures = await compare(options.rounds, port, tools)
            print("\n".join(figures.rows(tools)))
        if options.memory:
            await memory(port, folder / "memory", options.memory)


if __name__ == "__main__":
    asyncio.run(main())
