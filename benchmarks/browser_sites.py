"""The pages that the browser's benchmarks are run on, and a server of them on loopback."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent / "browser_pages"
WORDS = ["amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"]


def listing(count: int = 500) -> str:
    """A page like a forum's front page: `count` items of seven links each."""
    items = []
    for i in range(count):
        word = WORDS[i % 10]
        links = " | ".join(f'<a href="#{kind}{i}">{kind}</a>' for kind in ("author", "time", "hide", "comments"))
        story = f'<a href="https://site{i}.test/{word}">The {word} story of number {i} and what came of it</a>'
        items.append(
            f'<tr><td>{i + 1}.</td><td><a href="#up{i}">▲</a></td><td>{story} (<a href="#s{i}">site{i}.test</a>)'
            f"<br><small>{i * 7 % 400} points by {links}</small></td></tr>"
        )
    return f"<!doctype html><title>Listing</title><table>{''.join(items)}</table><a href='#more'>More</a>"


def table(rows: int = 5000) -> str:
    """A table of six columns."""
    lines = [
        f"<tr><td>{i}</td><td>{WORDS[i % 10]} {i}</td><td>{i * 37 % 9973}</td><td>2026-0{i % 9 + 1}-1{i % 10}</td>"
        f"<td>{'open' if i % 3 else 'closed'}</td></tr>"
        for i in range(rows)
    ]
    head = "<tr><th>Id</th><th>Name</th><th>Amount</th><th>Date</th><th>State</th></tr>"
    return f"<!doctype html><title>Table</title><h1>Orders</h1><table>{head}{''.join(lines)}</table>"


@contextlib.contextmanager
def served(folder: Path) -> Iterator[int]:
    """The folder on a free loopback port."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
