"""Whatever is sent, the answer is a sentence in the one shape, never a fault of ours, and the session goes on."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx2
import pytest

from glasshouse.emulator import SessionHandle
from tests.server.stage import ROOT, TOKEN
from tests.web.conftest import GUARD_S, Site
from tests.web.inputs import hostile_inputs
from tests.web.test_rights import routes

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("GLASSHOUSE_TEST_EXAMPLES", "0"))  # of schemathesis, an operation; 0: a quick look
INPUTS = int(os.environ.get("GLASSHOUSE_TEST_INPUTS", "45"))  # of tools, hostile ones; 2,100 or more for a long look
SEED = int(os.environ.get("GLASSHOUSE_TEST_SEED", "1"))  # of both: which ones
SLOW_S = 45  # more than any tool's own limit, on a machine that does other things as well
FAULTS = ("fault in the tool itself", "was stopped after", "Traceback", str(ROOT), TOKEN, "object at 0x", "pydantic")
ENDLESS = ("/events", "/watch", "/live/{kit}")
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1e999",
    "a text": b'"x"',
    "no JSON": b"{",
    "NaN": b'{"text": NaN}',
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "a lone surrogate": b'{"text": "\\ud800", "title": "\\udfff", "label": "\\ud800", "agent": "\\ud800"}',
    "zero bytes": b'{"text": "\\u0000", "agent": "\\u0000", "kit": "\\u0000", "label": "\\u0000"}',
    "very deep": b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a long number": b'{"expires_in_s": ' + b"9" * 5000 + b"}",
    "unknown fields": b'{"text": "x", "__proto__": {}, "constructor": 1}',
    "wrong kinds": b'{"text": 1, "agent": [], "kit": {}, "label": 5, "kits": "browser", "expires_in_s": "soon"}',
    "dots": b'{"text": "hello", "agent": "..", "environment_id": ".", "tool_use_id": "..", "result": "allow"}',
    "empty texts": b'{"text": "", "agent": "", "environment_id": "", "tool_use_id": "", "kit": ""}',
}
NO_HTTP = [
    b"\x00" * 100,
    b"GET / HTTP/9\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"GET /health HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n",
    b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999\r\n\r\n",
    b"GET /sessions HTTP/1.1\r\nHost: \xff\xfe\r\nCookie: glasshouse=\xe9\r\nAuthorization: Bearer \xe9\r\n\r\n",
]
VALUES: list[Any] = [
    None,
    True,
    -1,
    10**30,
    1.5e308,
    "",
    "\ud800",
    "\x00",
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "x" * 50_000,
]
NAMES = [
    "",
    "%2e%2e",
    "%2e",
    "%00",
    "%ff",
    "%ed%a0%80",
    "a%2fb",
    "x" * 3000,
    "'; DROP TABLE log; --",
    "%C3%A9",
    "?",
    "#",
    "*",
]


def check(answer: httpx2.Response) -> None:
    """No fault, and a refusal says why."""
    assert answer.status_code < 500 or answer.json()["error"]["code"] == "api_refused", answer.text
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error.keys() == {"code", "message"}
        assert error["message"].strip()


def finite(site: Site) -> list[tuple[str, str]]:
    """The operations that end."""
    return [(method, path) for method, path in routes(site.app) if not path.endswith(ENDLESS)]


@pytest.fixture
async def handle(site: Site) -> AsyncIterator[SessionHandle]:
    """A session that still works after all that was done to it."""
    opened = await site.attach()
    yield opened
    assert not (await asyncio.wait_for(opened.call("count_add", by=1), GUARD_S)).is_error


@pytest.mark.parametrize("body", list(BODIES))
async def test_every_operation_bears_every_body(site: Site, handle: SessionHandle, body: str) -> None:
    for method, path in finite(site):
        if method in ("GET", "HEAD"):
            continue
        for kit, action in (("livepage", "page_set_html"), ("count", "count_add")):
            filled = path.format(session_id=handle.id, kit=kit, action=action, share_id="x", token="x")
            for kind in ("application/json", "text/plain") if body == "no JSON" else ("application/json",):
                check(await site.operator.request(method, filled, content=BODIES[body], headers={"content-type": kind}))


@pytest.mark.parametrize("name", NAMES)
async def test_every_operation_bears_every_name(site: Site, handle: SessionHandle, name: str) -> None:
    for method, path in finite(site):
        for parameter in ("session_id", "kit", "action", "share_id", "token", "file_id", "path:path"):
            if f"{{{parameter}}}" not in path:
                continue
            filled = path.replace(f"{{{parameter}}}", name).replace("{session_id}", handle.id)
            filled = filled.replace("{kit}", "livepage").replace("{action}", "page_get")
            filled = filled.replace("{share_id}", "x").replace("{token}", "x").replace("{file_id}", "x")
            if filled.startswith("//"):
                continue
            json: dict[str, Any] | None = {} if method != "GET" else None
            check(await site.operator.request(method, filled.replace("{path:path}", "x"), json=json))
        if "session_id" not in path:
            check(
                await site.operator.request(method, path.replace("{", "").replace("}", ""), params={"session_id": name})
            )


@pytest.mark.parametrize("path", ["/webhook", "/sessions", "/sessions/{id}/messages"])
async def test_a_body_that_never_ends_is_cut(site: Site, handle: SessionHandle, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 100_000

    try:
        answer = await site.operator.post(path.format(id=handle.id), content=endless())
    except httpx2.HTTPError:
        return  # cut while it was still being sent
    assert answer.status_code in (400, 413)
    check(answer)


async def test_a_body_that_says_it_is_too_long_is_refused_at_once(site: Site) -> None:
    answer = await site.operator.post("/sessions", content=b"x" * 8_000_001)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


async def test_requests_that_are_no_http_get_an_answer_or_an_end(site: Site) -> None:
    host, port = site.base_url.removeprefix("http://").split(":")
    for raw in NO_HTTP:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw)
        writer.write_eof()
        first = await asyncio.wait_for(reader.readline(), GUARD_S)
        assert b" 500 " not in first
        writer.close()
    assert (await site.stranger.get("/health")).status_code == 200


async def test_inputs_of_every_tool_that_fit_nothing_get_a_sentence(site: Site, handle: SessionHandle) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    for tool in site.house.catalog.definitions(("browser", "livepage", "repl")):
        names = [*tool["input_schema"]["properties"], "unknown"]
        calls += [(tool["name"], dict.fromkeys(names, value)) for value in VALUES]
    for some in (calls[at : at + 40] for at in range(0, len(calls), 40)):
        answers = await asyncio.wait_for(handle.call_all(some), GUARD_S * 3)
        for (name, given), answer in zip(some, answers, strict=True):
            assert answer.text.strip()
            assert "fault in the tool itself" not in answer.text, (name, given)
            assert "was stopped after" not in answer.text, (name, given)


@pytest.mark.timeout(120 + INPUTS)
@pytest.mark.parametrize("kit", ["browser", "livepage", "repl"])
async def test_hostile_inputs_of_every_tool_get_a_sentence_in_time_and_the_session_goes_on(
    site: Site, handle: SessionHandle, kit: str
) -> None:
    tools = site.house.catalog.definitions((kit,))
    calls = list(hostile_inputs(tools, INPUTS // 3, seed=SEED))
    reports = []
    for name, given in calls:
        begun = perf_counter()
        answer = await asyncio.wait_for(handle.call(name, given), 90)
        took = perf_counter() - begun
        wrong = [said for said in FAULTS if said in answer.text] + (["slow"] if took > SLOW_S else [])
        if wrong or not (answer.text.strip() or answer.content):
            reports.append((wrong, name, str(given)[:300], answer.text[:300], round(took, 1)))
    assert reports == []


@pytest.mark.timeout(120 + 30 * EXAMPLES)
async def test_the_described_interface_bears_what_schemathesis_makes_of_it(
    site: Site, handle: SessionHandle, tmp_path: Path
) -> None:
    (tmp_path / "schemathesis.toml").write_text(
        f'[parameters]\n"path.session_id" = "{handle.id}"\n"query.session_id" = "{handle.id}"\n'
        '"path.kit" = "livepage"\n'
    )
    command = [
        "-m", "schemathesis.cli", "--config-file", str(tmp_path / "schemathesis.toml"),
        "run", f"{site.base_url}/openapi.json", "-H", f"Authorization: Bearer {TOKEN}",
        "--checks", "not_a_server_error", "--phases", "coverage,fuzzing" if EXAMPLES else "fuzzing",
        "--max-examples", str(EXAMPLES or 3),
        "--exclude-path-regex", r"(events|watch|live/\{kit\}|/login)$", "--request-timeout", "20", "--seed", str(SEED),
        "--warnings", "off", "--no-color", "--suppress-health-check", "all", "--continue-on-failure",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6000:]
    generated = re.search(r"Test cases:\s*([\d,]+) generated", said.decode())
    assert generated, said.decode()[-2000:]
    print(f"schemathesis: {generated[1]} requests")
    assert int(generated[1].replace(",", "")) >= 20 * (EXAMPLES or 3)
