"""What the agent can do with a page, and what it is told."""

import json
from typing import Any

from glasshouse.tool import Result
from tests.conftest import OpenWorkbench, Workbench
from tools.livepage import kit


def said(result: Result) -> str:
    return "\n".join(getattr(block, "text", "") for block in result.content)


async def html(bench: Workbench) -> str:
    return (await bench.call("page_get", max_chars=90_000)).content[1].text  # type: ignore[union-attr]


async def test_a_new_page_has_the_scaffold(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        text = said(await bench.call("page_get", outline=True))
        for part in ("header#hero", "h1", "main#content", "footer#footer", "style#base"):
            assert part in text
        assert "#d97757" in await html(bench)


async def test_each_tool_does_what_its_name_says(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<table><tbody></tbody></table><p>one<p>two")
        await bench.call("page_add_block", anchor="tbody", position="append", html="<tr><td>cell")
        await bench.call("page_add_block", anchor="#content", position="before", html="<hr>")
        await bench.call("page_set_attr", selector="p", name="class", value="first")
        await bench.call("page_set_attr", selector="html", name="lang", value=None)
        await bench.call("page_remove", selector="p + p")
        await bench.call("page_set_style", css="p { margin: 0 }", id="mine")
        await bench.call("page_set_style", css="p { margin: 1px }", id="mine")
        await bench.call("page_set_script", js="let a = '<b>' && 1")
        text = await html(bench)
        assert "<tbody><tr><td>cell</td></tr></tbody>" in text
        assert '<hr><main id="content">' in text
        assert '<p class="first">one</p></main>' in text
        assert text.startswith("<!DOCTYPE html><html><head>")
        assert text.count("<style") == 2
        assert "margin: 1px" in text
        assert "<script id=\"page-script\">let a = '<b>' && 1</script></body>" in text


async def test_page_edit_makes_all_edits_or_none(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        before = await html(bench)
        good = {"tool": "page_set_html", "selector": "h1", "html": "T"}
        failed = await bench.call("page_edit", edits=[good, {"tool": "page_remove", "selector": "#no"}])
        assert failed.is_error
        assert "Edit 2 of 2" in said(failed)
        assert await html(bench) == before
        done = await bench.call("page_edit", edits=[good, {"tool": "page_remove", "selector": "footer"}])
        assert said(done).startswith("Revision 1:")
        assert "<footer" not in await html(bench)


async def test_an_error_names_what_is_near(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<div class=container><ul><li>a</ul></div>")
        text = said(await bench.call("page_set_html", selector=".containr h2", html=""))
        assert ".containr does not exist; near: .container." in text
        assert "#content" in text
        text = said(await bench.call("page_remove", selector=".container h2"))
        assert "'.container' matches <div class=\"container\">, which has 1 × <ul>." in text
        text = said(await bench.call("page_remove", selector="p..x"))
        assert "not a valid CSS selector: expected an identifier at position 2." in text
        assert "backslash" in said(await bench.call("page_remove", selector=".md:w-1"))
        assert "jQuery" in said(await bench.call("page_remove", selector="p:contains(x)"))


async def test_the_answer_says_how_many_matched(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<p>a<p>b<p>c")
        assert "(the first of 3 matches)" in said(await bench.call("page_set_html", selector="p", html="x"))


async def test_an_edit_that_html_cannot_express_is_settled_and_told(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<p id=p>x</p><i>after</i>")
        text = said(await bench.call("page_set_html", selector="#p", html="a<div>b</div>c"))
        assert "the parser moved something" in text
        assert '<p id="p">a</p><div>b</div>c<p></p><i>after</i>' in await html(bench)
        patch = (await bench.events())[-1].data["patch"]
        assert [change["k"] for change in patch["changes"]] != ["document"]


async def test_text_cannot_break_out_of_styles_and_scripts(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        for tool, given in (
            ("page_set_style", {"css": "p{}</style><script>"}),
            ("page_set_script", {"js": "'</SCRIPT>'"}),
            ("page_set_script", {"js": "'<!--<script>'"}),
            ("page_set_html", {"selector": "#base", "html": "</style><b>"}),
            ("page_set_attr", {"selector": "h1", "name": 'a"b', "value": "x"}),
            ("page_set_attr", {"selector": "h1", "name": "a><b", "value": "x"}),
        ):
            assert (await bench.call(tool, **given)).is_error, tool
        await bench.call("page_set_attr", selector="h1", name="title", value='"><script>alert(1)</script>')
        assert 'title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in await html(bench)
        assert not await bench.events() or len(await bench.events()) == 1


async def test_html_head_and_body_stay(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        for selector in ("html", "head", "body"):
            assert (await bench.call("page_remove", selector=selector)).is_error
            given = {"anchor": selector, "position": "after", "html": "<p>x"}
            assert (await bench.call("page_add_block", **given)).is_error
        await bench.call("page_set_html", selector="html", html="<head><title>n</title></head><body><p>new")
        assert '<html lang="en"><head><title>n</title></head><body><p>new</p></body></html>' in await html(bench)


async def test_an_edit_against_an_old_revision_is_refused_with_what_changed(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="h1", html="a")
        await bench.call("page_set_html", selector="#content", html="b")
        refused = await bench.call("page_set_html", selector="h1", html="c", if_revision=1)
        assert refused.is_error
        assert 'Changed since: <main id="content">' in said(refused)
        assert not (await bench.call("page_set_html", selector="h1", html="c", if_revision=2)).is_error


async def test_undo_walks_back_and_never_loses_a_revision(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        for word in ("a", "b", "c"):
            await bench.call("page_set_html", selector="h1", html=word)
        for word in ("b", "a"):
            await bench.call("page_undo")
            assert f"<h1>{word}</h1>" in await html(bench)
        await bench.call("page_undo", to_revision=3)
        assert "<h1>c</h1>" in await html(bench)
        await bench.call("page_undo", to_revision=0)
        assert "<h1>Live page</h1>" in await html(bench)
        assert (await bench.call("page_undo", to_revision=99)).is_error


async def test_there_is_nothing_to_undo_on_a_new_page(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        assert "nothing to undo" in said(await bench.call("page_undo"))


async def test_an_edit_that_changes_nothing_makes_no_revision(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_replace", html=await html(bench))
        await bench.call("page_set_attr", selector="html", name="lang", value="en")
        assert await bench.events() == []


async def test_page_get_is_bounded_and_goes_on(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<p>0123456789</p>" * 100)
        whole = (await bench.call("page_get", selector="#content", max_chars=90_000)).content[1].text  # type: ignore[union-attr]
        first = (await bench.call("page_get", selector="#content", max_chars=1000)).content[1].text  # type: ignore[union-attr]
        assert first.startswith(whole[:1000])
        assert 'page_get {"offset": 1000}' in first
        second = said(await bench.call("page_get", selector="#content", max_chars=1000, offset=1000))
        assert whole[1000:2000] in second


async def test_the_event_tells_the_edit_and_carries_its_patch(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<div><b>x</b></div>")
        await bench.call("page_set_html", selector="#content b", html="y")
        event = (await bench.events())[-1]
        assert event.type == "livepage.edited"
        told = {key: event.data[key] for key in ("author", "revision", "tool", "changed", "call_id")}
        changed = {"author": "agent", "revision": 2, "tool": "page_set_html", "changed": ["<b>"], "call_id": "sevt_2"}
        assert told == changed
        change = {"k": "inner", "at": {"id": "content", "path": [0, 0]}, "tag": "b", "html": "y"}
        assert event.data["patch"] == {"rev": 2, "changes": [change]}


async def test_a_large_patch_stays_out_of_the_log(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="#content", html="<p>x</p>" * 20_000)
        event = (await bench.events())[-1]
        assert event.data["patch"] is None
        assert len(event.line) < 2_000


async def test_the_operator_sees_history_and_compares_and_restores(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="h1", html="a")
        await bench.control("page_restore", revision=0)
        history = json.loads(said(await bench.control("page_history", limit=10)))
        assert [(entry["rev"], entry["author"], entry["tool"]) for entry in history["entries"]] == [
            (2, "operator", "page_restore"), (1, "agent", "page_set_html"),
        ]  # fmt: skip
        between: dict[str, Any] = {"from": 1, "to": 2}
        pages = json.loads(said(await bench.control("page_diff", **between)))
        assert "<h1>a</h1>" in pages["from"]
        assert "<h1>Live page</h1>" in pages["to"]


async def test_two_sessions_have_two_pages(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_set_html", selector="h1", html="mine")
        assert "Live page" in said(await bench.call("page_get", session="sesn_b", selector="h1"))
