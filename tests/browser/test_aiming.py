"""Where clicks go: into boxes that scroll, onto things that change as the mouse comes, to the item and not its list."""
# ruff: noqa: E501  # pages are written as one would write them in a file

from typing import Any

import pytest

pytestmark = pytest.mark.settled


async def test_what_a_scrolling_box_cuts_off_is_scrolled_to_before_it_is_clicked(browser: Any) -> None:
    await browser.open("""<div style="height:60px;overflow:hidden scroll"><div style="height:55px">first</div>
        <div style="height:55px" onclick="document.title='second'">second</div><div style="height:200px">third</div></div>""")
    assert 'Title is now "second"' in await browser("click", target="second")


async def test_a_thing_that_changes_under_the_mouse_gets_the_click(browser: Any) -> None:
    text = await browser.open("""<style>#i { display: inline-block; width: 20px; height: 20px; background: red }</style><p>
        <span id=i title=More></span></p><script>
        i.onmouseenter = () => { i.style.width = '0'; setTimeout(() => { i.style.width = '20px' }, 90) };
        i.addEventListener('click', () => { document.title = 'open' })</script>""")
    assert '[1] clickable "More"' in text
    text = await browser("click", target=1)
    assert 'Title is now "open"' in text
    assert "The click reached" not in text


async def test_where_a_click_went_is_told_once(browser: Any) -> None:
    await browser.open("""<button id=b style="position:relative">Go</button><script>
        b.onmousedown = () => { b.style.left = '300px' }</script>""")
    assert "The click reached" in await browser("click", target="Go")
    assert "The click reached" not in await browser("wait", seconds=0.1)


async def test_a_field_that_is_asked_for_is_told_whole(browser: Any) -> None:
    await browser.open(f"<textarea aria-label=T>{'word ' * 100}end</textarea>")
    assert "word …" in await browser("read")
    assert "word end" in await browser("read", scope=1)


async def test_a_menu_that_takes_the_first_move_of_the_mouse_for_none_gets_the_item_meant(browser: Any) -> None:
    """As jQuery UI's does when it opens under the mouse: what was under it then is marked by the next move anywhere."""
    items = "".join(f"<li role=option>{name}</li>" for name in ("one", "two", "three"))
    await browser.open(f"""<p id=o>-</p><ul role=listbox aria-label=list>{items}</ul><script>
        let marked;
        const first = document.querySelector('li');
        const opened = () => document.addEventListener('mousemove', () => {{ marked = first }}, {{ once: true }});
        for (const item of document.querySelectorAll('li')) {{
          item.onmouseenter = () => {{ marked = item }};
          item.onclick = () => {{ o.textContent = 'chosen: ' + marked.textContent }};
        }}
        opened()</script>""")
    assert "chosen: three" in await browser("click", target="three")
    page = (await browser.state()).tab.page
    await page.evaluate("opened()")
    assert "chosen: two" in await browser("select", target="list", values=["two"])
    await page.evaluate("opened()")
    await browser("hover", target="three")
    assert await page.evaluate("marked.textContent") == "three"
