"""Edits and selectors do what Chromium does with the same document."""

import pytest
from playwright.async_api import Browser

from glasshouse.tool import ToolError
from tests.livepage.cases import DOCUMENT, SELECTORS, edit_cases
from tools.livepage.document import Tree
from tools.livepage.edits import find
from tools.livepage.state import Draft

WALK = """
  const walk = (node) => node.nodeType === 1
    ? [node.namespaceURI, node.localName, Object.fromEntries([...node.attributes].map((a) => [a.name, a.value]).sort()),
       [...(node.localName === "template" && node.content ? node.content : node).childNodes].map(walk)]
    : [node.nodeType, node.data];
  const seen = (page) => (page.normalize(), JSON.stringify(walk(page.documentElement)));
  const parsed = (html) => seen(new DOMParser().parseFromString(html, "text/html"));
"""
SEEN = f"(pages) => {{ {WALK} return pages.map(parsed); }}"
EDITED = (
    "({ html, cases }) => {"
    + WALK
    + """
  return cases.map(({ place, operation, html: fragment }) => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const page = frame.contentDocument;
    page.open(); page.write(html); page.close();
    const element = page.getElementById(place);
    const where = { before: "beforebegin", after: "afterend", append: "beforeend", prepend: "afterbegin" }[operation];
    if (operation === "inner") element.innerHTML = fragment; else element.insertAdjacentHTML(where, fragment);
    // what a reader of the saved page sees, and what is on screen
    const trees = [parsed("<!DOCTYPE html>" + page.documentElement.outerHTML), seen(page)];
    frame.remove();
    return trees;
  });
}"""
)
SELECTED = """({ html, selectors }) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const every = [...page.querySelectorAll("*")];
  return selectors.map((selector) => {
    try {
      return [...page.querySelectorAll(selector)].map((element) => every.indexOf(element));
    } catch {
      return "invalid";
    }
  });
}"""


async def test_edits_give_the_tree_that_chromium_gives(browser: Browser) -> None:
    cases = edit_cases(150)
    ours = []
    for case in cases:
        draft = Draft(Tree.parse(DOCUMENT), len(DOCUMENT))
        case.step().make(draft, 0)
        ours.append(draft.tree.html())
    chromium = await (await browser.new_context()).new_page()
    seen = await chromium.evaluate(SEEN, ours)
    theirs = await chromium.evaluate(EDITED, {"html": DOCUMENT, "cases": [case.__dict__ for case in cases]})
    different = [case for case, tree, trees in zip(cases, seen, theirs, strict=True) if tree not in trees]
    print(len(different), "of", len(cases), "edits differ:", *different, sep="\n")
    assert len(different) <= 0.03 * len(cases)


async def test_selectors_find_what_chromium_finds(browser: Browser) -> None:
    chromium = await (await browser.new_context()).new_page()
    theirs = await chromium.evaluate(SELECTED, {"html": DOCUMENT, "selectors": SELECTORS})
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
    print(len(different), "of", len(SELECTORS), "selectors differ:", *different, sep="\n")
    assert len(different) <= 0.05 * len(SELECTORS)


@pytest.mark.parametrize("selector", ["p..x", "#nothing", "", "p:eq(0)", "main > .nothing", "a" * 600])
def test_a_selector_that_fails_says_so_in_a_sentence(selector: str) -> None:
    with pytest.raises(ToolError, match=r"\.$"):
        find(Tree.parse(DOCUMENT), selector, 3)
