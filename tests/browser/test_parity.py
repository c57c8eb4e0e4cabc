"""Whatever Playwright's accessibility snapshot finds to act on has a number in browser_read, element by element."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.settled

PAGES = Path(__file__).parent / "pages"
ROLES = (
    "button|link|textbox|checkbox|radio|combobox|spinbutton|slider|switch|tab|menuitem|menuitemcheckbox|menuitemradio|"
    "searchbox|treeitem"
)
NUMBERED_JS = """(el, numbered) => numbered.some((one) => one === el || one?.control === el || el.control === one
  || [...(one?.labels || [])].some((label) => label.contains(el)))"""


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("*.html")))
async def test_everything_playwright_finds_to_act_on_is_numbered(browser: Any, page: str) -> None:
    browser.site.pages["/"] = (PAGES / f"{page}.html").read_text()
    await browser("goto", url=browser.site.url())
    text = await browser("read", max_chars=60_000)
    tab = (await browser.state()).tab
    found = [line.strip() for line in (await tab.page.aria_snapshot(mode="ai")).splitlines()]
    acting = [line for line in found if re.match(rf"- '?({ROLES})\b", line) and "[ref=" in line]
    assert acting
    numbers = [int(n) for n in re.findall(r"\[(\d+)\] ", text)]
    numbered: dict[Any, list[Any]] = {}
    for n in numbers:
        eye = tab.eye_of(n)
        numbered.setdefault(eye.frame, []).append(await eye.element(n))
    handles = await asyncio.gather(*(_handle(tab.page, line) for line in acting))
    missed = [
        line
        for line, handle in zip(acting, handles, strict=True)
        if not await handle.evaluate(NUMBERED_JS, numbered.get(await handle.owner_frame(), []))
    ]
    assert missed == [], text


async def _handle(page: Any, line: str) -> Any:
    found = re.search(r"\[ref=(\w+)\]", line)
    assert found
    return await page.locator(f"aria-ref={found[1]}").element_handle(timeout=4000)


async def test_what_the_snapshot_misses_and_a_person_sees_is_read(browser: Any) -> None:
    text = await browser.open("""<style>.p::before{content:"$"} .b::after{content:" (5)"} .i::before{content:"\\f00d"}</style>
        <p class=p>20</p><button class=b>Inbox</button><button class=i title=Close></button><pre>def f():
    return  1</pre><progress value=3 max=10></progress><div role=meter aria-label=Disk aria-valuenow=40></div>
        <map name=m><area coords=0,0,50,50 href=#left alt=Left onclick="document.title='left'"></map><img usemap=#m width=99 height=50 alt=Plan src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>">
        <svg width=100 height=50 id=s><circle cx=20 cy=20 r=10 fill=red /><rect x=60 y=10 width=20 height=20 fill="#00ff00" /></svg>
        <svg width=50 height=20><text y=15>Total 7</text></svg><button style="display:contents" onclick="document.title='dc'">Contents</button>
        <label for=c>Tick</label><input id=c type=checkbox style="position:absolute;width:0;height:0;margin:0">
        <script>s.addEventListener('click', e => { document.title = e.target.localName })</script>""")  # noqa: E501
    for said in ("$20\n", 'button "Inbox (5)"', 'button "Close"', "def f():\n    return  1\n", "(progress 3 of 10)",
                 '(meter "Disk" 40)',
                 'link "Left"', 'circle "#ff0000 20×20 at 20,20"', 'rect "#00ff00 20×20 at 70,20"', "Total 7",
                 'button "Contents"', 'checkbox "Tick"'):  # fmt: skip
        assert said in text, said
    for target, title in (("Left", "left"), ("Contents", "dc"), ("#ff0000 20×20 at 20,20", "circle")):
        assert f'Title is now "{title}"' in await browser("click", target=target), target
    assert "(checked" in await browser("click", target="Tick")
