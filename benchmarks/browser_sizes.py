"""How long browser_read takes against how large the page is: it should grow with what is returned, not with the page.

    python -m benchmarks.browser_sizes [--rounds 9]

Prints a Markdown table. The pages are served on loopback; before each call there is a pause, as a model makes one.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.browser_sites import WORDS, served
from benchmarks.browser_vs_peers import glasshouse

SIZES = (500, 5_000, 20_000, 100_000)  # elements
THINK_S = 0.6  # before each call: the picture after the one before is taken then, which takes longer on large pages


def page(elements: int) -> str:
    """Paragraphs of three elements: a text, a link, a word that stands out."""
    lines = [f"<p>{WORDS[i % 10]} {i} <a href='#{i}'>open {i}</a> <b>new</b></p>" for i in range(elements // 3)]
    return f"<!doctype html><title>Size</title><h1>{elements:,} elements</h1>{''.join(lines)}"


async def main() -> None:
    """Read pages of all sizes and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as site, served(Path(site)) as port:
        for size in SIZES:
            (Path(site) / f"{size}.html").write_text(page(size))
        print("| elements | characters | read, ms (least) | first 200 characters, ms (least) |\n|---:|---:|---:|---:|")
        async with glasshouse(Path(data), port) as tool:
            for size in SIZES:
                await tool.goto(f"http://127.0.0.1:{port}/{size}.html")
                cells = []
                for most in (12_000, 200):
                    spent = []
                    for _ in range(options.rounds):
                        await asyncio.sleep(THINK_S)
                        begun = time.perf_counter()
                        count = await tool.call("browser_read", max_chars=most)
                        spent.append((time.perf_counter() - begun) * 1000)
                    cells.append((count, f"{statistics.median(spent):.0f} ({min(spent):.0f})"))
                print(f"| {size:,} | {cells[0][0]:,} | {cells[0][1]} | {cells[1][1]} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
