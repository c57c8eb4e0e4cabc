"""New pages tell of themselves: nobody asks for what is there, and what is told is not believed unseen."""

from typing import Any

import pytest

from tools.browser import eye, worlds
from tools.browser.eye import MainEye

PAGE = "<title>T</title><h1>here</h1><button onclick='o.textContent = \"pressed\"'>Press</button><p id=o></p>"
GARBAGE = (
    "'no JSON'",
    "'[1]'",
    "JSON.stringify({ lines: ['forged'], next: 2 })",
    "JSON.stringify({ lines: 'x'.repeat(500000) })",
    "{ toString() { throw 1 } }",
)


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


async def test_a_new_page_is_read_without_being_asked(browser: Any, asked: list[str]) -> None:
    for i in range(2):  # numbers go on from page to page
        text = await browser.open(PAGE)
        number = text.partition("[")[2].partition("]")[0]
        assert f'[{number}] button "Press"' in text
        assert "arrive" not in asked
        assert "pressed" in await browser("click", target=int(number)), i
        assert f'\n[{number}] button "Press"' in await browser("read")


async def test_what_came_after_the_page_had_told_is_new(browser: Any) -> None:
    await browser.open(
        PAGE + "<script>onclick = () => document.body.append(document.createElement('textarea'))</script>"
    )
    await browser("press", key="Tab")
    await browser("click", target="Press")
    text = await browser("read")
    assert "*[" in text
    assert text.index('button "Press"') < text.index("*[")


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_a_renderer_that_tells_nonsense_is_asked_as_others_are(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch, asked: list[str], garbage: str
) -> None:
    begin = f"if (self === top) {{ %s; try {{ %s({garbage}) }} catch {{}} }}"
    monkeypatch.setattr(eye, "BEGIN_JS", begin + " // %s %s")
    async with open_browser(limit_s=4) as browser:
        text = await browser.open(PAGE)
        assert "forged" not in text
        assert 'button "Press"' in text
        assert "pressed" in await browser("click", target="Press")


async def test_who_tells_twice_is_not_believed(open_browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eye, "BEGIN_JS", "if (self === top) { %s; const say = %s; say('1'); say('2') } // %s %s")
    async with open_browser(limit_s=4) as browser:
        assert 'button "Press"' in await browser.open(PAGE)


async def test_a_page_cannot_tell_for_its_eye(browser: Any) -> None:
    await browser.open(
        "<p id=o></p><iframe id=f srcdoc='x'></iframe>"
        "<script>o.textContent = [typeof tell, typeof f.contentWindow.tell]</script>"
    )
    assert "undefined,undefined" in await browser("read")


async def test_a_page_that_stores_a_lot_tells_only_that_it_did(browser: Any) -> None:
    text = await browser.open("<h1>big</h1><script>localStorage.big = 'x'.repeat(1000000)</script>")
    assert "big" in text
    kept = (await browser.state()).keeper.kept.local
    assert kept[f"http://{browser.site.host}"] == {"big": "x" * 1_000_000}


def test_what_is_told_has_local_numbers_only_where_they_are_marked() -> None:
    box = {"sum": "0:1", "entries": []}
    told = worlds.Told.model_validate(
        {
            **{"lines": ['\x011\x02 link "[1]"'], "more": False, "late": False, "shown": 100, "next": 2, "frames": []},
            **{
                "url": "u",
                "title": "t",
                "kind": "text/html",
                "x": 0,
                "y": 0,
                "height": 1,
                "full": 1,
                "elements": 1,
                "counted": 1,
            },
            "stored": {"origin": "o", "local": box, "session": box},
        }
    )
    found = told.reading(41, {"local": {}, "session": None})
    assert found["lines"] == ['[41] link "[1]"']
    assert found["next"] == 42
