"""browser_drag: with the mouse button held, onto another element or by a distance."""
# ruff: noqa: E501  # pages are written as one would write them in a file

from typing import Any

import pytest

pytestmark = pytest.mark.settled


async def test_an_element_is_dropped_onto_another_the_html_way(browser: Any) -> None:
    await browser.open("""<div id=a draggable=true>card</div><div id=z style="height:60px">zone</div><p id=o></p><script>
        a.ondragstart = (e) => e.dataTransfer.setData('text/plain', 'card'); z.ondragover = (e) => e.preventDefault();
        z.ondrop = (e) => { o.textContent = 'dropped ' + e.dataTransfer.getData('text/plain') }</script>""")
    text = await browser("drag", target="card", to="zone")
    assert text.startswith("Dragged [")
    assert "dropped card" in text


async def test_an_element_is_moved_by_distances_with_steps_between(browser: Any) -> None:
    await browser.open("""<div id=b style="position:absolute;left:20px;top:50px;width:40px;height:40px;background:red"></div><p id=o></p><script>
        let moves = 0, from = null; b.onmousedown = (e) => { from = [e.clientX - b.offsetLeft, e.clientY - b.offsetTop] };
        onmousemove = (e) => { if (!from) return; moves++; b.style.left = e.clientX - from[0] + 'px'; b.style.top = e.clientY - from[1] + 'px' };
        onmouseup = () => { from = null; o.textContent = `at ${b.offsetLeft},${b.offsetTop} many ${moves >= 8}` }</script>""")
    assert "at 120,80 many true" in await browser("drag", target="#b", by=[[60, 0], [40, 30]], at=[5, 5])


async def test_text_is_selected_and_an_item_sorted_in_a_list_that_is_scrolled_to(browser: Any) -> None:
    await browser.open("""<p id=t style="width:300px">some words to select</p><p id=o></p><div style="height:2000px"></div>
        <ul id=l><li>one</li><li>two</li><li>three</li></ul><script>
        document.onselectionchange = () => { o.textContent = 'selected: ' + getSelection() }
        let held = null; l.addEventListener('mousedown', (e) => { held = e.target; e.preventDefault() });
        l.addEventListener('mouseup', (e) => { l.insertBefore(held, e.target); document.title = l.innerText.replace(/\\n/g, ' ') })</script>""")
    assert "selected: some words to select" in await browser(
        "drag", target="#t", at=[0, 8], by=[[140, 0], [140, 0]]
    ) + await browser("read")
    assert 'clickable "three"' in await browser("read")
    assert 'Title is now "three one two"' in await browser("drag", target="three", to="one")


async def test_a_drag_that_says_no_goal_or_two_is_refused(browser: Any) -> None:
    await browser.open("<button>A</button><button>B</button>")
    assert 'either "to", an element, or "by"' in await browser("drag", target="A")
    assert 'either "to", an element, or "by"' in await browser("drag", target="A", to="B", by=[[1, 1]])
    assert browser.failed
