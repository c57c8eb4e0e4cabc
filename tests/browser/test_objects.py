"""What Playwright's driver keeps for us, by its own count: nothing of pages that are left or sessions that sleep."""

from collections import Counter
from typing import Any

from tests.browser.conftest import Browser
from tools.browser.engine import Engine

HELD = ("JSHandle", "ElementHandle", "CDPSession", "Page", "BrowserContext")  # what is kept until somebody lets go


def held(engine: Engine) -> Counter[str]:
    """How many objects of each kind there are."""
    driver: Any = engine.driver
    objects = driver._playwright._impl_obj._connection._objects.values()
    return Counter(each._type for each in objects if each._type in HELD)


async def settled(browser: Browser) -> None:
    """Answers come in the order of the questions: what was let go of before is gone after this."""
    await (await browser.state()).tab.page.evaluate("1")


async def use(browser: Browser) -> None:
    """Every kind of call, on a page with a frame."""
    await browser("goto", url=browser.site.url("/"))
    await browser("read")
    await browser("click", target="#go")
    await browser("type", target="#name", text="Ada")
    assert not browser.failed
    await browser("upload", target="#file", files=[])
    assert not browser.failed
    await browser("screenshot")
    await settled(browser)


async def test_a_session_that_goes_on_and_on_holds_no_more_with_every_page(browser: Browser, engine: Engine) -> None:
    body = "<iframe src=/in></iframe><button id=go>Go</button><input id=name><input id=file type=file>"
    browser.site.pages |= {"/": f"<!doctype html><title>T</title>{body}", "/in": "<button>Inside</button>"}
    await use(browser)
    before = held(engine)
    for _ in range(2):
        await use(browser)
    assert held(engine) == before


async def test_sessions_that_sleep_hold_nothing(browser: Browser, engine: Engine) -> None:
    before = held(engine)
    for _ in range(2):
        await browser.open("<iframe src=/in></iframe><button id=go>Go</button>")
        await browser("click", target="#go")
        await browser.bench.sleep()
        assert held(engine) == before
