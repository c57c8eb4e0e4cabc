"""Edits and selectors do what Chromium does with the same document."""

import json

from playwright.async_api import Browser, Page

from glasshouse.tool import ToolError
from tests.conftest import OpenWorkbench
from tests.livepage.cases import DOCUMENT, SELECTORS, edit_cases
from tools.livepage import kit
from tools.livepage.document import Tree
from tools.livepage.edits import find

WALK = """
  const walk = (node) => node.nodeType === 1
    ? [node.namespaceURI, node.localName, Object.fromEntries([...node.attributes].map((a) => [a.name, a.value]).sort()),
       [...(node.localName === "template" && node.content ? node.content : node).childNodes].map(walk)]
    : [node.nodeType, node.data];
  const seen = (page) => (page.normalize(), JSON.stringify(walk(page.documentElement)));
  const parsed = (html) => seen(new DOMParser().parseFromString(html, "text/html"));
"""
SEEN = f"(html) => {{ {WALK} return parsed(html); }}"
EDITED = (
    "({ document: html, place, operation, html: fragment }) => {"
    + WALK
    + """
  const page = document.createElement("iframe");
  document.body.append(page);
  page.contentDocument.open(); page.contentDocument.write(html); page.contentDocument.close();
  const element = page.contentDocument.getElementById(place);
  const where = { before: "beforebegin", after: "afterend", append: "beforeend", prepend: "afterbegin" }[operation];
  if (operation === "inner") element.innerHTML = fragment; else element.insertAdjacentHTML(where, fragment);
  const text = "<!DOCTYPE html>" + page.contentDocument.documentElement.outerHTML;
  const trees = [parsed(text), seen(page.contentDocument)]; // what a reader of the saved page sees; what is on screen
  page.remove();
  return trees;
}"""
)
SELECTED = """({ html, selectors }) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const every = [...page.querySelectorAll("*")];
  return selectors.map((selector) => {
    try { return [...page.querySelectorAll(selector)].map((element) => every.indexOf(element)); } catch { return "invalid"; }
  });
}"""


async def test_edits_give_the_tree_that_chromium_gives(browser: Browser, workbench: OpenWorkbench) -> None:
    page = await browser.new_page()
    cases = edit_cases(300)
    different = []
    async with workbench(kit) as bench:
        for number, case in enumerate(cases):
            session = f"sesn_{number}"
            await bench.call("page_replace", html=DOCUMENT, session=session)
            tool, given = case.tool()
            result = await bench.call(tool, session=session, **given)
            assert not result.is_error, (case, result)
            ours = await _stored(bench.memory(session))
            theirs = await page.evaluate(EDITED, {"document": DOCUMENT, **case.__dict__})
            if await _seen(page, ours) not in theirs:
                different.append((case, ours, theirs))
    for case, ours, theirs in different:
        print(case, ours, *theirs, sep="\n")
    assert len(different) <= 0.03 * len(cases)


async def test_selectors_find_what_chromium_finds(browser: Browser) -> None:
    page = await browser.new_page()
    theirs = await page.evaluate(SELECTED, {"html": DOCUMENT, "selectors": SELECTORS})
    tree = Tree.parse(DOCUMENT)
    every = tree.select("*")
    different = []
    for selector, expected in zip(SELECTORS, theirs, strict=True):
        try:
            ours: object = [every.index(element) for element in tree.select(selector)]
        except ToolError:
            ours = "invalid"
        if ours != expected:
            different.append((selector, ours, expected))
    print(json.dumps(different, indent=0))
    assert len(different) <= 0.05 * len(SELECTORS)


def test_a_selector_that_fails_says_so() -> None:
    tree = Tree.parse(DOCUMENT)
    for selector in ("p..x", "#nothing", "", "p:eq(0)", "a" * 600):
        try:
            find(tree, selector, 3)
        except ToolError as error:
            assert str(error).endswith((".", '".'))
        else:
            raise AssertionError(selector)


async def _seen(page: Page, html: str) -> str:
    seen: str = await page.evaluate(SEEN, html)
    return seen


async def _stored(memory: object) -> str:
    exported: str = await kit.page.export(memory, False)  # type: ignore[union-attr, arg-type]
    return exported
