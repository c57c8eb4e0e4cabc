"""The browser reaches the public web only: a forbidden listener counts the connections, and there must be none."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.browser.conftest import Site
from tools.browser.chromium import open_chromium
from tools.browser.egress import Door
from tools.browser.rules import Rules
from tools.browser.settings import BrowserSettings

VECTORS = """
<!doctype html><title>vectors</title>
<link rel=prefetch href="%(bad)s/prefetch"><link rel=preconnect href="%(bad)s"><link rel=dns-prefetch href="%(bad)s">
<link rel=preload as=fetch href="%(bad)s/preload"><link rel=stylesheet href="%(bad)s/style.css">
<link rel=modulepreload href="%(bad)s/m.js"><link rel=icon href="%(bad)s/icon.png">
<script type=speculationrules>
{"prefetch": [{"urls": ["%(bad)s/spec"]}], "prerender": [{"urls": ["%(bad)s/pre"]}]}</script>
<img src="%(bad)s/img"><video src="%(bad)s/video"></video><audio src="%(bad)s/audio"></audio>
<iframe src="%(bad)s/iframe"></iframe><object data="%(bad)s/object"></object><embed src="%(bad)s/embed">
<script src="%(bad)s/script.js"></script><svg><image href="%(bad)s/svg"/></svg>
<style>@import "%(bad)s/import.css"; @font-face { font-family: x; src: url("%(bad)s/font") }
p { font-family: x }</style>
<p>text</p>
<form id=f action="%(bad)s/form" method=post target=sink><input name=a value=b></form><iframe name=sink></iframe>
<a id=a href="%(bad)s/ping-target" ping="%(bad)s/ping" target=sink>ping</a>
<script>
const bad = "%(bad)s", ws = bad.replace("http", "ws"), host = bad.slice(7), done = [];
const quietly = (what) => { try { return Promise.resolve(what()).catch(() => {}) } catch { return Promise.resolve() } };
const inWorker = `
  const quietly = (what) => { try { return Promise.resolve(what()).catch(() => {}) } catch {} };
  quietly(() => fetch("${bad}/worker-fetch", {mode: "no-cors"})); quietly(() => importScripts("${bad}/worker-import"));
  quietly(() => { new WebSocket("${ws}/worker-ws") }); quietly(() => { new EventSource("${bad}/worker-es") });`;
const url = URL.createObjectURL(new Blob([inWorker], {type: "text/javascript"}));
(async () => {
  quietly(() => fetch(bad + "/fetch", {mode: "no-cors"}));
  quietly(() => fetch(bad + "/keepalive", {mode: "no-cors", keepalive: true, method: "POST", body: "x"}));
  quietly(() => fetch("/redirect", {mode: "no-cors"}));
  quietly(() => { const x = new XMLHttpRequest(); x.open("GET", bad + "/xhr"); x.send() });
  quietly(() => { new WebSocket(ws + "/ws") });
  quietly(() => { new EventSource(bad + "/es") });
  quietly(() => navigator.sendBeacon(bad + "/beacon", "x"));
  quietly(() => { new Worker(url) });
  quietly(() => { new SharedWorker(url) });
  quietly(() => { new WebTransport("https://" + host + "/wt").ready.catch(() => {}) });
  quietly(() => import(bad + "/module.js"));
  quietly(async () => {
    const pc = new RTCPeerConnection({iceServers: [
      {urls: "stun:" + host}, {urls: "turn:" + host + "?transport=tcp", username: "a", credential: "b"},
      {urls: "turn:" + host + "?transport=udp", username: "a", credential: "b"},
      {urls: "turns:" + host + "?transport=tcp", username: "a", credential: "b"}]});
    pc.createDataChannel("x"); await pc.setLocalDescription(await pc.createOffer());
  });
  quietly(() => window.open(bad + "/popup"));
  quietly(() => document.getElementById("f").submit());
  quietly(() => document.getElementById("a").click());
  await quietly(async () => { await navigator.serviceWorker.register("/sw.js"); await navigator.serviceWorker.ready });
  setTimeout(() => { document.title = "all tried" }, 700);
})();
</script>
"""
SERVICE_WORKER = (
    'addEventListener("install", () => { fetch("%s/sw-fetch", {mode: "no-cors"}).catch(() => {}); skipWaiting() });'
)


@pytest_asyncio.fixture(loop_scope="session")
async def datagrams(forbidden: Site) -> AsyncIterator[list[bytes]]:
    """What arrives by UDP on the forbidden listener's port: WebRTC and QUIC would."""
    got: list[bytes] = []

    class Sink(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            got.append(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Sink, local_addr=("127.0.0.1", forbidden.port)
    )
    yield got
    transport.close()


def lay_out(site: Site, forbidden: Site) -> None:
    """The page of all vectors, and what it needs."""
    site.pages["/v"] = VECTORS % {"bad": f"http://{forbidden.host}"}
    site.pages["/redirect"] = (302, {"Location": forbidden.url("/redirected")}, "")
    site.pages["/sw.js"] = (200, {"Content-Type": "text/javascript"}, SERVICE_WORKER % f"http://{forbidden.host}")


async def test_no_page_reaches_a_private_address_by_any_way(
    browser: Any, site: Site, forbidden: Site, datagrams: list[bytes]
) -> None:
    lay_out(site, forbidden)
    text = await browser("goto", url=site.url("/v"))
    await browser("tabs", action="select", tab=1)
    text += await browser("wait", text="text", seconds=1)
    text += await browser("wait", seconds=2)
    assert forbidden.connections == 0, forbidden.asked
    assert datagrams == []
    assert f"{forbidden.host} was refused: 127.0.0.1 is a loopback address" in text


async def test_the_ways_tried_are_real_ones(open_browser: Any, site: Site, forbidden: Site) -> None:
    lay_out(site, forbidden)
    async with open_browser(allow=f"{site.host},{forbidden.host}") as browser:
        await browser("goto", url=site.url("/v"))
        await browser("wait", seconds=2)
    ways = {line.split(" ")[1].split("/")[-1] for line in forbidden.asked}
    assert len(ways) >= 25, ways
    assert {"fetch", "ws", "worker-fetch", "sw-fetch", "beacon", "popup", "iframe", "redirected"} <= ways


FORMS = """127.0.0.1 localhost localhost. sub.localhost 2130706433 0x7f000001 0177.0.0.1 127.1 0 0.0.0.0 127.0.0.1.
    LOCALHOST [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
    user@127.0.0.1 ①②⑦.⓪.⓪.①"""


async def test_every_way_to_write_loopback_is_refused_with_a_reason(browser: Any, forbidden: Site) -> None:
    for form in FORMS.split():
        text = await browser("goto", url=f"http://{form}:{forbidden.port}/")
        assert browser.failed, form
        assert "refused: " in text, (form, text)
    assert forbidden.connections == 0


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
    with pytest.raises(ValueError, match="host or host:port"):
        Rules.of(("http://x/",), ())


def test_the_machines_own_address_is_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.browser.rules.ours", lambda address: True)
    assert "the machine this browser runs on" in str(Rules().refuse_name("8.8.8.8", 80))


def test_a_family_without_a_network_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(socket, "socket", refuse)
    assert Rules().refuse_name("8.8.8.8", 80) is None
