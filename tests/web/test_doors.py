"""Who has no token gets nothing, however he asks; answers are hardened, and nobody is kept busy by half a request."""
# ruff: noqa: E501  # lists of tricks

import asyncio
import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from glasshouse.errors import SettingError
from glasshouse.settings import Settings, read_settings
from glasshouse.store import Share
from glasshouse.web import wire
from glasshouse.web.ending import Endings
from glasshouse.web.guard import HEADERS
from tests.server.stage import TOKEN
from tests.web.conftest import GUARD_S, Site
from tests.web.test_rights import CODE, LINKED, OPEN, routes

MARK = "the title that only the operator may read"
TRICKS = ["{}", "/{}", "//{}", "{}/", "{}//", "{}/.", "/x/..{}", "/static/..{}", "/static/../..{}", "/health/..{}", "/tools/%2e%2e{}",
          "{}?token=x", "{}#", "{};x", "{}%20", "{}%00", "{}%0d%0aX: y", "{}.json", "http://localhost{}", "http://evil.test{}"]  # fmt: skip
METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "CONNECT", "SEARCH"]
FORGED = [
    "", "Authorization: Bearer ", "Authorization: Bearer", "Authorization: bearer null", "Authorization: Bearer undefined",
    f"Authorization: Token {TOKEN}", f"Authorization: Bearer {TOKEN[:-1]}", f"Authorization: Bearer {TOKEN}x",
    f"Authorization: Bearer {TOKEN} x", f"X-Authorization: Bearer {TOKEN}", f"Proxy-Authorization: Bearer {TOKEN}",
    f"Cookie: glasshouse={TOKEN}", "Cookie: glasshouse=; glasshouse=0", "Cookie: glasshouse=None", f"Cookie: token={TOKEN}",
    "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: localhost", "X-Original-URL: /health", "X-Rewrite-URL: /health",
    "X-HTTP-Method-Override: GET", "Forwarded: for=127.0.0.1;host=localhost", "X-Real-IP: 127.0.0.1", "Origin: null",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Accept: text/html",
]  # fmt: skip
TRAVERSALS = ["../server.py", "..%2fserver.py", "%2e%2e/server.py", "%2e%2e%2fserver.py", "..\\server.py", "..%5cserver.py", "....//server.py",
              "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "../../../../../../etc/passwd", "..%c0%afserver.py", "..%252fserver.py",
              "../../actions.py", "..%2factions.py", "../__init__.py", "%00", "app.js%00.txt", ".", "..", "", "vendor", "vendor/"]  # fmt: skip


async def raw(site: Site, method: str, target: str, *headers: str, host: str = "localhost") -> tuple[int, str]:
    """One request as it is written; the status, and all that came (0 if the connection just ended)."""
    address, port = site.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}",
        "Connection: close",
        "Content-Length: 0",
        *filter(None, headers),
    ]
    lines = [
        line for line in lines if not (line == "Connection: close" and any("Upgrade:" in each for each in headers))
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    try:
        first = (await asyncio.wait_for(reader.readline(), GUARD_S)).decode("latin-1")
        found = re.match(r"HTTP/1.1 (\d+)", first)
        rest = (
            ""
            if any("Upgrade:" in each for each in headers)
            else (await asyncio.wait_for(reader.read(), GUARD_S)).decode("latin-1")
        )
        return int(found[1]) if found else 0, first + rest
    except ConnectionError:
        return 0, ""
    finally:
        writer.close()


async def marked(site: Site) -> tuple[str, list[str]]:
    """A session whose title is MARK, and the paths that only the operator may use, for it."""
    handle = site.open()
    (await site.operator.post(f"/sessions/{handle.id}/attach")).raise_for_status()
    stored = await site.house.store.session(handle.id)
    assert stored
    async with site.house.store.transaction() as tx:
        tx.put_session(replace(stored, title=MARK))
    assert MARK in (await site.operator.get("/sessions")).text
    paths = {path for _, path in routes(site.app) if path not in OPEN | CODE and not path.startswith(LINKED)}
    return handle.id, sorted(
        re.sub(r"\{\w+(:path)?\}", "browser", path.replace("{session_id}", handle.id)) for path in paths
    )


async def test_no_way_to_write_a_path_and_no_method_gets_past_the_token(site: Site) -> None:
    _, paths = await marked(site)
    asked = [("GET", trick.format(path)) for path in paths for trick in TRICKS]
    asked += [(method, path) for path in paths for method in METHODS]
    for method, target in asked:
        status, said = await raw(site, method, target)
        assert status in (0, 307, 400, 401, 404, 405, 421, 422), (method, target, status)
        assert MARK not in said, (method, target)
    assert len(asked) > 1000


async def test_no_header_takes_the_token_s_place(site: Site) -> None:
    session_id, _ = await marked(site)
    for forged in FORGED:
        for path in ("/sessions", f"/sessions/{session_id}", f"/s/{session_id}", "/metrics", "/openapi.json"):
            status, said = await raw(site, "GET", path, forged)
            assert status in (401, 429), (forged, path, status)
            assert MARK not in said


@pytest.mark.parametrize("folder", ["/static/", "/kits/browser/", "/kits/livepage/"])
async def test_nothing_but_the_page_s_own_code_comes_out_of_its_folders(site: Site, folder: str) -> None:
    for traversal in TRAVERSALS:
        status, said = await raw(site, "GET", folder + traversal)
        assert status in (0, 307, 400, 401, 404, 405), (traversal, status)
        assert not any(secret in said for secret in ("root:", "import ", "composition root")), traversal


@pytest.mark.parametrize(
    "headers",
    [["Host: evil.test"], ["Host: localhost", "Host: evil.test"], ["Host: evil.test", "Host: localhost"], ["Host: a@localhost"],
     ["Host: localhost/x"], ["Host: localhost:x"], ["Host: localhost evil.test"], ["Host:"], [],
     ["Host: 127.0.0.1.evil.test"], ["Host: evil.test", "X-Forwarded-Host: localhost"], ["Host: evil.test", "Forwarded: host=localhost"]],
)  # fmt: skip
async def test_a_name_that_is_not_ours_or_not_one_is_refused(site: Site, headers: list[str]) -> None:
    address, port = site.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    writer.write(
        "\r\n".join(
            ["GET /sessions HTTP/1.1", *headers, f"Authorization: Bearer {TOKEN}", "Connection: close", "", ""]
        ).encode()
    )
    said = await asyncio.wait_for(reader.read(), GUARD_S)
    writer.close()
    assert said.split(b" ")[1] in (b"421", b"400")


async def test_every_answer_has_the_security_headers_a_refusal_and_a_fault_too(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handle = await site.attach()
    share = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "session"})).json()
    answers = [await site.operator.get(path) for path in ("/", "/login", "/health", "/tools", "/sessions", "/nothing", "/sessions/",
               "/static/app.js", "/static/nothing", "/kits/browser/panel.js", "/metrics", "/openapi.json", share["url"])]  # fmt: skip
    answers += [
        await site.stranger.get("/sessions"),
        await site.operator.get("/sessions", headers={"host": "evil.test"}),
    ]
    answers += [await site.operator.put("/sessions"), await site.operator.post("/sessions", content=b"x" * 8_000_001)]

    async def fault(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(site.house.store, "session", fault)
    broken = await site.stranger.get(f"{share['url']}/session")
    assert (broken.status_code, broken.json()["error"]["code"]) == (500, "internal")
    assert "fault of ours" not in broken.text
    for answer in [*answers, broken]:
        missing = [name for name in HEADERS if name.decode() not in answer.headers]
        assert missing == [], answer.url
    told = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "GET /v/{token}/session failed" in told
    assert share["url"].rpartition("/")[2] not in told


async def test_wrong_tokens_of_others_do_not_lock_the_operator_out(site: Site) -> None:
    for _ in range(30):
        await site.stranger.get("/login", params={"token": "no"})
    assert (await site.stranger.get("/login", params={"token": "no"})).status_code == 429
    assert "set-cookie" in (await site.stranger.post("/login", data={"token": TOKEN})).headers
    site.stranger.cookies.clear()
    assert "set-cookie" in (await site.stranger.get("/login", params={"token": TOKEN})).headers


@pytest.mark.parametrize("token", ["x", "short", "fifteen letters"])
def test_a_token_that_can_be_guessed_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("GLASSHOUSE_TOKEN", token)
    with pytest.raises(SettingError, match="GLASSHOUSE_TOKEN is not right: a token has at least 16 characters") as told:
        read_settings(Settings)
    assert (
        token not in str(told.value).replace("GLASSHOUSE_TOKEN", "").replace("at least 16 characters", "")
        or token == "x"
    )


@pytest.mark.parametrize("endless", [b"GET / HTTP/1.1\r\nA: ", b"GET /", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 9000])
async def test_a_head_without_end_is_cut(site: Site, endless: bytes) -> None:
    address, port = site.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    writer.write(endless)
    try:
        for _ in range(20):
            writer.write(b"x" * 10_000)
            await writer.drain()
        said = await asyncio.wait_for(reader.read(), GUARD_S)
    except ConnectionError:
        said = b""
    writer.close()
    assert said.split(b" ")[1:2] in ([], [b"431"], [b"400"])
    assert (await site.stranger.get("/health")).status_code == 200


async def test_a_head_that_does_not_come_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_S", 0.2)
    address, port = site.base_url.removeprefix("http://").split(":")
    for beginning in (
        b"",
        b"GET /health HTTP/1.1\r\nHost: x",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
    ):
        reader, writer = await asyncio.open_connection(address, int(port))
        writer.write(beginning)
        await asyncio.wait_for(reader.read(), GUARD_S)  # it ends by itself
        writer.close()


async def test_a_link_opens_what_it_is_for_and_nothing_else(site: Site) -> None:
    handle, other = await site.attach(), await site.attach()
    made = {}
    for scope in ("page", "session"):
        url = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": scope})).json()["url"]
        made[scope] = url.rpartition("/")[2]
    for scope, token in made.items():
        wrong = "v" if scope == "page" else "p"
        assert (await site.stranger.get(f"/{wrong}/{token}")).status_code == 404
        for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"glasshouse={token}"}):
            for path in (
                "/sessions",
                f"/sessions/{handle.id}",
                f"/sessions/{handle.id}/shares",
                f"/sessions/{other.id}/state",
            ):
                assert (await site.stranger.get(path, headers=headers)).status_code == 401
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            for path in ("", "/session", "/events", "/page", "/kits", "/messages", "/interrupt"):
                assert (await site.stranger.request(method, f"/v/{token}{path}")).status_code in (404, 405)
    async with site.house.store.transaction() as tx:
        tx.put_file(other.id, "f" * 64, "image/png", b"a picture")
    assert (await site.operator.get(f"/sessions/{other.id}/files/{'f' * 64}")).status_code == 200
    assert (await site.stranger.get(f"/v/{made['session']}/files/{'f' * 64}")).status_code == 404


async def test_a_link_that_ends_while_a_stream_begins_shows_nothing() -> None:
    share = Share("shr_x", "sesn_x", "hash", "session", None, "", "2026-01-01T00:00:00Z", None, None)

    async def body() -> Any:
        yield b"secret"

    async def ended(_: Share) -> bool:
        return False

    assert [chunk async for chunk in Endings().until_ended(share, body(), ended)] == []
