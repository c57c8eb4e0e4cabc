"""The text of the PDF that a tab shows, line by line with marks between its pages, or a sentence why there is none."""

import asyncio
import base64
import contextlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError

WORKER = Path(__file__).parent / "worker.py"
KIND = "application/pdf"
BYTES = 25_000_000  # of a PDF that is read
CHARACTERS = 3_000_000  # of its text
FETCH_S = 4  # for the bytes, which Chromium mostly has in its cache
READ_S = 6  # for the text: what is there by then is told
PICTURE = "browser_screenshot shows the page that is in view"
FETCH_JS = """async (most) => {
  const answer = await fetch(location.href, { cache: 'force-cache', credentials: 'include' });
  if (!answer.ok) return null;
  const reader = answer.body.getReader();
  const parts = [];
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    if ((size += value.length) > most) { reader.cancel(); return 'large'; }
  }
  const url = await new Promise((done) => {
    const file = new FileReader();
    file.onload = () => done(file.result);
    file.readAsDataURL(new Blob(parts));
  });
  return url.slice(url.indexOf(',') + 1);
}"""
PROBLEMS = {
    "large": "The PDF is too large to be read as text",
    "encrypted": "The PDF is encrypted with a password, so its text cannot be read",
    "broken": "The PDF is broken, so its text cannot be read",
    "missing": "The PDF could not be loaded once more to read its text",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """The text of a PDF."""

    title: str
    lines: tuple[str, ...]
    late: bool = False  # there is more, for which there was no time or no room
    portion: int = 100  # percent of its pages that were read


async def paper_of(alone: Any) -> Paper:
    """Read the PDF that is shown; `alone(function, given)` runs a function in its document."""
    try:
        async with asyncio.timeout(FETCH_S):
            found = await alone(FETCH_JS, BYTES)
    except (TimeoutError, PlaywrightError):
        found = None
    if found is None or found == "large":
        return Paper("", (f"{PROBLEMS[found or 'missing']}; {PICTURE}.",))
    return told(await extracted(base64.b64decode(found)))


async def extracted(data: bytes) -> list[dict[str, Any]]:
    """What the worker says of a PDF."""
    command = (sys.executable, "-I", str(WORKER), str(READ_S), str(CHARACTERS))
    process = await asyncio.create_subprocess_exec(
        *command, env={}, cwd="/", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, limit=8 * CHARACTERS,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    facts: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(READ_S):
            process.stdin.write(data)
            with contextlib.suppress(ConnectionError):
                await process.stdin.drain()
            process.stdin.close()
            async for line in process.stdout:
                facts.append(json.loads(line))
    except TimeoutError:
        facts.append({"problem": "late"})
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
    return facts


def told(facts: list[dict[str, Any]]) -> Paper:
    """The lines of what the worker said."""
    about: dict[str, Any] = next((fact for fact in facts if "pages" in fact), {})
    problem = next((fact["problem"] for fact in facts if "problem" in fact), None)
    texts = [fact["text"].strip() for fact in facts if "text" in fact]
    count = about.get("pages", 0)
    if not any(texts):
        if problem == "late" or (count and len(texts) < count):
            problem = problem if problem in PROBLEMS else "large"
        elif about and not problem:
            pages = "1 page" if count == 1 else f"{count} pages"
            return Paper(about["title"], (f"The PDF has {pages} without any text: scanned, or drawn; {PICTURE}.",))
        return Paper(about.get("title", ""), (f"{PROBLEMS.get(problem or 'broken', PROBLEMS['broken'])}; {PICTURE}.",))
    lines: list[str] = []
    for number, text in enumerate(texts, start=1):
        lines.append(f"— page {number} of {count} —")
        lines.extend(line.rstrip() for line in text.splitlines() if line.strip())
    late = len(texts) < count
    return Paper(about["title"], tuple(lines), late, max(1, 100 * len(texts) // count) if late else 100)


def matches(lines: tuple[str, ...], query: str) -> list[str]:
    """The lines with the text, their neighbours, and the marks of their pages."""
    wanted = " ".join(query.split()).lower()
    near: set[int] = set()
    mark = 0
    for i, line in enumerate(lines):
        if line.startswith("— page "):
            mark = i
        if wanted in " ".join(line.split()).lower():
            near.update({mark, max(i - 1, mark), i, min(i + 1, len(lines) - 1)})
    shown = sorted(near)
    found: list[str] = []
    for at, i in enumerate(shown):
        if at and i > shown[at - 1] + 1:
            found.append("…")
        found.append(lines[i])
    return found
