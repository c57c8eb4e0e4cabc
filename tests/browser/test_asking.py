"""What a page asks a person for: told, refused by Chromium itself, and never in the way. Closed shadow roots are read."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import os
import time
from typing import Any

import pytest

from tests.browser.conftest import Site

pytestmark = [pytest.mark.long, pytest.mark.settled]

ASKING = {
    "navigator.requestMIDIAccess().catch(e => o.textContent = e.name)": ("MIDI", "NotAllowedError"),
    "navigator.usb.requestDevice({ filters: [] })": ("USB", ""),
    "showOpenFilePicker().catch(e => o.textContent = e.name)": ("file picker", "AbortError"),
    "getScreenDetails().catch(e => o.textContent = e.name)": ("screens", "NotAllowedError"),
    "print(); o.textContent = 'returned'": ("print dialog", "returned"),
    "document.execCommand('Print'); o.textContent = 'returned'": ("print dialog", "returned"),
}


@pytest.mark.parametrize("script", ASKING)
async def test_what_a_page_asks_for_is_told_and_chromium_refuses(browser: Any, script: str) -> None:
    said, became = ASKING[script]
    await browser.open(f'<button onclick="{script}">ask</button><p id=o>')
    text = await browser("click", target="ask")
    assert not browser.failed
    assert "The page asked for" in text or "The page opened" in text
    assert said in text
    if became:
        await browser("wait", text=became, seconds=5)
        assert not browser.failed


async def test_what_popups_frames_and_timers_ask_for_is_told(browser: Any, site: Site) -> None:
    site.pages["/ask"] = (
        "<script>setTimeout(() => navigator.geolocation.getCurrentPosition(() => {}))</script><h1>asks</h1>"
    )
    assert "asked for the location" in await browser.open("<iframe src=/ask></iframe><h1>here</h1>") + await browser(
        "wait", seconds=0.3
    )
    await browser.open("<a href=/ask target=_blank rel=noopener>go</a>")
    assert "asked for the location" in await browser("click", target="go") + await browser("wait", seconds=0.3)


async def test_a_page_cannot_see_forge_or_silence_what_is_told_of_it(browser: Any) -> None:
    """The page looks for traces, breaks every builtin it can, and then asks all the same."""
    told = await browser.open("""<p id=o></p><script>
      const native = (f) => /\\[native code\\]/.test(Function.prototype.toString.call(f)) && !('prototype' in f);
      const traces = Object.getOwnPropertyNames(window).filter((n) => /sentry|glass|token|^_[0-9a-f]/.test(n));
      const before = [native(print), native(navigator.geolocation.getCurrentPosition), native(Element.prototype.attachShadow), print.name, print.length, traces.length];
      let stolen = null;
      for (const trap of ['apply', 'get', 'has', 'construct']) Object.prototype[trap] = (...all) => { stolen = all; };
      Error.prepareStackTrace = (e, frames) => frames.map((f) => f.getFunction()).filter(Boolean);
      let functions = [];
      try { Element.prototype.attachShadow.call(document.body, { get mode() { throw new Error() } }) } catch (e) { functions = e.stack }
      console.debug = Reflect.apply = Date.now = String.prototype.includes = WeakMap.prototype.set = () => { throw 1 };
      window.console = {};
      for (const trap of ['apply', 'get', 'has', 'construct']) delete Object.prototype[trap];
      print();
      o.textContent = JSON.stringify([...before, stolen, functions.filter((f) => /native, self|token/.test(f)).length]);
    </script>""")
    assert '[true,true,true,"print",0,0,null,0]' in await browser("read")
    assert "The page opened a print dialog" in told


async def test_printing_fires_the_events_and_does_not_recurse(browser: Any) -> None:
    await browser.open("""<p id=o></p><button onclick="print()">p</button><script>
      for (const type of ['beforeprint', 'afterprint']) addEventListener(type, () => { o.textContent += type + ' '; print(); })</script>""")
    assert "beforeprint afterprint" in await browser("click", target="p")


CLOSED = """<my-card></my-card><script>
customElements.define('my-card', class extends HTMLElement { constructor() { super();
  const root = this.attachShadow({ mode: 'closed' });
  root.innerHTML = '<h2>inside</h2><button>Press</button><input aria-label=Name><my-inner></my-inner>';
  root.querySelector('button').addEventListener('click', () => { root.querySelector('h2').textContent = 'pressed'; }); } });
customElements.define('my-inner', class extends HTMLElement { constructor() { super();
  this.attachShadow({ mode: 'closed' }).innerHTML = '<a href="#deep">Deep</a>'; } });
</script>"""


async def test_closed_shadow_roots_are_read_and_acted_in(browser: Any) -> None:
    text = await browser.open(CLOSED)
    assert "## inside" in text
    assert 'button "Press"' in text
    text = await browser("click", target="Press")
    assert "pressed" in text
    assert "instead" not in text
    assert "Typed" in await browser("type", target="Name", text="Ann")
    assert 'value="Ann"' in await browser("read")
    assert "#deep" in await browser("click", target="Deep")


DECLARED = "<div><template shadowrootmode=closed><h2>declared</h2><button onclick=\"this.previousSibling.textContent = 'pressed'\">Press</button><slot></slot></template>light</div>"


@pytest.mark.parametrize("where", ["document", "frame", "setHTMLUnsafe", "document.write"])
async def test_closed_roots_declared_in_html_are_read_and_acted_in(browser: Any, site: Site, where: str) -> None:
    site.pages["/declared"] = f"<!doctype html><title>D</title>{DECLARED}"
    if where == "document":
        text = await browser.open(DECLARED)
    elif where == "frame":
        text = await browser.open("<h1>outer</h1><iframe src=/declared width=400 height=300></iframe>")
    else:
        call = "o.setHTMLUnsafe(html)" if where == "setHTMLUnsafe" else "document.write(html)"
        await browser.open(
            f"<div id=o></div><script id=s>html = {DECLARED!r}</script><button onclick='{call}'>Make</button>"
        )
        await browser("click", target="Make")
        text = await browser("read")
    assert "## declared" in text
    assert "light" in text
    assert "pressed" in await browser("click", target="Press")


async def test_markup_in_texts_does_not_look_like_closed_roots(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def look(cdp: Any) -> None:
        looked.append("at every node")

    monkeypatch.setattr("tools.browser.sight.lend_closed_roots", look)
    await browser.open("<h1>plain</h1><!-- <p> --><pre>a &lt; b</pre><script>const made = '<p><b>x</b></p>'</script>")
    await browser("read")
    assert looked == []
    await browser.open(DECLARED)
    assert looked


async def test_a_page_does_not_notice_that_its_closed_roots_are_known(browser: Any) -> None:
    await browser.open("""<div id=host></div><p id=o></p><script>
      const root = host.attachShadow({ mode: 'closed' }); root.innerHTML = '<button>x</button>';
      o.textContent = JSON.stringify([host.shadowRoot, root.mode, root instanceof ShadowRoot, Object.getOwnPropertyNames(host).length]);
      addEventListener('click', e => o.textContent += ' path ' + e.composedPath()[0].id)</script>""")
    assert '[null,"closed",true,0]' in await browser("read")
    assert "path host" in await browser("click", target="x")


ALL = bool(os.environ.get("GLASSHOUSE_TEST_SITUATIONS"))  # also what takes long
FLOODS = ["console.log('x')"] + ALL * [
    "console.error(new Error('x'))",
    "reportError(new Error('x'))",
    "fetch('/x')",
    "document.body.append(document.createElement('iframe'))",
]


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_page_that_floods_the_console_holds_nobody_else_up(open_browser: Any, flood: str) -> None:
    """Every message goes through the driver that all sessions share."""
    async with open_browser(limit_s=2) as browser:
        other = browser.bench
        await other.call("browser_goto", session="sesn_b", url=browser.site.url())
        await browser.open(f'<h1>here</h1><button onclick="for (;;) {flood}">flood</button>')
        call = asyncio.create_task(browser("click", target="flood"))
        begun = time.monotonic()
        result = await other.call("browser_read", session="sesn_b")
        assert not result.is_error
        assert time.monotonic() - begun < 12
        text = await call
        assert "hung" in text or "without end" in text
        assert "fresh" in await browser.open("<h1>fresh</h1>")


async def test_errors_of_a_page_are_counted(browser: Any) -> None:
    await browser.open(
        "<script>console.error('one'); setTimeout(() => { throw new Error('two') })</script><script>Promise.reject(3)</script><img src=/none>"
    )
    await browser("wait", seconds=0.1)
    assert (await browser.acted())[-1]["counts"]["console_errors"] == 3


async def test_a_name_and_a_password_in_the_address_are_sent_there_and_nowhere_else(
    open_browser: Any, site: Site
) -> None:
    site.pages["/401"] = (401, {"WWW-Authenticate": 'Basic realm="vault"'}, "<h1>who are you</h1>")
    site.pages["/in"] = (
        f"<h1>in</h1><script src=/part></script><script src=http://localhost:{site.port}/other></script>"
    )
    async with open_browser(allow=f"{site.host},localhost:{site.port}") as browser:
        text = await browser.visit(site.url("/401"))
        assert "status 401" in text
        assert "asks for a name and a password" in text
        assert "# who are you" in text
        text = await browser.visit(site.url("/in").replace("//", "//ann:s%40fe@"))
        assert "# in" in text
        assert "s%40fe" not in text
    sent = {head.split(" ")[1]: "Authorization: Basic YW5uOnNAZmU=" in head for head in site.heads}
    assert [sent[path] for path in ("/401", "/in", "/part", "/other")] == [False, True, True, False]
