"""The viewer in real Chromium: what the agent edits is what people see, and they keep their place."""

import random

from playwright.async_api import Browser, Page

from tests.livepage.cases import DOCUMENT, random_edit
from tests.livepage.conftest import Site, at_revision, inside

WAV = "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="
STATE = """() => ({
  scroll: Math.round(scrollY), focus: document.activeElement.id, caret: text.selectionStart, text: text.value,
  note: note.value, checked: box.checked, chosen: pick.value, open: more.open, inner: scroller.scrollTop,
  global: window.mark, same: window.kept === text,
})"""
TREE = """() => {
  const walk = (node) => node.nodeType === 1
    ? [node.namespaceURI, node.localName, [...node.attributes].map((a) => `${a.name}=${a.value}`).sort(),
       [...(node.localName === "template" && node.content ? node.content : node).childNodes].map(walk)]
    : [node.nodeType, node.data];
  document.normalize();
  return JSON.stringify(walk(document.documentElement));
}"""
FORM = (
    "<form id=form><label>{word}<input id=text value=''></label><textarea id=note>n</textarea>"
    "<input type=checkbox id=box><select id=pick><option>a</option><option>b</option></select>"
    "<details id=more><summary>more</summary>{word}</details>"
    "<div id=scroller style='height:60px;overflow:auto'><div style='height:900px'>{word}</div></div></form>{extra}"
)


async def test_an_edit_reaches_somebody_who_watches_by_a_link(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await watch(site, browser, url)
    await site.call("page_set_html", selector="#content", html="<p id=p>hello</p>")
    await at_revision(page, 1)
    assert await inside(page).inner_text("#p") == "hello"
    assert await inside(page).content() == await site.html()


async def test_random_edits_leave_every_viewer_with_the_page_a_newcomer_sees(site: Site, browser: Browser) -> None:
    await site.call("page_replace", html=DOCUMENT)
    url, _ = await site.link()
    pages = [await watch(site, browser, url)]
    dice = random.Random(7)
    revision = 1
    for step in range(1, 81):
        revision += await random_edit(site.bench, dice)
        if step % 30 == 0:
            site.drop_streams()
        if step == 50:
            pages.append(await watch(site, browser, url))
    fresh = await watch(site, browser, url)
    wanted = await inside(fresh).evaluate(TREE)
    assert wanted == await chromiums_reading(browser, await site.html())
    for page in pages:
        await at_revision(page, revision)
        assert await inside(page).evaluate(TREE) == wanted


async def test_rewriting_the_section_somebody_types_in_keeps_their_place(site: Site, browser: Browser) -> None:
    filler = "<p>line</p>" * 60
    await site.call("page_set_html", selector="#content", html=FORM.format(word="one", extra="") + filler)
    url, _ = await site.link()
    page = await watch(site, browser, url)
    frame = inside(page)
    await frame.evaluate("() => { window.mark = 7; window.kept = text; scroller.scrollTop = 120; }")
    await frame.fill("#note", "a note of mine")
    await frame.check("#box")
    await frame.select_option("#pick", "b")
    await frame.click("#more summary")
    await frame.click("#text")
    await page.keyboard.type("half a sen")
    await frame.evaluate("() => { text.setSelectionRange(4, 4); scrollTo(0, 40); }")
    before = await frame.evaluate(STATE)
    await site.call("page_set_html", selector="#content", html=FORM.format(word="two", extra="<p>new</p>") + filler)
    await at_revision(page, 2)
    assert await frame.evaluate(STATE) == before
    assert await frame.inner_text("label") == "two"
    await page.keyboard.type("X")
    assert await frame.input_value("#text") == "halfX a sen"


async def test_media_goes_on_playing_through_an_edit_around_it(site: Site, browser: Browser) -> None:
    await site.call("page_set_html", selector="#content", html=f"<p>a</p><audio id=audio loop src='{WAV}'></audio>")
    url, _ = await site.link()
    page = await watch(site, browser, url)
    frame = inside(page)
    await frame.evaluate("() => { window.audio0 = audio; audio0.muted = true; return audio0.play().catch(() => 0); }")
    paused = await frame.evaluate("() => audio0.paused")
    await site.call(
        "page_set_html", selector="#content", html=f"<p>b</p><audio id=audio loop src='{WAV}'></audio><i>c</i>"
    )
    await at_revision(page, 2)
    assert await frame.evaluate("() => [audio0 === document.getElementById('audio'), audio0.paused]") == [True, paused]


async def test_a_new_script_runs_once_and_a_changed_one_in_a_fresh_page(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await watch(site, browser, url)
    await site.call("page_set_html", selector="#content", html="<p style='height:3000px'>tall</p>")
    await site.call("page_set_script", js="let runs = (window.runs ?? 0) + 1; window.runs = runs;")
    await at_revision(page, 2)
    assert await inside(page).evaluate("() => window.runs") == 1
    await site.call("page_add_block", anchor="#content", position="append", html="<script>window.extra = 5</script>")
    await at_revision(page, 3)
    assert await inside(page).evaluate("() => [window.runs, window.extra]") == [1, 5]
    await inside(page).evaluate("() => scrollTo(0, 700)")
    await site.call("page_set_script", js="let runs = 40; window.runs = runs;")
    await at_revision(page, 4)
    await inside(page).wait_for_function("() => window.runs === 40 && scrollY === 700")


async def test_a_reset_shows_the_empty_page(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await watch(site, browser, url)
    await site.call("page_set_html", selector="h1", html="changed")
    await at_revision(page, 1)
    await site.bench.reset()
    await inside(page).wait_for_function("() => document.querySelector('h1').textContent === 'Live page'")
    await site.call("page_set_html", selector="h1", html="after")
    await inside(page).wait_for_function("() => document.querySelector('h1').textContent === 'after'")


async def test_seven_tabs_of_one_browser_all_see_an_edit(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    context = await browser.new_context()
    pages = []
    for _ in range(7):  # one more than the connections that a browser makes to a host
        pages.append(page := await context.new_page())
        await page.goto(site.base + url)
        await at_revision(page, 0)
    await site.call("page_set_html", selector="h1", html="for all")
    for page in pages:
        await at_revision(page, 1)
    assert site.audiences.count("sesn_a") == 1
    await pages[0].close()
    await site.call("page_set_html", selector="h1", html="go on")
    for page in pages[1:]:
        await at_revision(page, 2)


async def watch(site: Site, browser: Browser, url: str) -> Page:
    """A viewer in a browser profile of their own, with the page loaded."""
    page = await (await browser.new_context()).new_page()
    page.on("pageerror", lambda error: print("page error:", error))
    await page.goto(site.base + url)
    await at_revision(page, 0)
    return page


async def chromiums_reading(browser: Browser, html: str) -> str:
    """The tree that Chromium makes of the document."""
    page = await (await browser.new_context()).new_page()
    await page.set_content(html)
    tree: str = await page.evaluate(TREE)
    await page.close()
    return tree
