"""Everything is bounded, and each bound says so in its own words."""

import time
from contextlib import suppress

import pytest

from glasshouse.tool import ToolError
from tests.conftest import OpenWorkbench
from tests.livepage.test_tools import html, said
from tools.livepage import kit, limits
from tools.livepage.document import Tree

HOSTILE = [
    ":nth-child(n of :nth-child(n of *))", "* " * 240 + "*", ":not(" * 80 + "*" + ")" * 80, ":is(*, * *) " * 30,
    "*:has(*):has(* *)", "[class] ~ [class] ~ [class] ~ [class]", "main > section:nth-child(k) td",
]  # fmt: skip


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("<i>x</i>" * 70_000, "one edit may bring"),
        ("<div>" * 300, "nested"),
        ("<b>x</b>" * 60_100, "60,000 is the limit"),
        ("<plaintext>", "read it back"),
    ],
)
async def test_a_limit_has_its_own_error_and_leaves_the_page(
    workbench: OpenWorkbench, fragment: str, words: str
) -> None:
    async with workbench(kit) as bench:
        before = await html(bench)
        answer = await bench.call("page_set_html", selector="#content", html=fragment)
        assert answer.is_error
        assert words in said(answer)
        assert await html(bench) == before


async def test_the_page_cannot_grow_without_end(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        for _ in range(4):
            block = f"<p>{'x' * 490_000}</p>"
            assert not (await bench.call("page_add_block", anchor="#content", position="append", html=block)).is_error
        answer = await bench.call("page_add_block", anchor="#content", position="append", html=block)
        assert f"{limits.PAGE_CHARS:,} is the limit" in said(answer)
        assert not (await bench.call("page_set_html", selector="#content", html="small again")).is_error


@pytest.mark.parametrize("selector", HOSTILE)
def test_a_hostile_selector_is_answered_in_bounded_time(selector: str) -> None:
    rows = "".join(
        f"<section class=c id=s{n}><table><tr><td><p><b>x</b></p></td></tr></table></section>" for n in range(3_000)
    )
    tree = Tree.parse(f"<main>{rows}</main>")
    started = time.process_time()
    with suppress(ToolError):
        limits.check_selector(selector)
        tree.select(selector)
    assert time.process_time() - started < 3


async def test_lone_surrogates_do_not_get_in(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="h1", html="a\ud800b")
        assert "a\ufffdb" in await html(bench)
