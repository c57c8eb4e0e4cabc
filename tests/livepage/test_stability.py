"""The local check finds every edit that HTML cannot express, and changes replay to the same document."""

import random
from contextlib import suppress

from glasshouse.tool import ToolError
from tests.livepage.cases import DOCUMENT, edit_cases
from tools.livepage.changes import Change, apply
from tools.livepage.difference import difference
from tools.livepage.document import Tree, parse_raw
from tools.livepage.state import Draft


def test_after_any_edit_the_document_reads_back_as_written() -> None:
    settled = 0
    for case in edit_cases(3_000, seed=2):
        draft = Draft(Tree.parse(DOCUMENT), len(DOCUMENT))
        case.step().make(draft, 0)
        text = draft.tree.html()
        assert parse_raw(text) == text, case
        assert draft.tree.elements == len(Tree.parse(text).select("*")) + _in_templates(text), case
        settled += draft.settled
    assert settled > 100  # or the cases are too tame to show anything


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


def _in_templates(html: str) -> int:
    return len(Tree.parse(html)._document.select("*")) - len(Tree.parse(html).select("*"))
