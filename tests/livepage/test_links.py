"""Links: who has one sees the page as it is now, and nothing else; who has none, or no longer, sees nothing."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2 as httpx
import pytest

from glasshouse.web import audience
from tests.livepage.conftest import Site


@dataclass(frozen=True)
class Said:
    """One event of a stream."""

    name: str
    data: dict[str, object]
    id: str | None


class Stream:
    """An open stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self, *names: str) -> Said:
        """The next event, or the next of these names; raises StopAsyncIteration at the end."""
        async with asyncio.timeout(20):
            fields: dict[str, str] = {}
            async for line in self._lines:
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "event" in fields and (not names or fields["event"] in names):
                    return Said(fields["event"], json.loads(fields["data"]), fields.get("id"))
                else:
                    fields = {}
            raise StopAsyncIteration


@asynccontextmanager
async def watching(site: Site, url: str, **headers: str) -> AsyncIterator[Stream]:
    async with (
        httpx.AsyncClient(base_url=site.base) as stranger,
        stranger.stream("GET", url, headers=headers, timeout=10) as response,
    ):
        yield Stream(response)


async def get(site: Site, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=site.base) as stranger:
        return await stranger.get(path, headers=headers)


async def test_a_link_shows_the_page_and_not_the_session(site: Site) -> None:
    await site.call("page_set_html", selector="h1", html="for all")
    url, _ = await site.link()
    assert "<iframe" in (await get(site, url)).text
    assert "<h1>for all</h1>" in (await get(site, f"{url}/doc")).text
    for path in ("page", "page/doc", "page/export", "shares", "page/changes", "page/events"):
        assert (await get(site, f"/sessions/sesn_a/{path}")).status_code == 401
    for path in ("history", "revisions", "doc?revision=0", "export?revision=0", "changes?since=x:0"):
        assert "Live page</h1>" not in (await get(site, f"{url}/{path}")).text


async def test_unknown_and_guessed_tokens_find_nothing(site: Site) -> None:
    url, _ = await site.link()
    session_url, _ = await site.link(scope="session")
    guesses = [url[:-1] + ("A" if url[-1] != "A" else "B"), url.swapcase(), f"/p/{secrets.token_urlsafe(16)}", "/p/x"]
    for guess in [*guesses, "/p/" + session_url.removeprefix("/v/"), f"/v/{url.removeprefix('/p/')}/page"]:
        for part in ("", "/doc", "/events", "/changes", "/export"):
            assert (await get(site, guess + part)).status_code == 404, guess + part


async def test_only_the_hash_of_a_token_is_kept(site: Site) -> None:
    url, _ = await site.link(label="Anna")
    kept = (await site.house.store.shares("sesn_a"))[0]
    assert url.removeprefix("/p/") not in repr(kept)
    listed = (await site.http.get("/sessions/sesn_a/shares")).json()["data"]
    assert [(share["label"], "url" in share, "token_hash" in share) for share in listed] == [("Anna", False, False)]


async def test_revoking_tells_and_closes_who_watches(site: Site) -> None:
    url, share_id = await site.link()
    other, _ = await site.link()
    async with watching(site, f"{url}/events") as stream, watching(site, f"{other}/events") as beside:
        await stream.next("viewers")
        await beside.next("viewers")
        assert (await site.http.delete(f"/sessions/sesn_b/shares/{share_id}")).status_code == 404
        assert (await site.http.delete(f"/sessions/sesn_a/shares/{share_id}")).status_code == 200
        assert (await stream.next("revoked")).name == "revoked"
        with pytest.raises(StopAsyncIteration):
            await stream.next()
        await site.call("page_set_html", selector="h1", html="go on")
        assert (await beside.next("patch")).data["rev"] == 1
    assert (await get(site, f"{url}/doc")).status_code == 404
    assert (await site.http.delete(f"/sessions/sesn_a/shares/{share_id}")).status_code == 404
    assert len((await site.http.get("/sessions/sesn_a/shares")).json()["data"]) == 1


async def test_a_link_ends_when_its_time_is_over(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = await site.link(expires_in_s=60)
    assert (await get(site, url)).status_code == 200
    async with watching(site, f"{url}/events") as stream:
        await stream.next("viewers")
        monkeypatch.setattr(audience, "expired", lambda share: share.expires_at is not None)
        monkeypatch.setattr("glasshouse.web.share.expired", lambda share: share.expires_at is not None)
        assert (await stream.next("revoked")).name == "revoked"
    assert (await get(site, url)).status_code == 404


async def test_a_stream_goes_on_where_it_stopped(site: Site) -> None:
    url, _ = await site.link()
    async with watching(site, f"{url}/events?since=0:0") as stream:
        await stream.next("viewers")
        await site.call("page_set_html", selector="h1", html="one")
        first = await stream.next("patch")
    assert first.id is not None
    for word in ("two", "three"):
        await site.call("page_set_html", selector="h1", html=word)
    async with watching(site, f"{url}/events", **{"Last-Event-ID": first.id}) as stream:
        assert [(await stream.next()).data["rev"], (await stream.next()).data["rev"]] == [2, 3]
    async with watching(site, f"{url}/events?since=0:0") as stream:
        assert (await stream.next()).data["rev"] == 1
    async with watching(site, f"{url}/events?since=other:2") as stream:
        whole = await stream.next()
        assert (whole.name, whole.data["rev"]) == ("snapshot", 3)


async def test_who_was_away_too_long_gets_one_snapshot(site: Site) -> None:
    url, _ = await site.link()
    for number in range(201):
        await site.call("page_set_attr", selector="h1", name="data-n", value=str(number))
    async with watching(site, f"{url}/events?since=0:0") as stream:
        assert (await stream.next()).name == "snapshot"
        assert (await stream.next()).name == "viewers"


async def test_an_edit_too_large_for_the_log_reaches_viewers_whole(site: Site) -> None:
    url, _ = await site.link()
    async with watching(site, f"{url}/events?since=0:0") as stream:
        await stream.next("viewers")
        await site.call("page_set_html", selector="#content", html="<p>x</p>" * 20_000)
        text = json.dumps((await stream.next("patch", "snapshot")).data)
        assert text.count("<p>x") == 20_000


async def test_a_viewer_that_does_not_keep_up_is_cut_and_the_others_are_not(site: Site) -> None:
    url, _ = await site.link()
    async with watching(site, f"{url}/events?since=0:0") as stuck, watching(site, f"{url}/events?since=0:0") as quick:
        await stuck.next("viewers")
        for number in range(60):
            await site.call("page_set_html", selector="#content", html=f"<p>{number}</p>" + "x" * 400_000)
            assert (await quick.next("patch", "snapshot")).data["rev"] == number + 1
            if site.audiences.count("sesn_a") == 1:
                break
        assert site.audiences.count("sesn_a") == 1


async def test_a_stopping_server_says_bye_and_lets_go(site: Site) -> None:
    url, _ = await site.link()
    async with watching(site, f"{url}/events") as stream:
        await stream.next("viewers")
        site.house.stopping.set()
        assert (await stream.next("bye")).data == {"retry": audience.RETRY_MS}
        with pytest.raises(StopAsyncIteration):
            await stream.next()


async def test_the_download_is_the_page_and_can_be_without_all_that_runs(site: Site) -> None:
    hostile = (
        "<p onclick='x()'>text</p><a href=' java\nscript:alert(1)'>a</a><svg><a xlink:href='javascript:x'>s</a></svg>"
        "<iframe srcdoc='<script>1</script>'></iframe><template><script>2</script><img onerror=x></template>"
        "<form action='javascript:1'>"
    )
    await site.call("page_set_html", selector="#content", html=hostile)
    await site.call("page_set_script", js="run()")
    url, _ = await site.link()
    whole = await get(site, f"{url}/export?scripts=1")
    assert "attachment" in whole.headers["content-disposition"]
    assert "run()" in whole.text
    safe = (await get(site, f"{url}/export?scripts=0")).text
    for gone in ("<script", "onclick", "onerror", "script:", "srcdoc", "run()"):
        assert gone not in safe
    assert "<p>text</p>" in safe


async def test_the_document_alone_leads_to_the_shell(site: Site) -> None:
    url, _ = await site.link()
    answer = await get(site, f"{url}/doc", **{"Sec-Fetch-Dest": "document"})
    assert (answer.status_code, answer.headers["location"]) == (307, url)


async def test_two_sessions_cannot_see_each_other(site: Site) -> None:
    await site.call("page_set_html", selector="h1", html="secret of a")
    url, _ = await site.link(session="sesn_b")
    assert "secret of a" not in (await get(site, f"{url}/doc")).text
    async with watching(site, f"{url}/events?since=0:0") as stream:
        await stream.next("viewers")
        await site.call("page_set_html", selector="h1", html="more of a")
        await site.call("page_set_html", selector="h1", html="of b", session="sesn_b")
        assert "of b" in json.dumps((await stream.next("patch")).data)


async def test_who_may_see_the_session_sees_the_page_as_it_was_and_a_link_to_the_page_does_not(site: Site) -> None:
    for word in ("one", "two", "three"):
        await site.call("page_set_html", selector="h1", html=word)
    events = await site.bench.events()
    epoch = events[0].data["epoch"]
    whole, _ = await site.link(scope="session")
    alone, _ = await site.link()
    for base in ("/sessions/sesn_a/page", f"{whole}/page"):
        then = await site.http.get(f"{base}/doc?revision={epoch}:2")
        assert (then.status_code, "<h1>two</h1>" in then.text) == (200, True)
        assert "sandbox allow-scripts allow-forms" in then.headers["content-security-policy"]
        assert "<h1>Live page</h1>" in (await site.http.get(f"{base}/doc?revision=0:0")).text
        for wrong in (f"{epoch}:4", f"{epoch}:-1", f"{epoch}:{'9' * 5000}", "other:1", "x", f"{epoch}:٣"):
            refused = await site.http.get(f"{base}/doc?revision={wrong}")
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_revision"), wrong
    refused = await get(site, f"{alone}/doc?revision={epoch}:2")
    assert refused.json()["error"]["code"] == "not_shared"
