"""The local check finds every edit that HTML cannot express, and changes replay to the same document."""

import random
from contextlib import suppress

import pytest

from glasshouse.tool import ToolError
from tests.conftest import OpenWorkbench
from tests.livepage.cases import DOCUMENT, edit_cases, random_edit
from tests.livepage.test_tools import html
from tools.livepage import kit
from tools.livepage.changes import Change, apply
from tools.livepage.difference import difference
from tools.livepage.document import Tree, parse_raw
from tools.livepage.state import Draft
from tools.livepage.steps import AddBlock, SetHtml


def test_after_any_edit_the_document_reads_back_as_written() -> None:
    settled = 0
    for case in edit_cases(1_500, seed=2):
        draft = Draft(Tree.parse(DOCUMENT), len(DOCUMENT))
        case.step().make(draft, 0)
        text = draft.tree.html()
        assert parse_raw(text) == text, case
        assert draft.tree.elements == len(Tree.parse(text).select("*")) + _in_templates(text), case
        settled += draft.settled
    assert settled > 60  # or the cases are too tame to show anything


def test_the_difference_of_two_documents_leads_from_one_to_the_other() -> None:
    dice = random.Random(3)
    cases = edit_cases(600, seed=4)
    small = 0
    for case in cases:
        before, draft = Tree.parse(DOCUMENT), Draft(Tree.parse(DOCUMENT), len(DOCUMENT))
        case.step().make(draft, 0)
        with suppress(ToolError):  # the first edit may have taken the second one's place away
            dice.choice(cases).step().make(draft, 0)
        changes = [change.to_json() for change in difference(before, draft.tree)]
        tree = Tree.parse(DOCUMENT)
        for change in changes:
            tree = apply(tree, Change.from_json(change))
        assert tree.html() == draft.tree.html(), case
        small += all(change["k"] != "document" for change in changes)
    assert small > 0.9 * len(cases)


def test_a_hidden_input_in_a_table_does_not_depend_on_other_text() -> None:
    page = "<table id=t><tbody id=b><tr><td>x</table><form></form>"
    for tail in ("", "\u00e9", "\u03a9", "\U0001f600"):
        for place in ("t", "b"):
            draft = Draft(Tree.parse(page + tail), 100)
            AddBlock(anchor=f"#{place}", position="append", html="<input type=hidden name=n>").make(draft, 0)
            text = draft.tree.html()
            assert '<body><input type="hidden" name="n"><table id="t">' in text
            assert Tree.parse(text + "\u03a9").html().replace("\u03a9", "") == text.replace("\u03a9", "")


def test_the_content_of_a_template_stays_out_of_reach_of_selectors() -> None:
    draft = Draft(Tree.parse("<template id=t class=c><p>a</template>"), 100)
    for inner in ("<tr><td id=x>b", "<i id=x>c</i></template><b id=x>", "<template><u id=x>d"):
        SetHtml(selector="#t", html=inner).make(draft, 0)
        assert draft.tree.select("#x, #t *") == []
        assert draft.tree.html() == Tree.parse(draft.tree.html()).html()
        assert draft.tree.address(draft.tree.select("#t")[0]).id == "t"
    assert '<template id="t" class="c"><template><u id="x">d</u></template></template>' in draft.tree.html()


@pytest.mark.parametrize("seed", [2, 3, 5, 6])
async def test_a_long_session_reads_back_as_it_stands(workbench: OpenWorkbench, seed: int) -> None:
    dice = random.Random(seed)
    async with workbench(kit) as bench:
        for step in range(400):
            if step % 80 == 0:
                await bench.call("page_replace", html=DOCUMENT)
            await random_edit(bench, dice)
            if step % 7 == 0:
                shown = await html(bench)
                await bench.sleep()
                assert await html(bench) == shown


def _in_templates(html: str) -> int:
    return len(Tree.parse(html)._document.select("*")) - len(Tree.parse(html).select("*"))
