"""New pages tell of themselves: nobody asks for what is there, and what is told is not believed unseen."""

import asyncio
from typing import Any

import pytest

from tests.browser.conftest import Site
from tools.browser import acting, worlds
from tools.browser.eye import MainEye
from tools.browser.sentry import Sentry

pytestmark = pytest.mark.settled

GARBAGE = (
    "'no JSON'",
    "'[1]'",
    "JSON.stringify({ title: 'forged' })",
    "JSON.stringify({ title: 'forged', told: 'x'.repeat(500000), stored: {} })",
    "{ toString() { throw 1 } }",
)
PAGE = "<title>T</title><h1>here</h1><script>localStorage.cart = 'mug'; print()</script>"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deeds that eyes of main frames are asked for."""
    deeds: list[str] = []
    do = MainEye._do

    async def noted(self: MainEye, deed: str, given: Any) -> Any:
        deeds.append(deed)
        return await do(self, deed, given)

    monkeypatch.setattr(MainEye, "_do", noted)
    return deeds


async def test_a_page_is_answered_without_being_asked_and_kept_after_it(
    browser: Any, site: Site, asked: list[str]
) -> None:
    site.pages["/"] = PAGE
    text = await browser("goto", url=site.url("/"))
    assert not asked
    assert text.splitlines()[0] == f'{site.url("/")}  "T"  status 200'
    assert "print" in text
    state = await browser.state()
    await state.recorded()
    assert state.keeper.kept.local[f"http://{site.host}"] == {"cart": "mug"}
    assert state.keeper.kept.tabs[0]["title"] == "T"


async def test_a_page_is_read_in_the_same_call_when_that_is_asked_for(browser: Any, site: Site) -> None:
    site.pages["/"] = PAGE
    assert "# here" not in await browser("goto", url=site.url("/"))
    assert "# here" in await browser("goto", url=site.url("/"), read=True)


async def test_a_place_in_the_page_that_is_shown_is_gone_to_without_loading_it(browser: Any, site: Site) -> None:
    site.pages["/"] = "<title>T</title><div style='height: 3000px'></div><p id=end>end</p>"
    await browser("goto", url=site.url("/"))
    assert await browser("goto", url=site.url("/#end")) == f'{site.url("/#end")}  "T"'
    assert sum("favicon" not in line for line in site.asked) == 1
    assert (await browser.state()).keeper.kept.tabs[0]["y"] > 1000


async def test_the_status_is_that_of_the_page_where_it_ended(browser: Any, site: Site) -> None:
    site.pages |= {"/": "<title>A</title><script>location.replace('/b')</script>", "/b": (404, {}, "<title>B</title>")}
    assert f'{site.url("/b")}  "B"  status 404' in await browser("goto", url=site.url("/"))


async def test_where_a_page_begins_is_known_after_the_answer(browser: Any, site: Site) -> None:
    site.pages["/"] = "<title>T</title><div style='height: 3000px'></div><p id=end>end</p>"
    await browser("goto", url=site.url("/#end"))
    assert (await browser.acted())[-1]["scroll"]["y"] > 1000
    assert (await browser.state()).keeper.kept.tabs[0]["y"] > 1000


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_a_renderer_that_tells_nonsense_is_asked_as_others_are(
    open_browser: Any, site: Site, monkeypatch: pytest.MonkeyPatch, garbage: str
) -> None:
    honest: Any = Sentry.script

    def forged(sentry: Sentry) -> str:
        taken = f"const tell = window['{sentry.key}']; delete window['{sentry.key}']"
        return f"{{ {taken}; if (self === top) try {{ tell({garbage}) }} catch {{}} }}" + str(honest.fget(sentry))

    monkeypatch.setattr(Sentry, "script", property(forged))
    site.pages["/"] = PAGE
    async with open_browser(limit_s=4) as browser:
        text = await browser("goto", url=site.url("/"))
        assert '"T"' in text
        assert "forged" not in text


async def test_what_pages_tell_by_is_in_none_of_their_windows(browser: Any, site: Site) -> None:
    site.pages["/more"] = "<script>document.title = opener.odd(window)</script>"
    keys = "Object.getOwnPropertyNames(w).filter((name) => /^[0-9a-f]{32}$/.test(name))"
    await browser.open(
        f"<p id=o></p><iframe id=f srcdoc='x'></iframe><script>window.odd = (w) => 'odd: ' + {keys}.length;"
        "o.textContent = odd(window) + odd(f.contentWindow)</script>"
        "<button onclick='window.open(`/more`)'>more</button>"
    )
    assert "odd: 0odd: 0" in await browser("read")
    await browser("click", target="more")
    page = (await browser.state()).tab.page
    assert await page.title() == "odd: 0"
    assert (
        await page.evaluate(f"() => {{ const w = window; return {keys} }}") == []
    )  # it was there before it was listened to


async def test_what_a_page_asks_for_while_it_comes_is_told_though_a_click_led_to_it(browser: Any, site: Site) -> None:
    site.pages["/next"] = PAGE
    await browser.open("<a href=/next>on</a>")
    assert "print dialog" in await browser("click", target="on")


async def test_without_a_world_of_playwrights_the_eye_makes_its_own(
    open_browser: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worlds, "PLAYWRIGHTS", "named otherwise")
    site.pages["/"] = PAGE + "<script>globalThis.Map = null</script>"
    async with open_browser() as browser:
        for _ in range(2):
            assert "# here" in await browser("goto", url=site.url("/"), read=True)


async def test_letters_that_nobody_sees_are_not_in_a_title(browser: Any, site: Site) -> None:
    site.pages["/"] = "<title>Shop&#xE0041;&#xE0042;\u00a0 of &#1;mugs</title>"
    assert '"Shop of mugs"' in await browser("goto", url=site.url("/"))


async def test_a_page_of_html_is_not_taken_for_a_text_of_which_the_rest_is_hidden(browser: Any) -> None:
    assert "unseen" not in await browser.open("<pre>seen</pre><pre hidden>unseen</pre>")


async def test_cookies_of_the_way_to_a_page_are_kept_before_the_answer(browser: Any, site: Site) -> None:
    site.pages["/"] = (302, {"Location": "/b", "Set-Cookie": "way=1"}, "")
    site.pages["/b"] = (
        200,
        {"Set-Cookie": "end=2; HttpOnly"},
        "<title>B</title><script>location.replace('/c')</script>",
    )
    site.pages["/c"] = (200, {"Set-Cookie": "last=3"}, "<title>C</title>")
    await browser("goto", url=site.url("/"))
    kept = (await browser.state()).keeper.kept.cookies
    assert {cookie["name"]: cookie["value"] for cookie in kept} == {"way": "1", "end": "2", "last": "3"}


async def test_to_read_nobody_waits_for_the_picture_of_the_action_before(
    browser: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.open("<h1>here</h1><button onclick='document.title = 1'>go</button>")
    await (await browser.state()).recorded()
    taken, wanted = asyncio.Event(), asyncio.Event()
    picture = acting.picture

    async def late(*given: Any) -> bytes | None:
        wanted.set()
        await taken.wait()
        return await picture(*given)

    monkeypatch.setattr(acting, "picture", late)
    try:
        await browser("goto", url=site.url("/"))
        assert "here" in await browser("read")
        await wanted.wait()
        click = asyncio.create_task(browser("click", target="go"))  # what acts on the page comes after its picture
        assert "go" in await (await browser.state()).tab.page.inner_text("body")
        assert not click.done()
    finally:
        taken.set()
    assert 'Title is now "1"' in await click
    acted = await browser.acted()
    assert [event["tool"] for event in acted[-3:]] == ["browser_goto", "browser_read", "browser_click"]
    assert all(event["frame"] for event in acted)


async def test_deeds_that_come_side_by_side_share_an_eye(browser: Any, site: Site) -> None:
    site.pages["/in"] = "<p>inside</p>"
    await browser.open("<iframe src=/in></iframe>")
    await (await browser.state()).recorded()
    tab = (await browser.state()).tab
    tab.sight.blink_all()
    for frame in tab.page.frames:
        found = await asyncio.gather(*(tab.sight.do(frame, "place") for _ in range(4)))
        assert len({id(opened) for _, opened in found}) == 1
