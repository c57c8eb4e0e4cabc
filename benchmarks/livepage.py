"""What an edit of a live page costs: time by page size, bytes to a viewer, and reading a page back after a restart.

Run: python -m benchmarks.livepage
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasshouse.log import Log
from glasshouse.store.sqlite import open_sqlite
from glasshouse.web.audience import encode_patch
from tests.conftest import Workbench
from tools.livepage import kit
from tools.livepage.changes import Change
from tools.livepage.sharing import patch

EDITS = 200
SIZES = {"2 KB": 20, "50 KB": 480, "1 MB": 9_600}


def document(blocks: int) -> str:
    """A page of so many blocks of about 104 characters."""
    block = '<div class="c" id="d{n}"><p>text {n} <b>bold</b> more text here</p><ul><li>a</li><li>b</li></ul></div>'
    body = "".join(block.format(n=n) for n in range(blocks))
    return f"<!DOCTYPE html><title>t</title><main id=main>{body}</main><table><tbody id=rows></tbody></table>"


def edits(blocks: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Edits spread over the page."""
    for n in range(EDITS):
        at = f"#d{(n * 7919) % blocks}"
        yield [
            ("page_set_html", {"selector": f"{at} p", "html": f"edit <b>{n}</b>"}),
            ("page_add_block", {"anchor": "#rows", "position": "append", "html": f"<tr><td>{n}</td></tr>"}),
            ("page_set_attr", {"selector": at, "name": "title", "value": str(n)}),
            ("page_add_block", {"anchor": f"{at} li:last-child", "position": "after", "html": f"<li>{n}</li>"}),
        ][n % 4]


async def measure(name: str, blocks: int) -> None:
    """Print one line."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder)) as store:
            bench = Workbench(kit, Log(store), None)
            await bench.call("page_replace", html=document(blocks))
            times, cpu = [], []
            for tool, given in edits(blocks):
                started, worked = time.perf_counter(), time.process_time()
                result = await bench.call(tool, **given)
                times.append((time.perf_counter() - started) * 1e3)
                cpu.append((time.process_time() - worked) * 1e3)
                assert not result.is_error, result
            extra = [_overhead(event) for event in (await bench.events())[1:]]
            await bench.crash()
            started = time.perf_counter()
            await bench.call("page_get", selector="title")
            restored = (time.perf_counter() - started) * 1e3
            await bench.close()
    times.sort()
    print(
        f"{name:>6}: edit {statistics.median(times):.2f} ms median, {times[int(0.95 * EDITS)]:.2f} p95,"
        f" {times[-1]:.1f} max,"
        f" {statistics.mean(times):.2f} mean; CPU {statistics.median(cpu):.2f} median, {statistics.mean(cpu):.2f} mean;"
        f" beside its own HTML {max(extra)} bytes at most; restored in {restored:.0f} ms"
    )


def _overhead(event: object) -> int:
    found = patch(event)  # type: ignore[arg-type]
    assert found is not None
    assert found.data is not None
    own = sum(len(Change.from_json(change).html.encode()) for change in found.data["changes"])
    return len(encode_patch(found)) - own


async def main() -> None:
    """All sizes."""
    for name, blocks in SIZES.items():
        await measure(name, blocks)


if __name__ == "__main__":
    asyncio.run(main())
