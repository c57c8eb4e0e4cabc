"""The viewer in real Chromium: what the agent edits is what people see, and they keep their place."""

from playwright.async_api import Browser

from tests.livepage.conftest import Site, at_revision, inside


async def test_an_edit_reaches_somebody_who_watches_by_a_link(site: Site, browser: Browser) -> None:
    url, _ = await site.link()
    page = await browser.new_page()
    page.on("console", lambda m: print("CONSOLE", m.text))
    page.on("pageerror", lambda m: print("ERROR", m))
    await page.goto(site.base + url)
    await at_revision(page, 0)
    await site.call("page_set_html", selector="#content", html="<p id=p>hello</p>")
    await at_revision(page, 1)
    assert await inside(page).inner_text("#p") == "hello"
    assert await inside(page).content() == await site.html()
