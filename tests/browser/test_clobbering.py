"""Forms whose fields are named like the properties of elements, and elements named like those of the document."""
# ruff: noqa: E501  # pages are written as one would write them in a file

from typing import Any

import pytest

pytestmark = pytest.mark.settled

FORM = (
    "nodeType childNodes children parentElement parentNode localName tagName getAttribute hasAttribute attributes querySelector "
    "querySelectorAll closest matches shadowRoot getBoundingClientRect getClientRects isConnected textContent innerText "
    "childElementCount firstChild nextSibling assignedSlot getRootNode contains ownerDocument labels id className style hidden "
    "isContentEditable tabIndex onclick inert ownerSVGElement scrollIntoView clientWidth clientHeight scrollHeight offsetParent "
    "title role checkVisibility value type checked disabled multiple options host control"
)
DOCUMENT = (
    "body documentElement title scrollingElement getElementsByTagName querySelector querySelectorAll readyState "
    "elementFromPoint elementsFromPoint activeElement hasFocus createRange contentType scripts getAnimations createTreeWalker "
    "addEventListener pointerLockElement"
)


@pytest.mark.sized  # all the fields are to be in view
@pytest.mark.parametrize("tag", ["form", "frame"])
async def test_fields_named_like_properties_neither_hide_nor_break_a_form(browser: Any, tag: str) -> None:
    fields = "".join(f"<input name={name} aria-label='f {name}'>" for name in FORM.split())
    body = f"<form id=f onsubmit='o.textContent = 7; return false' onclick=''>{fields}<button>Send</button></form><p id=o>after</p>"
    if tag == "frame":
        browser.site.pages["/inner"] = f"<!doctype html><title>I</title>{body}"
        body = "<iframe src=/inner width=1200 height=700></iframe>"
    text = await browser.open(body)
    assert "after" in text
    for name in FORM.split():
        assert f'textbox "f {name}"' in text, name
    assert "Typed" in await browser("type", target="f children", text="x")
    text = await browser("click", target="Send")
    assert "7" in text, text
    assert "instead" not in text


async def test_elements_named_like_the_documents_properties_do_not_blind_the_reader(browser: Any) -> None:
    named = "".join(f"<img name={name} id={name}><form name={name}></form>" for name in DOCUMENT.split())
    text = await browser.open(f"{named}<h1>here</h1><button onclick='this.textContent = 7'>Press</button>")
    assert "# here" in text
    assert "7" in await browser("click", target="Press")
    assert "here" in await browser("read", query="here")
    assert "Waited" in await browser("wait", seconds=0)
    await browser("scroll", dy=10)
    assert not browser.failed
