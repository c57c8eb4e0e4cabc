"""Every vector of vectors.py, against listeners on every address of this machine that count: nothing may come."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from glasshouse.errors import SettingError
from glasshouse.settings import read_settings
from glasshouse.tool import ToolError
from tests.browser import vectors
from tests.browser.conftest import Site
from tools.browser import network
from tools.browser.addresses import literal_address
from tools.browser.chromium import Chromium, open_chromium
from tools.browser.egress import Door
from tools.browser.engine import Engine
from tools.browser.going import address
from tools.browser.network import Way
from tools.browser.rules import Rules
from tools.browser.settings import BrowserSettings

pytestmark = pytest.mark.long

ALL = bool(os.environ.get("GLASSHOUSE_TEST_SITUATIONS"))  # also what takes long

PAGE = """<!doctype html><title>vectors</title><body>%s<iframe name=sink></iframe><p>text</p><script>
const add = (name, attributes) => document.body.appendChild(Object.assign(document.createElement(name), attributes));
const form = (action, method, enctype = "") => {
  const made = add("form", {method, enctype, target: "sink"});
  made.setAttribute("action", action); made.innerHTML = "<input name=a value=b>"; made.submit();
};
const link = (href, attributes) => {
  const made = add("a", {href, target: attributes.target || ""});
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.click();
};
const frame = () => add("iframe", {});
const rtc = async (iceServers) => {
  const made = new RTCPeerConnection({iceServers});
  made.createDataChannel("x"); await made.setLocalDescription(await made.createOffer()); return made;
};
const candidates = async (host) => {
  const [one, other] = [await rtc([]), new RTCPeerConnection()], [name, port] = host.split(":");
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription(await other.createAnswer()); await one.setRemoteDescription(other.localDescription);
  for (const kind of ["udp", "tcp"]) await one.addIceCandidate({sdpMid: "0", sdpMLineIndex: 0, candidate:
    `candidate:1 1 ${kind} 1 ${name} ${port} typ host${kind == "tcp" ? " tcptype passive" : ""}`});
};
const quietly = (what) => { try { Promise.resolve(what()).catch(() => {}) } catch {} };
addEventListener("unhandledrejection", (event) => event.preventDefault());
%s
quietly(() => new Worker("/worker.js")); quietly(() => new SharedWorker("/worker.js"));
quietly(() => navigator.serviceWorker.register("/sw.js"));
setTimeout(() => console.log("all tried"), 1500);
</script>"""
QUIETLY = "const quietly = (what) => { try { Promise.resolve(what()).catch(() => {}) } catch {} };\n"


@dataclass
class Everywhere(Site):
    """A web server on all addresses of this machine, IPv4 and IPv6, that also counts datagrams."""

    datagrams: list[bytes] = field(default_factory=list)

    @property
    def tried(self) -> set[str]:
        """The names of the carriers that have arrived."""
        return {line.split(" ")[1].split("/v/")[1].split("/")[0] for line in self.asked if "/v/" in line}


class Sink(asyncio.DatagramProtocol):
    """Keeps what arrives."""

    def __init__(self, got: list[bytes]) -> None:
        self._got = got

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._got.append(data)


@pytest_asyncio.fixture(loop_scope="session")
async def bad() -> AsyncIterator[Everywhere]:
    """What must never be reached."""
    made = Everywhere()
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    made.port = listener.getsockname()[1]
    server = await asyncio.start_server(made.serve, sock=listener)
    loop = asyncio.get_running_loop()
    udp = [
        (await loop.create_datagram_endpoint(lambda: Sink(made.datagrams), local_addr=(host, made.port)))[0]
        for host in ("127.0.0.1", "::1")
    ]
    yield made
    server.close()
    for transport in udp:
        transport.close()


def lay_out(site: Site, bad: Site) -> str:
    """The page of all carriers, and what it needs; its address."""

    def filled(name: str, template: str) -> str:
        status = (301, 302, 303, 307, 308)[len(name) % 5]
        target = bad.url(f"/v/{name}")
        site.pages[f"/r/{name}"] = (status, {"Location": target}, "")
        return template.format(
            u=target, w=target.replace("http", "ws"), s=target.replace("http", "https"), h=bad.host,
            own=site.url(f"/r/{name}"),
        )  # fmt: skip

    def script(table: dict[str, str]) -> str:
        return "\n".join(f"quietly(async () => {{ {filled(name, code)} }});" for name, code in table.items())

    headers: dict[str, str] = {}
    for name, (header, value) in vectors.HEADERS.items():
        said = filled(name, value)
        headers[header] = f"{headers[header]}, {said}" if header in headers else said
    html = "\n".join(filled(name, template) for name, template in vectors.HTML.items())
    body = PAGE % (html, script(vectors.JS))
    site.pages["/vectors"] = (filled("early-hints", vectors.EARLY), headers, body)
    for path, (kind, template) in vectors.FILES.items():
        site.pages[path] = (200, {"Content-Type": kind}, filled(path.replace("/own.", "own-"), template))
    code = {"Content-Type": "text/javascript"}
    site.pages["/worker.js"] = (200, code, QUIETLY + script(vectors.WORKER))
    site.pages["/sw.js"] = (200, code, QUIETLY + script(vectors.SERVICE_WORKER))
    site.pages["/x"] = "nothing"
    return site.url("/vectors")


async def open_carriers(chromium: Chromium, url: str) -> list[str]:
    """Open the page of all carriers and let them try; what was refused."""
    async with chromium.room(accept_downloads=True) as room:
        page = await room.context.new_page()
        async with page.expect_console_message(lambda said: said.text == "all tried", timeout=30_000):
            await page.goto(url, wait_until="commit")
        return [str(refusal) for refusal in room.door.take_refusals()]


async def test_no_carrier_of_a_page_reaches_a_forbidden_host(engine: Engine, site: Site, bad: Everywhere) -> None:
    url = lay_out(site, bad)
    refused = await open_carriers(Chromium(BrowserSettings(allow=(site.host,)), engine), url)
    assert (bad.connections, bad.datagrams) == (0, []), bad.asked
    assert f"{bad.host} was refused: 127.0.0.1 is a loopback address" in refused


async def test_nor_does_one_where_flags_alone_hold_it_back(
    monkeypatch: pytest.MonkeyPatch, site: Site, bad: Everywhere
) -> None:
    monkeypatch.setattr(network, "ways", lambda settings: (Way(inside=False, sandbox=False),))
    url = lay_out(site, bad)
    async with open_chromium(BrowserSettings(allow=(site.host,))) as chromium:
        await open_carriers(chromium, url)
        assert chromium.engine.network.held["network"].startswith("proxy by flags")
    assert (bad.connections, bad.datagrams) == (0, []), bad.asked


async def test_most_carriers_are_real_ones(engine: Engine, site: Site, bad: Everywhere) -> None:
    url = lay_out(site, bad)
    await open_carriers(Chromium(BrowserSettings(allow=(site.host, bad.host)), engine), url)
    assert len(bad.tried) >= 115, sorted(bad.tried)


async def test_every_way_to_write_loopback_is_refused_with_a_reason(browser: Any, bad: Everywhere) -> None:
    for i, form in enumerate(vectors.LOOPBACK):
        if not (ALL or "@" in form or i % 6 == 0):
            continue  # the next test tries it in a page
        text = await browser("goto", url=f"http://{form}:{bad.port}/")
        assert browser.failed, form
        assert any(reason in text for reason in ("refused: ", "is not an address", "no such host")), (form, text)
    assert bad.connections == 0


async def test_no_way_to_write_loopback_leads_a_page_there(browser: Any, site: Site, bad: Everywhere) -> None:
    tries = [f"http://{form}:{bad.port}/{i}" for i, form in enumerate(vectors.LOOPBACK)]
    good = site.url("/x")
    site.pages["/x"] = "something"
    await browser.open(f"""<p id=o></p><script>
      const reached = (url) => fetch(url, {{ mode: 'no-cors' }}).then(() => true, () => false);
      Promise.all({json.dumps([*tries, good])}.map(reached)).then((all) => {{ o.textContent = 'tried ' + all.length }});
    </script>""")
    assert "is on the page" in await browser("wait", text=f"tried {len(tries) + 1}", seconds=20)
    assert any(line.startswith("GET /x ") for line in site.asked)
    assert (bad.connections, bad.asked) == (0, [])


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_proxy_by_itself_refuses_every_way_to_write_loopback(bad: Everywhere, scheme: str) -> None:
    async with Door(Rules()).open() as door:
        for form in vectors.LOOPBACK:
            head = f"CONNECT {form}:{bad.port}" if scheme == "https" else f"GET http://{form}:{bad.port}/"
            answer = await ask(door, f"{head} HTTP/1.1\r\n\r\n".encode())
            assert b" 200 " not in answer, form
    assert bad.connections == 0


async def ask(door: Door, request: bytes) -> bytes:
    """The first line of the proxy's answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    try:
        writer.write(request)
        writer.write_eof()
        return await asyncio.wait_for(reader.readline(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("raw", vectors.PROXY)
async def test_no_request_gets_the_proxy_to_connect_to_a_forbidden_host(site: Site, bad: Everywhere, raw: str) -> None:
    site.pages["/"] = "allowed"
    async with Door(Rules.of((site.host,), ())).open() as door:
        filled = raw.format(bad=bad.host, good=site.host, port=bad.port).encode("latin-1")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):  # a request that is none gets no answer until it is given up
                await ask(door, filled)
    assert bad.connections == 0
    for head in site.heads:
        assert head.lower().count("\r\nhost:") <= 1
        assert not head.startswith("GET / ") or f"Host: {site.host}\r\n" in head or "CONNECT" in raw


def test_the_public_web_is_open() -> None:
    for text in vectors.PUBLIC:
        assert Rules().refuse_name(text, 443) is None, text


@pytest.mark.parametrize("text", vectors.PRIVATE)
async def test_an_address_that_is_not_public_is_refused_by_itself_and_as_what_a_name_leads_to(text: str) -> None:
    literal = literal_address(text)
    assert literal
    assert Rules().refuse_name(text, 80)
    assert Rules().refuse_name(f"[{text}]", 80)

    async def resolver(host: str, port: int) -> list[str]:
        return [text]

    async with Door(Rules(), resolver).open() as door:
        for host in ("nip.example", "a.b.example."):
            assert b" 403 " in await ask(door, f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode())


def test_names_of_services_that_are_always_private_are_not_even_looked_up() -> None:
    for name in vectors.NAMES:
        assert Rules().refuse_name(name, 80), name
    for port in (22, 25, 6667):
        assert Rules().refuse_name("example.com", port) == "that port is for another protocol than the web's"


def test_no_scheme_but_http_and_https_is_opened() -> None:
    for scheme in vectors.SCHEMES:
        with pytest.raises(ToolError, match=r"refused: only http|is not an address|names no host"):
            address(scheme.format(host="127.0.0.1:80"))


@pytest.fixture
def two_loopbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.2 stands for a public address."""
    real = Rules.refuse_address

    def refuse(self: Rules, host: str, port: int, found: Any) -> str | None:
        return None if str(found) == "127.0.0.2" else real(self, host, port, found)

    monkeypatch.setattr(Rules, "refuse_address", refuse)


@pytest.mark.usefixtures("two_loopbacks")
async def test_of_several_addresses_only_the_public_ones_are_connected_to(bad: Everywhere) -> None:
    public = Site()
    server = await asyncio.start_server(public.serve, "127.0.0.2", 0)
    public.port = server.sockets[0].getsockname()[1]
    private = await asyncio.start_server(bad.serve, "127.0.0.1", public.port)
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        later = ["127.0.0.1"] if asked.count(host) > 1 else ["127.0.0.2"]  # a name that changes between two look-ups
        return {"mixed.example": ["127.0.0.1", "::1", "127.0.0.2"], "rebind.example": later}[host]

    async with Door(Rules(), resolver).open() as door:
        for host, status in (("mixed.example", b" 200 "), ("rebind.example", b" 200 "), ("rebind.example", b" 403 ")):
            assert status in await ask(door, f"CONNECT {host}:{public.port} HTTP/1.1\r\n\r\n".encode())
    assert public.connections == 2
    assert bad.connections == 0
    assert asked == ["mixed.example", "rebind.example", "rebind.example"]
    server.close()
    private.close()


async def test_names_that_nobody_answers_for_do_not_hold_up_another_session() -> None:
    never = asyncio.Event()
    asking = 0

    async def resolver(host: str, port: int) -> list[str]:
        nonlocal asking
        asking += 1
        if host.startswith("slow"):
            await never.wait()
        return ["127.0.0.1"]

    async with Door(Rules(), resolver).open() as hostile, Door(Rules(), resolver).open() as other:
        slow = [
            asyncio.create_task(ask(hostile, f"CONNECT slow{n}.example:443 HTTP/1.1\r\n\r\n".encode()))
            for n in range(40)
        ]
        assert b" 403 " in await ask(other, b"CONNECT quick.example:443 HTTP/1.1\r\n\r\n")
        assert asking <= 9
        never.set()
        await asyncio.gather(*slow)


def test_the_operator_s_lists_mean_what_they_say() -> None:
    rules = Rules.of(
        ("10.0.0.0/8", "*.corp.example:8443", "intranet:80", "BÜCHER.example"),
        ("10.9.0.0/16", "secret.corp.example", "8.8.8.8"),
    )
    denied = "the operator of this server denies it"
    for host, port, reason in (
        ("10.1.2.3", 80, None), ("167837955", 80, None), ("[::ffff:10.1.2.3]", 80, None), ("10.9.1.1", 80, denied),
        ("11.0.0.1", 80, None), ("192.168.1.1", 80, "private"), ("a.corp.example", 8443, None),
        ("secret.corp.example", 8443, denied), ("x.secret.corp.example.", 8443, denied), ("8.8.8.8", 443, denied),
        ("[::ffff:8.8.8.8]", 443, denied), ("[::ffff:808:808]", 443, denied), ("8.8.4.4", 443, None),
    ):  # fmt: skip
        found = rules.refuse_name(host, port)
        assert (reason is None) == (found is None), (host, found)
        assert reason is None or reason in str(found)
    private = literal_address("10.1.2.3")
    assert private
    assert rules.refuse_address("a.corp.example", 8443, private) is None
    assert rules.refuse_address("a.corp.example", 8444, private)
    assert rules.refuse_address("evil.example", 80, private)  # a network allows its addresses, no names
    assert rules.refuse_address("xn--bcher-kva.example", 80, private) is None
    assert rules.refuse_address("any.example", 80, literal_address("8.8.8.8") or private) == denied


def test_where_only_some_hosts_are_named_no_others_are_reached() -> None:
    rules = Rules.of(("localhost:8000",), ("bad.example.com",), ("*.example.com", "example.org:443"))
    for host, port, open_ in (
        ("www.example.com", 443, True), ("example.com", 443, False), ("example.org", 443, True),
        ("example.org", 80, False), ("localhost", 8000, True), ("bad.example.com", 443, False), ("8.8.8.8", 443, False),
    ):  # fmt: skip
        assert (rules.refuse_name(host, port) is None) is open_, host


WRONG_ENTRIES = """http://x/|*|*.|x:|x:0|x:99999|x:y|[::1|[x]:80|a b|10.0.0.1/8|10.0.0.0/99|*.*.x|a..b|::1::2|[::1]x
    |x:80:90|x:８０|user@host|%41.com|-/""".replace("\n    ", "").split("|")


@pytest.mark.parametrize("entry", WRONG_ENTRIES)
@pytest.mark.parametrize("name", ["ALLOW", "DENY", "ONLY"])
def test_an_entry_that_is_no_host_is_named_at_the_start(monkeypatch: pytest.MonkeyPatch, entry: str, name: str) -> None:
    monkeypatch.setenv(f"GLASSHOUSE_BROWSER_{name}", f"good.example, {entry}")
    with pytest.raises(SettingError, match=f"GLASSHOUSE_BROWSER_{name} is not right: .* is none of host, host:port"):
        read_settings(BrowserSettings)
