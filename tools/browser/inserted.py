"""What a frame, an `object` or an `embed` shows that is no HTML: a PDF, a picture, a sound, a film, in lines."""

import asyncio
import json
from dataclasses import dataclass

from playwright.async_api import Frame

from tools.browser.media import media_line
from tools.browser.paper.reading import KIND, matches, paper_of

ADDRESS = 1000  # characters
PAPERS = 2  # PDFs without an address that are read in one reading of a page
PAPER_S = 4.0  # for each; a call has 15 s


@dataclass
class Budget:
    """What is left of the characters and frames of one reading, and how many PDFs were read."""

    characters: int
    frames: int
    papers: int = 0

    @property
    def spent(self) -> bool:
        return self.characters <= 0

    def take(self, line: str) -> None:
        self.characters -= len(line) + 1


async def inserted(frame: Frame, kind: str, query: str | None, budget: Budget) -> list[str]:
    """What to say of the document of that kind in the frame; nothing where it is text."""
    if kind == KIND:
        lines = await _paper(frame, query, budget)
    elif not query and kind.partition("/")[0] not in ("text", "application"):
        sentence = await media_line(frame.evaluate, kind)
        lines = [sentence] if sentence else []
    else:
        return []
    for line in lines:
        budget.take(line)
    return lines


async def _paper(frame: Frame, query: str | None, budget: Budget) -> list[str]:
    """A PDF that has an address is read there; one that a script has made (`blob:`, `data:`) here, or never."""
    done = "was not searched" if query else "is not read here"
    if frame.url.startswith(("http:", "https:")):
        address = json.dumps(frame.url[:ADDRESS], ensure_ascii=False)
        return [f'A PDF, which {done}: browser_goto {{"url": {address}}} gives its text.']
    budget.papers += 1
    try:
        async with asyncio.timeout(PAPER_S if budget.papers <= PAPERS else 0):
            paper = await paper_of(frame.evaluate)
    except TimeoutError:
        return [f"A PDF, which {done}: browser_screenshot shows it."]
    return matches(paper.lines, query) if query else list(paper.lines)
