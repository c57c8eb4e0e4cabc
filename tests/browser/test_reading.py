"""browser_read: what a person can see and act on, in few characters."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Site, open_site

pytestmark = pytest.mark.settled


async def test_a_form_reads_as_numbered_lines(browser: Any) -> None:
    text = await browser.open("""<h1>Sign up</h1><p>Welcome, <b>stranger</b>.</p><form>
        <label>Name <input value="Ann  B" required></label><label for=m>Mail</label><input id=m placeholder="you@x.test">
        <label><input type=checkbox checked> I agree</label><select aria-label=Country><option>Austria<option selected>Belgium</select>
        <textarea aria-label=Note readonly>some
text</textarea><input type=number aria-label=Age value=7><button disabled>Send</button><a href=/help>Help</a></form>""")
    assert [line for line in text.splitlines() if line][1:] == [
        "# Sign up",
        "Welcome, stranger.",
        '[1] textbox "Name" value="Ann  B" (required)',
        '[2] textbox "Mail" placeholder="you@x.test"',
        '[3] checkbox "I agree" (checked)',
        '[4] combobox "Country" value="Belgium" options: Austria | Belgium',
        '[5] textbox "Note" value="some\\ntext" (readonly, multiline)',
        '[6] spinbutton "Age" value="7" [7] button "Send" (disabled) [8] link "Help"',
    ]


async def test_tables_lists_and_headings_are_recognisable(browser: Any) -> None:
    text = await browser.open("""<h2>Prices</h2><table><tr><th>Thing<th>Price<tr><td>Mug<td>24.00 <button>Buy</button></table>
        <ul><li>one<li>two</ul><img alt="A cat" src="x.png"><details><summary>More</summary>inner text</details>""")
    assert '## Prices\nThing | Price\nMug | 24.00 [1] button "Buy"\n- one\n- two\n' in text
    assert '(image "A cat")' in text
    assert '[2] summary "More" (collapsed)' in text
    assert "inner text" not in text


async def test_what_no_person_can_see_does_not_reach_the_agent(browser: Any) -> None:
    hidden = ["display:none", "visibility:hidden", "opacity:0", "opacity:0.01", "font-size:0", "font-size:1px",
              "color:transparent", "color:#fff", "position:absolute;left:-9999px", "position:absolute;width:1px;height:1px;overflow:hidden",
              "height:0;overflow:hidden", "clip-path:inset(50%)", "text-indent:-9999px", "transform:scale(0)",
              "position:absolute;clip:rect(0,0,0,0)", "content-visibility:hidden", "max-height:0;overflow:hidden"]  # fmt: skip
    text = await browser.open(
        "".join(
            f'<div style="{style}">SECRET{i} <a href=/x style="color:inherit">LINK{i}</a></div>'
            for i, style in enumerate(hidden)
        )
        + "<div style='opacity:0'><div><button>BUTTON</button></div></div><p>seen</p><template>T1SECRET</template>"
    )
    assert "seen" in text
    assert re.findall(r"SECRET\d*|LINK\d+|BUTTON", text) == []


async def test_light_text_over_a_picture_or_a_dark_page_is_seen(browser: Any) -> None:
    text = await browser.open("""<style>body{background:#111;color:#fff}</style><p>white on black</p>
        <div style="position:relative;height:50px;background:#fff"><img style="position:absolute;inset:0;width:100%;height:50px;background:#333">
        <p style="position:relative;color:#fff">hero</p></div>""")
    assert "white on black" in text
    assert "hero" in text


async def test_passwords_are_masked_also_when_a_page_shows_them(browser: Any) -> None:
    text = await browser.open("""<input type=password id=p aria-label=Pw value=hunter2><input autocomplete=cc-number aria-label=Card value=4111>
        <button onclick="p.type='text'">Show</button>""")
    assert 'password "Pw" value="••••"' in text
    text += (
        await browser("click", target="Show")
        + await browser("read")
        + await browser("type", target="1", text="hunter2")
    )
    assert "hunter2" not in text
    assert "4111" not in text
    assert "hunter2" not in str(await browser.acted())


async def test_things_that_listen_or_look_clickable_are_numbered(browser: Any) -> None:
    text = await browser.open("""<div id=a>listens</div><div onclick="1">inline</div><span style="cursor:pointer">pointer</span>
        <div tabindex=0>focusable</div><div role=button>aria</div><p>plain</p><div contenteditable aria-label=Ed>edit</div>
        <span class="icon like" id=i></span><button><svg width=9 height=9><title>Close</title></svg></button>
        <style>.icon{display:inline-block;width:20px;height:20px}</style>
        <script>a.addEventListener('click', () => {}); i.onclick = () => {}</script>""")
    for said in ('clickable "listens"', 'clickable "inline"', 'clickable "pointer"', 'clickable "focusable"', 'button "aria"',
                 'textbox "Ed" value="edit"', 'clickable ".icon.like"', 'button "Close"'):  # fmt: skip
        assert said in text, said
    assert '"plain"' not in text


async def test_frames_of_other_origins_and_shadow_roots_are_read_and_acted_on_in_place(
    open_browser: Any, site: Site
) -> None:
    async with open_site() as other, open_browser(allow=f"{site.host},{other.host}") as browser:
        other.pages["/f"] = "<title>Inner</title><button onclick=\"this.textContent='done'\">Pay</button>"
        text = await browser.open(f"""<p>before</p><iframe src="{other.url("/f")}" width=300 height=100></iframe><p>after</p>
            <x-box></x-box><script>document.querySelector('x-box').attachShadow({{mode: 'open'}}).innerHTML =
            '<button onclick="this.textContent=\\'ok\\'">In shadow</button><slot></slot>'</script>""")
        assert re.search(r'before\nframe "Inner":\n\[\d+\] button "Pay"\nafter\n\[\d+\] button "In shadow"', text), text
        text = await browser("click", target="Pay")
        assert 'button "done"' in text
        text = await browser("click", target="In shadow")
        assert 'button "ok"' in text


async def test_each_frame_is_read_where_it_stands_in_whatever_order_they_came(browser: Any, site: Site) -> None:
    for name in "abcd":
        site.pages[f"/{name}"] = f"<title>{name.upper()}</title><p>in {name}</p>"
    await browser.open("""<div id=all></div><button onclick="make('d', 'afterend', first); first.remove()">Change</button><script>
        const make = (name, where, beside) => {
          const frame = Object.assign(document.createElement("iframe"), { src: "/" + name });
          beside.insertAdjacentElement(where, frame);
          return frame;
        };
        const first = make("a", "beforeend", all);
        make("b", "beforebegin", first);
        make("c", "afterbegin", all);</script>""")
    await browser("wait", text="in a", seconds=5)
    assert re.findall("in (.)", await browser("read")) == ["c", "b", "a"]
    await browser("click", target="Change")
    await browser("wait", text="in d", seconds=5)
    assert re.findall("in (.)", await browser("read")) == ["c", "b", "d"]


async def test_frames_in_shadow_roots_are_read_beside_others(browser: Any, site: Site) -> None:
    for name in "ab":
        site.pages[f"/{name}"] = f"<title>{name.upper()}</title><p>in {name}</p>"
    text = await browser.open("""<x-box></x-box><iframe src=/a></iframe><script>
        document.querySelector("x-box").attachShadow({ mode: "open" }).innerHTML = "<iframe src=/b></iframe>";</script>""")
    assert re.findall("in (.)", text) == ["b", "a"]


async def test_a_frame_that_has_not_come_is_said_to_be_missing_and_read_when_it_is_there(
    browser: Any, site: Site
) -> None:
    site.slow["/late"] = asyncio.Event()
    site.pages["/late"] = "<title>Late</title><p>at last</p>"
    text = await browser.open("<p>before</p><iframe src=/late></iframe><p>after</p>")
    assert "before\nframe: (it does not answer, or has not come yet)\nafter" in text
    site.slow["/late"].set()
    await browser("wait", text="at last", seconds=5)
    assert 'before\nframe "Late":\nat last\nafter' in await browser("read")


async def test_a_frame_that_is_still_being_parsed_is_waited_for(browser: Any, site: Site) -> None:
    site.slow["/slow.js"] = asyncio.Event()
    site.pages["/slow.js"] = (200, {"Content-Type": "text/javascript"}, "")
    site.pages["/inner"] = "<title>Inner</title><p>one</p><script src=/slow.js></script><p>two</p>"
    asyncio.get_running_loop().call_later(0.5, site.slow["/slow.js"].set)
    assert "one\ntwo" in await browser.open("<iframe src=/inner></iframe>")


async def test_numbers_are_kept_and_never_used_twice(browser: Any, site: Site) -> None:
    page = "<button>A</button><button id=b>B</button><button onclick=\"b.remove();document.body.append(Object.assign(document.createElement('button'),{textContent:'C'}))\">Go</button>"
    text = await browser.open(page)
    assert '[1] button "A" [2] button "B" [3] button "Go"' in text
    text = await browser("click", target="[3]")
    assert '[4] button "C"' in text
    text = await browser("read")
    assert '[1] button "A" [3] button "Go" (focused) *[4] button "C"' in text
    assert "[2] is no longer on the page" in await browser("click", target=2)
    assert "There is no element [99] yet" in await browser("click", target=99)
    text = await browser.open(page)
    assert '[5] button "A"' in text
    assert "[1] belonged to a page that is no longer open here" in await browser("click", target="1")


async def test_new_things_are_marked_since_the_last_read(browser: Any) -> None:
    await browser.open(
        "<button onclick=\"setTimeout(()=>document.body.insertAdjacentHTML('beforeend','<button>New</button>'),900)\">Go</button>"
    )
    await browser("read")
    await browser("click", target="Go")
    await browser("wait", text="New", seconds=3)
    text = await browser("read")
    assert '[1] button "Go" (focused) *[2] button "New"' in text
    assert "*" not in await browser("read")


async def test_a_long_page_is_cut_and_goes_on_where_it_stopped(browser: Any) -> None:
    await browser.open("".join(f"<p>line {i} with some words to read</p>" for i in range(3000)))
    text = await browser("read")
    assert len(text) <= 12_000
    seen = re.findall(r"line (\d+) ", text)
    for _ in range(3):
        offset = int(re.findall(r'browser_read \{"offset": (\d+)\}', text)[0])
        text = await browser("read", offset=offset)
        seen += re.findall(r"line (\d+) ", text)
    assert seen == [str(i) for i in range(len(seen))]
    text = await browser("read", query="LINE 2999 ")
    assert "line 2998" in text
    assert "line 2999" in text
    assert len(text) < 400
    assert "Nothing on the page contains" in await browser("read", query="zebra")
    assert "nothing is left" in await browser("read", offset=1_000_000)


async def test_an_answer_never_has_more_than_max_chars_and_nothing_is_lost_between_two(browser: Any) -> None:
    lines = [f"line {i} {'word ' * (i % 7)}".strip() for i in range(120)]
    await browser.open("".join(f"<p>{line}</p>" for line in lines))
    for most in (200, 333, 1000, 12_000):
        found, offset = "", 0
        while offset >= 0:
            text = await browser("read", max_chars=most, offset=offset)
            assert len(text) <= most
            _, _, body = text.partition("\n")
            body, _, tail = body.partition("\n…")
            found += body + "\n"
            offset = int(re.findall(r'"offset": (\d+)', tail)[0]) if tail else -1
            if most == 200 and offset > 300:
                break  # the same all the way down
        shown, whole = ("".join(text.split()) for text in (found, " ".join(lines)))
        assert whole.startswith(shown)
    assert len(await browser("read", query="word", max_chars=500)) <= 500


async def test_scope_reads_one_element_whole(browser: Any) -> None:
    await browser.open(f"<div id=x tabindex=0>{'word ' * 200}<b>end</b></div><p id=y>other</p>")
    text = await browser("read", scope="#y")
    assert text.splitlines()[1:] == ["other"]
    assert "end" in await browser("read", scope="[1]")
    assert "Nothing on the page matches the scope" in await browser("read", scope="#nope")


async def test_lone_surrogates_and_control_characters_never_leave(browser: Any) -> None:
    text = await browser.open(
        "<p id=p></p><input id=i><script>p.textContent='a\\ud800b\\u0001\\u0003\\u0004'; i.value='\\udfff'; document.title='\\ud801'</script>"
    )
    text.encode()
    str(await browser.acted()).encode()
    assert "a\ufffdb" in text


async def test_covered_things_say_by_what(browser: Any) -> None:
    text = await browser.open(
        "<button>Under</button><div role=dialog aria-label=Cookies style='position:fixed;inset:0;background:#eee'>We use cookies</div>"
    )
    assert '[1] button "Under" (covered by dialog "Cookies")' in text


async def test_a_select_with_many_options_lists_some(browser: Any) -> None:
    text = await browser.open("<select aria-label=S>" + "".join(f"<option>option {i}" for i in range(40)) + "</select>")
    assert "option 0 | option 1 | " in text
    assert "(…of 40)" in text


BROKEN = """<script>
  const trap = () => { throw new Error('broken by the page') };
  for (const of of [Array, Map, Set, WeakMap, WeakSet, WeakRef, String, RegExp, Element, Node, NodeList, Document, HTMLElement,
                    HTMLInputElement, EventTarget, MutationObserver, Event, Range, CSSStyleDeclaration, Promise, Function]) {
    for (const name of Object.getOwnPropertyNames(of.prototype)) {
      if (name === 'constructor') continue;
      try {
        const had = Object.getOwnPropertyDescriptor(of.prototype, name);
        Object.defineProperty(of.prototype, name, had.get ? { get: trap, set: trap } : { value: trap });
      } catch {}
    }
  }
  Object.prototype.toJSON = trap;
  for (const name of ['getComputedStyle', 'MutationObserver', 'setTimeout', 'requestAnimationFrame', 'performance', 'scheduler',
                      'InputEvent', 'StaticRange', 'getSelection', 'JSON', 'parent', 'ShadowRoot', 'innerHeight', 'Object']) {
    try { Object.defineProperty(window, name, { get: trap }); } catch {}
  }
</script>"""


async def test_a_page_that_breaks_every_builtin_is_read_and_used_all_the_same(browser: Any) -> None:
    text = await browser.open(f"""<h1>Shop</h1><button id=b>Count</button><p id=o>none</p><label>Name <input id=f></label><div id=d>listens</div>
        <script>const o = document.getElementById('o'), say = (text) => {{ o.firstChild.data = text }};
        const say_ = Object.getOwnPropertyDescriptor(CharacterData.prototype, 'data').set.bind(o.firstChild);
        d.addEventListener('click', () => say_('heard')); b.addEventListener('click', () => say_('clicked'));</script>{BROKEN}""")
    assert [line for line in text.splitlines() if line][1:] == [
        "# Shop",
        '[1] button "Count"',
        "none",
        '[2] textbox "Name"',
        '[3] clickable "listens"',
    ]
    assert "clicked" in await browser("click", target=1)
    await browser("type", target="Name", text="Ann")
    assert '[2] textbox "Name" value="Ann"' in await browser("read")
    assert "heard" in await browser("click", target="listens")


async def test_a_page_cannot_make_the_reader_see_what_is_not_there(browser: Any) -> None:
    text = await browser.open("""<p>true</p><p style="opacity:0">hidden</p><script>
        Object.defineProperty(Text.prototype, 'data', { get: () => 'false' });
        Object.defineProperty(CharacterData.prototype, 'data', { get: () => 'false' });
        Object.defineProperty(document, 'title', { get: () => 'false' });
        Object.defineProperty(document, 'body', { get: () => document.createElement('body') });
        window.getComputedStyle = () => ({ opacity: '1', display: 'block', visibility: 'visible' });
        Element.prototype.getBoundingClientRect = () => ({ x: 0, y: 0, width: 99, height: 99, left: 0, top: 0, right: 99, bottom: 99 });
        </script>""")
    assert text.splitlines()[1:] == ["true"]
    assert '"T"' in text


async def test_a_very_deep_page_is_read(browser: Any) -> None:
    text = await browser.open("<div>" * 3000 + "deep" + "</div>" * 3000 + "<p>after</p>")
    assert "after" in text


async def test_everything_playwright_finds_interactive_is_numbered(browser: Any) -> None:
    """Role and name of each interactive line of Playwright's own snapshot, against what browser_read numbers."""
    pages = Path(__file__).parents[2] / "benchmarks" / "browser_pages"
    roles = [
        "button",
        "link",
        "textbox",
        "checkbox",
        "radio",
        "combobox",
        "spinbutton",
        "slider",
        "switch",
        "tab",
        "menuitem",
        "option",
        "searchbox",
    ]
    extra = """<nav><a href=#a>One <b>two</b></a></nav><div role=tablist><div role=tab>Tab A</div></div>
        <ul role=menu><li role=menuitem>Open</ul><input type=range aria-label=Size><input type=search aria-label=Find>
        <label><input type=radio name=r> Red</label><div role=switch aria-checked=true aria-label=Wifi tabindex=0></div>
        <button aria-label="Close"><span>×</span></button><a href=#img><img alt="Logo" src=x></a>"""
    for html in ((pages / "form.html").read_text(), extra):
        browser.site.pages["/"] = html
        await browser("goto", url=browser.site.url())
        text = await browser("read")
        snapshot = await (await browser.state()).tab.page.locator("body").aria_snapshot()
        found = re.findall(rf'- (?:/)?({"|".join(roles)}) "([^"]+)"', snapshot)
        assert len(found) >= 6
        missing = [(role, name) for role, name in found if role != "option" and f'{role} "{name}"' not in text]
        assert missing == [], text


SHEETS = {
    "plain": "<style>p::after{content:'€'}</style>",
    "one colon": "<style>p:after{content:'€'}</style>",
    "media": "<style>@media screen{@supports(color:red){p::after{content:'€'}}}</style>",
    "nested": "<style>p{color:red;&::after{content:'€'}}</style>",
    "imported": "<style>@import '/own.css'</style>",
    "linked": "<link rel=stylesheet href=/own.css>",
    "of another origin": "<link rel=stylesheet href=/own.css>",  # in a sandbox
    "behind thousands": f"<style>{'b{color:red}' * 2500}p::after{{content:'€'}}</style>",
    "inserted": "<style id=s></style><script>s.sheet.insertRule('p::after{content:\"€\"}')</script>",
    "adopted": """<script>const s = new CSSStyleSheet(); s.replaceSync('p::after{content:"€"}')
        document.adoptedStyleSheets = [s]</script>""",
    "in a shadow root": """<div id=h></div><script>const r = h.attachShadow({mode: 'open'})
        r.innerHTML = '<style>p::after{content:"€"}</style><p>20</p>'</script>""",
}


async def test_what_css_writes_is_read_wherever_its_rule_stands(browser: Any) -> None:
    browser.site.pages["/own.css"] = (200, {"Content-Type": "text/css; charset=utf-8"}, "p::after{content:'€'}")
    frames = ""
    for i, (where, sheet) in enumerate(SHEETS.items()):
        browser.site.pages[f"/{i}"] = sheet + ("" if "shadow" in where else "<p>20</p>")
        frames += f"<iframe src=/{i} {'sandbox' if 'origin' in where else ''}></iframe>"
    text = await browser.open(frames)
    assert text.count("20€") == len(SHEETS), text
