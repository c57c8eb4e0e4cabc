"""Without the token there is nothing but the open doors and what a link shows; a cookie acts only for our own pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from glasshouse.web.rights import Failures, read_token
from tests.server.stage import TOKEN
from tests.web.conftest import OpenSite, Site

OPEN = {"/health", "/ready", "/tools", "/webhook"}
LINKED = ("/p/{token}", "/v/{token}")
PAGES = {"/", "/s/{session_id}"}  # answer with the login page, and 401
CODE = {"/kits/{kit}/{path:path}", "/login"}  # the page's own code, the same for everybody; and the way in


WRONG: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer wrong"},
    {"authorization": f"Basic {TOKEN}"},
    {"cookie": "glasshouse=wrong"},
    {"cookie": f"glasshouse={TOKEN}"},  # a cookie is made from the token, it is not the token
]


def routes(of: FastAPI | APIRouter) -> Iterator[tuple[str, str]]:
    """Every method and path of the app's own table."""
    for route in of.routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes(included)
        elif isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods or ())


async def test_every_route_but_the_open_ones_refuses_a_stranger(site: Site) -> None:
    handle = await site.attach()
    share = (await site.operator.post(f"/sessions/{handle.id}/shares", json={"scope": "page"})).json()
    asked = 0
    for method, path in routes(site.app):
        if path in OPEN | CODE or path.startswith(LINKED):
            continue
        filled = path.replace("{session_id}", handle.id).replace("{share_id}", share["id"])
        filled = re.sub(r"\{\w+(:path)?\}", "browser", filled)
        for headers in WRONG:
            site.app.state.failures = Failures()  # what is counted is a test of its own
            answer = await site.stranger.request(method, filled, headers=headers)
            assert answer.status_code == 401, (method, path, headers)
            if path not in PAGES:
                assert answer.json()["error"]["code"] in ("login_needed", "wrong_token")
            asked += 1
    assert asked > 100


@pytest.mark.parametrize("path", ["", "/events", "/session", "/kits", "/live/browser", "/files/x", "/page/events"])
@pytest.mark.parametrize("door", ["p", "v"])
async def test_a_link_that_is_not_one_shows_nothing(site: Site, door: str, path: str) -> None:
    answer = await site.stranger.get(f"/{door}/{'A' * 22}{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_the_open_doors_are_open(site: Site) -> None:
    for path in OPEN - {"/webhook"}:
        assert (await site.stranger.get(path)).status_code == 200
    assert (await site.stranger.post("/webhook")).status_code == 401
    assert (await site.stranger.get("/login")).status_code == 200


async def test_the_login_link_becomes_a_cookie_and_the_token_leaves_the_address(site: Site) -> None:
    answer = await site.stranger.get("/login", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["referrer-policy"] == "no-referrer"
    home = await site.stranger.get("/")
    assert home.status_code == 200
    assert TOKEN not in home.text
    assert (await site.stranger.get("/sessions")).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\ud83d", "é" * 1000])
async def test_a_wrong_token_logs_nobody_in(site: Site, token: str) -> None:
    for answer in (
        await site.stranger.get("/login", params={"token": token.encode("utf-8", "replace").decode()}),
        await site.stranger.post("/login", data={"token": token.encode("utf-8", "replace").decode()}),
    ):
        assert answer.status_code in (200, 303)
        assert "set-cookie" not in answer.headers
    assert (await site.stranger.get("/sessions")).status_code == 401


async def test_guessing_is_slowed_down_and_the_right_token_still_works(site: Site) -> None:
    for _ in range(20):
        assert (await site.stranger.get("/sessions", headers={"authorization": "Bearer no"})).status_code == 401
    answer = await site.stranger.get("/sessions", headers={"authorization": "Bearer no"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_failures")
    assert (await site.stranger.get("/login", params={"token": "no"})).status_code == 429
    assert (await site.operator.get("/sessions")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "{own}"}, 200),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "{own}", "sec-fetch-site": "same-origin"}, 200),
    ],
)
async def test_a_cookie_changes_things_for_our_own_pages_only(site: Site, headers: dict[str, str], status: int) -> None:
    handle = await site.attach()
    await site.stranger.get("/login", params={"token": TOKEN})
    sent = {name: value.replace("{own}", site.base_url) for name, value in headers.items()}
    answer = await site.stranger.post(f"/sessions/{handle.id}/wake", headers=sent)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "foreign_origin"
    assert (await site.operator.post(f"/sessions/{handle.id}/wake", headers=sent)).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.test", 421), ("evil.test:80", 421), ("", 421), ("127.0.0.1.evil.test", 421), ("[::1", 421),
        ("localhost:9", 200), ("127.0.0.1", 200), ("LOCALHOST", 200), ("[::1]:8", 200), ("house.test", 200),
    ],
)  # fmt: skip
async def test_only_our_own_names_are_served(open_site: OpenSite, host: str, status: int) -> None:
    async with open_site(hosts="house.test") as site:
        answer = await site.operator.get("/sessions", headers={"host": host})
        assert answer.status_code == status
        if status == 421:
            assert answer.json()["error"]["code"] == "unknown_host"
        assert (await site.stranger.get("/health", headers={"host": host})).status_code == 200


async def test_every_answer_is_hardened(site: Site) -> None:
    for path in ("/", "/health", "/sessions", "/nothing", "/static/app.js", "/login"):
        headers = (await site.operator.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


def test_the_token_is_made_once_is_the_owner_s_alone_and_never_empty(tmp_path: Path) -> None:
    (tmp_path / "token").touch()  # what a server leaves that died between making the file and writing it
    token = read_token(tmp_path)
    assert len(token) > 40
    assert read_token(tmp_path) == token
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == ["token"]
