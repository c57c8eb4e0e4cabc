"""The browser reaches the public web only: a forbidden listener counts the connections, and there must be none."""

import asyncio
import contextlib
import json
import socket
import threading
from typing import Any

import pytest

from tests.browser.conftest import Site
from tools.browser.chromium import open_chromium
from tools.browser.egress import LOOKUPS, Door, open_resolver
from tools.browser.rules import Rules
from tools.browser.settings import BrowserSettings

pytestmark = pytest.mark.settled


async def test_private_link_local_and_metadata_addresses_are_refused(browser: Any) -> None:
    hosts = ["10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.64.0.1",
             "metadata.google.internal", "224.0.0.1", "255.255.255.255", "168.63.129.16"]  # fmt: skip
    for host in hosts:
        text = await browser("goto", url=f"http://{host}/latest")
        assert browser.failed, host
        assert "was refused" in text, (host, text)


OTHER_SCHEMES = """file:///etc/passwd chrome://version view-source:http://example.com data:text/html,x blob:http://x/1
    javascript:alert(1) about:config ftp://example.com/ devtools://devtools/bundled/x.html chrome-extension://x/y"""


async def test_other_schemes_are_refused_in_words(browser: Any) -> None:
    for url in OTHER_SCHEMES.split():
        text = await browser("goto", url=url)
        assert browser.failed
        assert "only http and https pages can be opened" in text


async def test_a_redirect_to_a_private_address_is_refused(browser: Any, site: Site, forbidden: Site) -> None:
    for status in (301, 302, 303, 307, 308):
        site.pages["/r"] = (status, {"Location": forbidden.url("/")}, "")
        text = await browser("goto", url=site.url("/r"))
        assert browser.failed
        assert f"{forbidden.host} was refused: 127.0.0.1 is a loopback address" in text
    site.pages["/meta"] = f'<meta http-equiv=refresh content="0;url={forbidden.url("/")}"><p>wait</p>'
    await browser("goto", url=site.url("/meta"))
    text = await browser("wait", seconds=0.5)
    assert "secret" not in text
    assert forbidden.connections == 0


async def test_a_page_cannot_lead_its_tab_to_another_scheme(browser: Any, site: Site) -> None:
    for url in ("chrome://version", "file:///etc/passwd", "view-source:http://example.com", "data:text/html,<h1>data"):
        text = await browser.open(f"<button onclick='location.href={json.dumps(url)}'>go</button><h1>still here</h1>")
        await browser("click", target="go")
        assert "still here" in (text := await browser("read")), (url, text)
        await browser.open(f"<button onclick='window.open({json.dumps(url)})'>go</button><h1>still here</h1>")
        text = await browser("click", target="go") + await browser("read")
        assert "root:" not in text
        assert "Executable Path" not in text


async def test_a_name_that_resolves_to_a_private_address_is_refused(site: Site, forbidden: Site) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return {"rebind.example": ["127.0.0.1"], "mixed.example": ["10.0.0.1", "127.0.0.1"]}[host]

    async with open_chromium(BrowserSettings(), resolver) as chromium, chromium.room() as room:
        page = await room.context.new_page()
        for host in ("rebind.example", "mixed.example"):
            response = await page.goto(f"http://{host}:{forbidden.port}/")
            assert response is not None
            assert response.status == 403
    assert forbidden.connections == 0
    assert [refusal.host for refusal in room.door.take_refusals()] == ["rebind.example", "mixed.example"]


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(forbidden: Site) -> None:
    answers = iter([["192.0.2.7"], ["127.0.0.1"], ["127.0.0.1"]])  # public at the check, private at a second look-up
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    rules = Rules.of((f"rebind.example:{forbidden.port}",), ())
    async with Door(rules, resolver).open() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"CONNECT other.example:{forbidden.port} HTTP/1.1\r\n\r\n".encode())
        assert b" 403 " in await reader.readline()
        writer.close()
    assert asked == ["other.example"]
    assert forbidden.connections == 0


async def test_an_allowed_name_does_not_open_its_address_to_other_names(site: Site) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with Door(Rules.of((f"intranet.example:{site.port}",), ()), resolver).open() as door:
        for host, status in (("intranet.example", b"200"), ("evil.example", b"403"), ("127.0.0.1", b"403")):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(f"CONNECT {host}:{site.port} HTTP/1.1\r\n\r\n".encode())
            assert status in await reader.readline()
            writer.close()


async def _reached(door: Door, host: str) -> None:
    """The host is connected to while more names are asked for than may be, and nobody answers for those."""
    with contextlib.ExitStack() as stack:
        for each in (*(f"dead{i}.example:443" for i in range(2 * LOOKUPS)), host):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            stack.callback(writer.close)
            writer.write(f"CONNECT {each} HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()


async def test_an_address_is_connected_to_while_nobody_answers_for_names(site: Site) -> None:
    """Chromium connects to what links lead to before they are clicked: dead names held the page itself up."""
    silent = asyncio.Event()

    async def resolver(host: str, port: int) -> list[str]:
        await silent.wait()
        return []

    async with Door(Rules.of((site.host,), ()), resolver).open() as door, asyncio.timeout(5):
        await _reached(door, site.host)
        silent.set()


async def test_the_host_that_is_gone_to_is_looked_up_before_those_that_pages_name(site: Site) -> None:
    silent = asyncio.Event()

    async def resolver(host: str, port: int) -> list[str]:
        if host != "wanted.example":
            await silent.wait()
        return ["127.0.0.1"]

    async with Door(Rules.of((f"wanted.example:{site.port}",), ()), resolver).open() as door, asyncio.timeout(5):
        door.awaited = "wanted.example"
        await _reached(door, f"wanted.example:{site.port}")
        silent.set()


async def test_names_that_nobody_answers_for_hold_up_no_name_of_another_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = threading.Event()

    def system(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        if host != "alive.example":
            silent.wait(10)
        return [(0, 0, 0, "", ("192.0.2.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", system)
    with open_resolver() as look_up:
        dead = [asyncio.ensure_future(look_up(f"dead{i}.example", 80)) for i in range(4 * LOOKUPS)]
        async with asyncio.timeout(5):
            assert await look_up("alive.example", 80) == ["192.0.2.1"]
        silent.set()
        await asyncio.gather(*dead)


async def test_denied_hosts_are_never_reached_even_when_allowed(open_browser: Any, site: Site) -> None:
    async with open_browser(deny=site.host) as browser:
        text = await browser("goto", url=site.url("/"))
    assert browser.failed
    assert "the operator of this server denies it" in text
    assert site.connections == 0


async def test_chromium_itself_calls_nobody(monkeypatch: pytest.MonkeyPatch, browser: Any, site: Site) -> None:
    await browser.open("<h1>quiet</h1>")
    assert [line for line in site.asked if "GET /" not in line] == []


JUNK = (
    b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01" + b"x" * 100_000,
    b"CONNECT  HTTP/1.1\r\n\r\n",
    b"CONNECT x:99999 HTTP/1.1\r\n\r\n",
    b"GET ftp://x/ HTTP/1.1\r\n\r\n",
    b"CONNECT [::1 HTTP/1.1\r\n\r\n",
)


async def test_the_proxy_survives_what_is_no_proxy_request() -> None:
    async with Door(Rules(), lambda *_: asyncio.sleep(0, ["127.0.0.1"])).open() as door:
        for junk in JUNK:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(junk)
            with contextlib.suppress(ConnectionError):
                assert b"200" not in await asyncio.wait_for(reader.read(1000), 3)
            writer.close()


async def test_two_hosts_on_one_proxy_connection_are_checked_one_by_one(site: Site, forbidden: Site) -> None:
    site.pages["/"] = "allowed"
    async with Door(Rules.of((site.host,), ())).open() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        for host in (site.host, forbidden.host):
            writer.write(
                f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\nProxy-Connection: keep-alive\r\n\r\n".encode()
            )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        assert await asyncio.wait_for(reader.readexactly(7), 3) == b"allowed"
        writer.close()
    assert b"Connection: close" in head
    assert forbidden.connections == 0


async def test_web_sockets_reach_allowed_hosts_through_the_proxy(browser: Any, site: Site) -> None:
    text = await browser.open(
        f"<p id=p>waiting</p><script>const w = new WebSocket('ws://{site.host}/socket');"
        "w.onerror = () => p.textContent = 'tried';</script>"
    )
    text = await browser("wait", text="tried", seconds=5)
    assert not browser.failed, text
    assert any("/socket" in line for line in site.asked)


def test_rules_read_hosts_as_people_write_them() -> None:
    rules = Rules.of(("LocalHost:8000", "[::1]:8000", "*.corp.example"), ("bad.example",))
    assert rules.allowed("localhost", 8000)
    assert rules.allowed("localhost.", 8000)
    assert not rules.allowed("localhost", 8001)
    assert rules.allowed("[::1]", 8000)
    assert rules.allowed("a.corp.example", 443)
    assert not rules.allowed("corp.example.evil", 443)
    assert rules.refuse_name("sub.bad.example", 443)
    with pytest.raises(ValueError, match="is none of host, host:port"):
        Rules.of(("http://x/",), ())


def test_the_machines_own_address_is_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.browser.addresses.ours", lambda address: True)
    assert "the machine this browser runs on" in str(Rules().refuse_name("8.8.8.8", 80))


def test_a_family_without_a_network_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(socket, "socket", refuse)
    assert Rules().refuse_name("8.8.8.8", 80) is None
