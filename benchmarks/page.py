"""What the page costs the people who watch: a real server, a real agent's tools, and a real Chromium that looks.

Out: a table of figures with their targets. Run: python -m benchmarks.page [weighing opening …]
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, time

from playwright.async_api import Browser, BrowserContext, async_playwright

from benchmarks.page_house import EVENTS, LAST, LONG, TOKEN, House, open_house
from glasshouse.emulator import SessionHandle
from glasshouse.events import now

CLICKS, OPENINGS, KEYS, WATCH_S, IDLE_S, SIZINGS = 15, 5, 60, 4, 10, 5
WHEN_SEEN = """(last) => {
    const look = () => {
        const cards = document.querySelectorAll(".item");
        if (cards.length && cards[cards.length - 1].textContent.includes(last))
            setTimeout(() => (window.seenAt = performance.now()));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
SCROLL = """async (ms) => {
    const box = document.querySelector(".scroll"), gaps = [];
    const start = performance.now();
    for (let last = start; last - start < ms; ) {
        box.scrollTop -= 40;
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - last);
        last = now;
    }
    return gaps.slice(2);
}"""
KEY_LATENCY = """() => {
    window.keys = [];
    document.querySelector(".composer textarea").addEventListener("keydown", (event) =>
        requestAnimationFrame(() => setTimeout(() => keys.push(performance.now() - event.timeStamp))), true);
}"""
NOTE_FRAMES = """() => {
    window.painted = [];
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...given) {
        draw.apply(this, given);
        const [red] = this.getImageData(this.canvas.width / 2, this.canvas.height / 2, 1, 1).data;
        const note = () => painted.push([performance.timeOrigin + performance.now(), red > 128]);
        requestAnimationFrame(() => setTimeout(note));
    };
}"""


@dataclass(frozen=True)
class Figure:
    """One line of the table; `limit` is the most that is good, in the figure's own unit."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def missed(self) -> bool:
        return self.limit is not None and self.value > self.limit

    def line(self) -> str:
        verdict = "" if self.limit is None else "MISSED" if self.missed else "ok"
        limit = "" if self.limit is None else f"≤ {self.limit:g} {self.unit}"
        return f"{self.name:<58}{self.value:>10.1f} {self.unit:<5}{limit:>14}  {verdict}"


async def opening(house: House, chromium: Browser) -> list[Figure]:
    """From the start of the navigation until the last of the events is drawn."""
    times = []
    context = await signed_in(house, chromium)
    for _ in range(OPENINGS):
        page = await context.new_page()
        await page.add_init_script(f"({WHEN_SEEN})({LAST!r})")
        await page.goto(f"{house.url}/s/{LONG}", wait_until="commit")
        times.append(float(await (await page.wait_for_function("() => window.seenAt", timeout=30_000)).json_value()))
        await page.close()
    name = f"open {EVENTS:,} events until the last is drawn"
    return [
        Figure(f"{name}, cold", times[0], "ms", 1_000),
        Figure(f"{name}, median", statistics.median(times), "ms", 1_000),
    ]


async def scrolling(house: House, chromium: Browser) -> list[Figure]:
    """Up through the long session, 40 pixels a frame."""
    page = await (await signed_in(house, chromium)).new_page()
    await page.goto(f"{house.url}/s/{LONG}")
    await page.get_by_text(LAST).first.wait_for()
    gaps = sorted(await page.evaluate(SCROLL, 5_000))
    return [
        Figure("scroll: time between frames, median", statistics.median(gaps), "ms", 17),
        Figure("scroll: time between frames, 95 %", gaps[int(len(gaps) * 0.95)], "ms", 34),
    ]


async def typing(house: House, chromium: Browser) -> list[Figure]:
    """Keys pressed while the API tells of 50 messages a second; until the frame that shows the letter."""
    page = await (await signed_in(house, chromium)).new_page()
    await page.goto(f"{house.url}/s/{house.session.id}")
    box = page.get_by_label("Message", exact=True)
    await box.click()
    await page.evaluate(KEY_LATENCY)
    told = asyncio.ensure_future(_tell(house.session, KEYS * 0.08 + 0.5))
    for n in range(KEYS):
        await page.keyboard.press("abcdefgh "[n % 9])
        await asyncio.sleep(0.06)
    count = await told
    await page.get_by_text(f"Message {count - 1} ").wait_for()
    assert len(await box.input_value()) == KEYS, "letters were lost"
    keys = sorted(await page.evaluate("keys"))
    await page.context.close()
    return [
        Figure("typing at 50 events/s: key to frame, median", statistics.median(keys), "ms", 50),
        Figure("typing at 50 events/s: key to frame, 95 %", keys[int(len(keys) * 0.95)], "ms", 100),
    ]


async def _tell(session: SessionHandle, seconds: float) -> int:
    begun, count = perf_counter(), 0
    while (passed := perf_counter() - begun) < seconds:
        while count < passed * 50:
            text = f"Message {count} with **words** and `code`"
            session.emit("agent.message", content=[{"type": "text", "text": text}], processed_at=now())
            count += 1
        await asyncio.sleep(0.02)
    return count


async def clicking(house: House, chromium: Browser) -> list[Figure]:
    """From the moment the page hears the agent's click until the viewer's canvas has the page as it is then."""
    page = await (await signed_in(house, chromium)).new_page()
    await page.add_init_script(f"({NOTE_FRAMES})()")
    await house.session.call("browser_goto", url=f"{house.site}/clicked")
    await page.goto(f"{house.url}/s/{house.session.id}")
    await page.wait_for_function("() => painted.some(([, red]) => !red)")
    waits, after = [], []
    for n in range(CLICKS):
        await page.evaluate("painted.length = 0")
        answer = await house.session.call("browser_click", target="button")
        assert not answer.is_error, answer.text
        ended = time() * 1000
        seen = await page.wait_for_function("(red) => painted.find((one) => one[1] === red)?.[0]", arg=n % 2 == 0)
        at = float(await seen.json_value())
        waits.append(at - house.heard[-1])
        after.append(at - ended)
    await page.context.close()
    assert len(house.heard) == CLICKS
    return [
        Figure("click: the page's own event to the viewer's screen, median", statistics.median(waits), "ms", 150),
        Figure("click: the page's own event to the viewer's screen, worst", max(waits), "ms"),
        Figure("click: end of the call to the viewer's screen, median", statistics.median(after), "ms", 150),
    ]


async def audience(house: House, chromium: Browser) -> list[Figure]:
    """A page that changes 20 times a second, watched by one viewer and by ten."""
    await house.session.call("browser_goto", url=f"{house.site}/moving")
    taken = []
    for viewers in (1, 10):
        found: dict[int, int] = {}
        await asyncio.gather(*(house.frames(WATCH_S, found) for _ in range(viewers)))
        taken.append(len(found))
    return [
        Figure("10 viewers: captures, for each capture with one viewer", taken[1] / max(taken[0], 1), "", 1.15),
        Figure("1 viewer: captures a second of a moving page", taken[0] / WATCH_S, "/s"),
    ]


async def sizing(house: House, chromium: Browser) -> list[Figure]:
    """A page full of text that moves all the time, watched on a small screen and on a large one, in turns."""
    await house.session.call("browser_goto", url=f"{house.site}/busy")
    bytes_of: dict[int, list[int]] = {360: [], 1280: []}
    used: dict[int, list[float]] = {0: [], 360: [], 1280: []}
    count: dict[int, int] = {360: 0, 1280: 0}
    for _ in range(SIZINGS):
        for width, times in used.items():
            before = _chromium_s(house)
            found: dict[int, int] = {}
            if width:
                count[width] += await house.frames(WATCH_S, found, width=width)
                bytes_of[width] += found.values()
            else:
                await asyncio.sleep(WATCH_S)
            times.append(_chromium_s(house) - before)
    small, large = (statistics.median(bytes_of[width]) for width in (360, 1280))
    idle, narrow, wide = (100 * statistics.median(used[width]) / WATCH_S for width in (0, 360, 1280))
    return [
        Figure("360 px viewer: bytes a frame, median", small / 1000, "KB"),
        Figure("1280 px viewer: bytes a frame, median", large / 1000, "KB"),
        Figure("360 px viewer: bytes a frame, for each of a 1280 px one", small / large, "", 0.3),
        Figure("360 px viewer: frames a second", count[360] / WATCH_S / SIZINGS, "/s"),
        Figure("1280 px viewer: frames a second", count[1280] / WATCH_S / SIZINGS, "/s"),
        Figure("no viewer: Chromium's processor time", idle, "%"),
        Figure("360 px viewer: Chromium's processor time", narrow, "%"),
        Figure("1280 px viewer: Chromium's processor time", wide, "%"),
    ]


def _chromium_s(house: House) -> float:
    """Processor time of the server's Chromium so far."""
    times = [each.cpu_times() for each in house.process.children(recursive=True) if "chrom" in each.name()]
    return sum(each.user + each.system for each in times)


async def idling(house: House, chromium: Browser) -> list[Figure]:
    """A page that stands still, watched by one viewer, after everything has settled."""
    await house.session.call("browser_goto", url=f"{house.site}/still")
    page = await (await signed_in(house, chromium)).new_page()
    await page.add_init_script(f"({NOTE_FRAMES})()")
    await page.goto(f"{house.url}/s/{house.session.id}")
    await page.wait_for_function("() => painted.length > 0")
    await asyncio.sleep(2)  # what the last call caused is over
    await page.evaluate("painted.length = 0")
    before = house.process.cpu_times()
    await asyncio.sleep(IDLE_S)
    after = house.process.cpu_times()
    used = after.user + after.system - before.user - before.system
    frames = await page.evaluate("painted.length")
    await page.context.close()
    return [
        Figure(f"idle session: frames in {IDLE_S} s", frames, "", 0),
        Figure("idle session: processor time of the server", 100 * used / IDLE_S, "%", 1),
    ]


async def weighing(house: House, chromium: Browser) -> list[Figure]:
    """A first visit with an empty cache: bytes over the wire without the session's own content, and the first paint."""
    figures = []
    for name, path in (("home", "/"), ("session", f"/s/{house.session.id}")):
        page = await (await signed_in(house, chromium)).new_page()
        client = await page.context.new_cdp_session(page)
        sizes: list[float] = []
        client.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
        await client.send("Network.enable")
        await page.goto(house.url + path)
        await page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
        await page.locator(".tab:not(.tab-chat), .nothing, .sessions li").first.wait_for()
        paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        figures.append(Figure(f"{name}: weight of the first visit", sum(sizes) / 1000, "KB", 300))
        figures.append(Figure(f"{name}: first contentful paint", paint, "ms", 1_000))
        await page.context.close()
    return figures


async def signed_in(house: House, chromium: Browser) -> BrowserContext:
    """A browser of the operator's, with an empty cache."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    await context.request.get(f"{house.url}/login?token={TOKEN}", max_redirects=0)
    return context


Part = Callable[[House, Browser], Awaitable[list[Figure]]]
PARTS: tuple[Part, ...] = (weighing, opening, scrolling, typing, clicking, audience, sizing, idling)


async def main(wanted: Sequence[str]) -> int:
    """Measure what is wanted; 1 if a figure misses its target."""
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder)) as house, async_playwright() as playwright:
            executable = os.environ.get("GLASSHOUSE_BROWSER_EXECUTABLE", "/usr/bin/chromium")
            chromium = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            for part in PARTS:
                if wanted and part.__name__ not in wanted:
                    continue
                for figure in await part(house, chromium):
                    print(figure.line(), flush=True)
                    missed |= figure.missed
            await chromium.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
