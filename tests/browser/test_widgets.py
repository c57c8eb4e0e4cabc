"""Widgets as the ARIA Authoring Practices build them: found, named as people name them, and used by their text alone."""

# ruff: noqa: E501  # pages are written as one would write them in a file

from typing import Any

import pytest

pytestmark = pytest.mark.settled

DIALOG = """<a href=#1>One</a> <a href=#2>Two</a><p><button onclick="d.hidden = false">Open</button></p>
    <div id=d hidden style="position:fixed;inset:0;background:#888"><div tabindex=0></div>
    <div role=dialog aria-label=Address style="margin-top:300px"><input aria-label=Street></div><div tabindex=0></div></div>
    <button onclick="v.hidden = false" style="position:relative;z-index:2">Veil</button>
    <div id=v hidden style="position:fixed;inset:0;background:#888"></div>"""
LISTED = """<button aria-haspopup=listbox id=b aria-expanded=false
    onclick="l.hidden = false; l.focus(); this.ariaExpanded = true">Fruit</button><ul role=listbox id=l tabindex=-1 hidden>
    <li role=option>Apple<li role=option>Pear</ul>
    <script>l.onclick = e => { b.textContent = e.target.textContent; l.hidden = true; b.ariaExpanded = false }</script>"""


async def test_what_stands_in_a_box_without_a_size_of_text_is_read(browser: Any) -> None:
    text = await browser.open("""<div tabindex=0 style="font-size:0">small <span style="font-size:14px"><a href=#1>Sized</a></span></div>
        <div onclick="1" style="color:#fff">pale <p style="color:#000">Inked</p></div>
        <div tabindex=0 style="font-size:0">nothing <b>to</b> be seen</div>""")
    assert 'link "Sized"' in text
    assert "Inked" in text
    assert "to be seen" not in text


async def test_names_are_those_that_people_would_say(browser: Any) -> None:
    text = await browser.open("""<label for=f>Flash <select><option>1<option>2</select> times</label><input type=checkbox id=f>
        <label for=r>Every <input type=range value=5 max=9 aria-label=days> days</label><input type=radio id=r>
        <label for=s>Key <input type=password value=sesame></label><input type=checkbox id=s>
        <span id=h hidden>Told apart</span><input aria-labelledby=h>
        <span id=x role=button tabindex=0 aria-label=Remove aria-labelledby="x n">X</span><a id=n href=#n>Zoe</a>
        <label for=i>Photo</label><input type=image id=i alt=other>
        <label>My n<b>am</b>e <input></label>
        <ul role=tree><li role=treeitem aria-expanded=true>Plans <ul role=group><li role=treeitem>a.txt</ul></ul>""")
    for said in ('checkbox "Flash 1 times"', 'radio "Every 5 days"', 'checkbox "Key ••••"', 'textbox "Told apart"',
                 'button "Remove Zoe"', 'button "Photo"', 'textbox "My name"', 'treeitem "Plans" (expanded)\n',
                 'treeitem "a.txt"'):  # fmt: skip
        assert said in text, said
    assert text.count("Plans") == 1
    assert "sesame" not in text


async def test_a_target_may_be_what_a_reading_says_of_it(browser: Any) -> None:
    text = await browser.open("""<a href=#link>Send</a><button onclick="document.title='button'">Send</button>
        <button onclick="document.title='cut'">Say "hello" to everybody who is there</button>""")
    line = next(line for line in text.splitlines() if "button" in line)
    assert 'Title is now "button"' in await browser("click", target='button "Send"')
    assert "#link" in await browser("click", target=line[line.index("[") :].split(" [")[0])
    assert 'Title is now "cut"' in await browser("click", target='button "Say \\"hello\\" to…" (focused)')
    assert 'Nothing on the page matches "menu \\"Send\\""' in await browser("click", target='menu "Send"')


async def test_what_a_dialog_lies_over_is_not_told_as_new(browser: Any) -> None:
    await browser.open(DIALOG)
    said = await browser("click", target="Open")
    assert 'dialog "Address":' in said
    assert 'textbox "Street"' in said
    assert "One" not in said
    assert "clickable" not in said  # what keeps the focus in it
    assert "covered" in await browser("read", query="One")
    await browser.open(DIALOG)
    assert "Now covered by <div#v>" in await browser("click", target="Veil")


async def test_a_list_that_its_button_does_not_name_is_chosen_from(browser: Any) -> None:
    await browser.open(LISTED)
    assert 'button "Pear" (collapsed)' in await browser("select", target="Fruit", values=["Pear"])
    assert 'no option "Plum". Its options: Apple | Pear' in await browser("select", target="Pear", values=["Plum"])


async def test_a_slider_that_takes_no_text_says_which_keys_it_takes(browser: Any) -> None:
    await browser.open("<div role=slider tabindex=0 aria-valuenow=3 aria-label=Volume>o</div>")
    assert "then browser_press ArrowUp" in await browser("type", target="Volume", text="5")
