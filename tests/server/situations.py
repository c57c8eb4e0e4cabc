"""What is done in each hard situation, and what the agent has to be told of it."""
# ruff: noqa: E501  # pages are written as one would write them in a file

from dataclasses import dataclass
from typing import Any

from tests.browser.conftest import Page

Call = tuple[str, dict[str, Any], str]  # tool, input, what its answer has to say


@dataclass(frozen=True)
class Situation:
    """A page that is loaded first, what the answer to that says, and the calls that follow."""

    page: str
    calls: tuple[Call, ...] = ()
    said: str = ""


def on_click(script: str, *says: str, then: tuple[Call, ...] = (), **given: Any) -> Situation:
    """A button that does something."""
    page = f'<button onclick="{script}">go</button><p id=o>-</p>'
    return Situation(page, (*(click("go", says_, **given) for says_ in says), *then))


def link(address: str, *says: str, then: tuple[Call, ...] = (), more: str = "") -> Situation:
    """A link that is clicked."""
    return Situation(f"<a href='{address}' {more}>go</a>", (*(click("go", said) for said in says), *then))


def click(target: str, said: str, **given: Any) -> Call:
    return "click", {"target": target, **given}, said


def goto(address: str, said: str) -> Call:
    return "goto", {"url": address}, said


def read(said: str, **given: Any) -> Call:
    return "read", given, said


WORKER = """self.addEventListener('install', e => e.waitUntil(caches.open('c').then(c => c.put('/cached', new Response('<h1>from the worker</h1>',
    { headers: { 'content-type': 'text/html' } }))).then(() => skipWaiting())));
self.addEventListener('activate', e => e.waitUntil(clients.claim()));
self.addEventListener('fetch', e => { if (e.request.url.endsWith('/cached')) e.respondWith(caches.match('/cached')) });"""

PAGES: dict[str, Page] = {
    "/two": "<title>Two</title><h1>second</h1>",
    "/r1": (302, {"Location": "/r2"}, ""),
    "/r2": (301, {"Location": "/r3"}, ""),
    "/r3": (307, {"Location": "/two"}, ""),
    "/loop": (302, {"Location": "/loop"}, ""),
    "/meta": "<meta http-equiv=refresh content='0;url=/meta'><h1>meta</h1>",
    "/401": (401, {"WWW-Authenticate": 'Basic realm="vault"'}, "<h1>who are you</h1>"),
    "/file": (200, {"Content-Disposition": 'attachment; filename="../../x/a.csv"', "Content-Type": "text/csv"}, "x,y"),
    "/unknown": (200, {"Content-Type": "application/x-foo"}, b"\0\1\2\3" * 20),
    "/json": (200, {"Content-Type": "application/json"}, '{"a": [1, 2], "b": {"c": "d"}}'),
    "/text": (200, {"Content-Type": "text/plain"}, "plain words\nline two"),
    "/xml": (200, {"Content-Type": "application/xml"}, "<a><b>xml text</b></a>"),
    "/sjis": (200, {"Content-Type": "text/html; charset=shift_jis"}, "<h1>日本語</h1>".encode("shift_jis")),
    "/1251": (200, {"Content-Type": "text/html"}, "<meta charset=windows-1251><h1>Привет</h1>".encode("cp1251")),
    "/utf16": (200, {"Content-Type": "text/html"}, "<h1>sixteen ü</h1>".encode("utf-16")),
    "/xhtml": (
        200,
        {"Content-Type": "application/xhtml+xml"},
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>good</h1><p>broken</body></html>",
    ),
    "/title": "<title>" + "t" * 200_000 + "</title><h1>long title</h1>",
    "/self": "<h1>self</h1><iframe src=/self></iframe>",
    "/frameset": "<frameset cols=50%,50%><frame src=/two><frame src=/text></frameset>",
    "/strict": (
        200,
        {"Content-Security-Policy": "default-src 'none'; require-trusted-types-for 'script'; sandbox"},
        "<h1>strict</h1><button>b</button>",
    ),
    "/isolated": (
        200,
        {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"},
        "<h1>isolated</h1><button>b</button>",
    ),
    "/stops": "<h1>x</h1><script>window.stop()</script><p>never</p>",
    "/hang": "<script>while (true);</script>",
    "/pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4\n%%EOF"),
    "/long.txt": (200, {"Content-Type": "text/plain"}, "".join(f"line {i} of a long text\n" for i in range(200_000))),
    "/long.json": (
        200,
        {"Content-Type": "application/json"},
        "[" + ",".join(f'{{"id":{i}}}' for i in range(400_000)) + "]",
    ),
    "/sw.js": (200, {"Content-Type": "text/javascript"}, WORKER),
}

SITUATIONS: dict[str, Situation] = {
    # dialogs
    "alert": on_click("alert('hi'); o.textContent = 'after'", "alert 'hi' was closed."),
    "confirm": on_click("o.textContent = confirm('sure?')", "true", then=(click("go", "false", dialog="cancel"),)),
    "prompt": on_click("o.textContent = prompt('name?', 'Bob')", "'Ann'", dialog="Ann"),
    "an alert in a frame": Situation("<iframe srcdoc='<script>alert(1)</script>'></iframe>", said="alert '1' was closed."),
    "a confirm that asks until it is refused": on_click("while (confirm('again?')); o.textContent = 'over'", "over"),
    "a page that asks whether to leave it": Situation(
        "<script>onbeforeunload = e => e.preventDefault()</script><input aria-label=x><a href=/two>leave</a>",
        (("type", {"target": "x", "text": "d"}, "Typed"), click("leave", "asked whether to leave it: yes")),
    ),
    "alerts from a timer": Situation("<script>setInterval(() => alert('tick'), 100)</script><h1>x</h1>", (("wait", {"seconds": 0.5}, "alert 'tick'"), read("# x"))),
    "questions from a timer, and a link": Situation("<script>setInterval(() => confirm('now?'), 50)</script><a href=/two>leave</a>", (click("leave", "confirm 'now?'"),)),
    "print": Situation("<script>print()</script>", said="print dialog"),
    # windows
    "a link to a new tab": link("/two", "# second", more="target=_blank rel=noopener", then=(("tabs", {"action": "close"}, "Closed tab"),)),
    "a window that is written": on_click(
        "const w = window.open('', 'w'); w.document.write('<h1>written</h1>'); w.document.close()", "# written",
        then=(("tabs", {"action": "close"}, "Closed tab"),),
    ),
    "windows without end": on_click("for (let i = 0; i < 50; i++) window.open('/two?' + i)", "windows without end"),
    "a window nobody asked for": Situation(
        "<script>setTimeout(() => window.open('/two'), 50)</script>", (("wait", {"seconds": 0.2}, ""), read("")),
    ),
    "a window in which nothing comes": on_click("window.open('/never')", "in which nothing has come yet"),
    "a page that closes itself": on_click("window.open('', '_self').close()", "Clicked"),
    # files
    "a download": link("/file", "Downloaded '_.._x_a.csv' (3 bytes)"),
    "a file of an unknown kind": Situation("", (goto("/unknown", "is a download, not a page"),)),
    "many downloads": on_click(
        "for (let i = 0; i < 20; i++) { const a = document.createElement('a'); a.href = 'data:text/plain,' + i; a.download = 'f' + i; a.click() }",
        "Downloaded 'f0.txt'",
    ),
    "a file chooser": Situation(
        "<input type=file id=f style='display:none'><button onclick='f.click()'>go</button>", (click("go", "asks for a file"),)
    ),
    # permissions and the like
    "location": on_click("navigator.geolocation.getCurrentPosition(() => {}, () => {})", "asked for the location"),
    "notifications": on_click("Notification.requestPermission()", "leave to show notifications"),
    "camera": on_click("navigator.mediaDevices.getUserMedia({ video: true }).catch(() => {})", "the camera or the microphone"),
    "clipboard": on_click("navigator.clipboard.readText().catch(() => {})", "on the clipboard"),
    "fullscreen": on_click("document.documentElement.requestFullscreen()", "Clicked"),
    "a locked pointer": Situation(
        "<button onclick='document.body.requestPointerLock()'>go</button><button onclick='o.textContent = 7'>two</button><p id=o></p>",
        (click("go", "Clicked"), click("two", "7")),
    ),
    "a passkey": on_click("navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16) } }).catch(() => {})", "passkey"),
    # authentication
    "a page with a password": Situation("", (goto("/401", "asks for a name and a password"), read("# who are you"))),
    "a link to a page with a password": link("/401", "asks for a name and a password"),
    "a frame with a password": Situation("<iframe src=/401></iframe><h1>around</h1>", said="# around"),
    "a fetch with a password": on_click("fetch('/401').then(r => { o.textContent = 'status ' + r.status })", "status 401"),
    "a synchronous request with a password": on_click(
        "const x = new XMLHttpRequest(); x.open('GET', '/401', false); x.send(); o.textContent = 'status ' + x.status", "status 401"
    ),
    # documents that are no pages
    "JSON": Situation("", (goto("/json", '"a": [1, 2]'), read('"c": "d"', query="c"))),
    "plain text": Situation("", (goto("/text", "line two"),)),
    "XML": Situation("", (goto("/xml", "xml text"),)),
    "a PDF in a page": Situation(
        "<embed src=/pdf width=300 height=200><h1>below</h1>", (("wait", {"seconds": 0.5}, ""), read("A PDF, which is not read here: browser_goto"), read("# below")),
    ),
    "a text of many megabytes": Situation(
        "", (goto("/long.txt", "line 0 of"), read("line 199999 of", query="199999"), read("more follows"), goto("/long.json", '{"id":1}'), read('{"id":399999}]', query="399999")),
    ),
    "other encodings": Situation("", (goto("/sjis", "日本語"), goto("/1251", "Привет"), goto("/utf16", "sixteen ü"))),
    "broken XHTML": Situation("", (goto("/xhtml", "good"),)),
    # addresses
    "redirects": Situation("", (goto("/r1", "# second"), goto("/loop", "redirects without end"))),
    "a private address": link("http://10.0.0.1/", "is a private address", then=(goto("http://169.254.169.254/", "metadata"),)),
    "a program's address": on_click(
        "location = 'zoommtg://join'; o.textContent += 'x'", "another program", then=(click("go", "xx"),)
    ),
    "a program's address in a frame": Situation("<iframe src='zoommtg://join'></iframe><button onclick='this.textContent = 7'>go</button>", (click("go", "7"),)),
    "a huge address": link("/two?" + "u" * 30_000, "# second"),
    "a huge title": Situation("", (goto("/title", "# long title"), ("tabs", {}, "tab"))),
    "places in the page without end": Situation("<h1>x</h1><script>let i = 0; setInterval(() => { location.hash = i++ }, 5)</script>", (read("# x"),)),
    "a trap of history": Situation(
        "<h1>x</h1><script>history.pushState(0, '', '/a'); onpopstate = () => history.pushState(0, '', '/a')</script>",
        (("back", {}, "Went back"), ("back", {}, "Went back")),
    ),
    # what is slow, endless, or breaks off
    "no answer": link("/never", "given up"),
    "styles that never come": Situation("<link rel=stylesheet href=/never><h1>styled</h1>", (read("# styled"),), "# styled"),
    "a click on a page that waits for its styles": Situation(
        "<link rel=stylesheet href=/never><h1>styled</h1><a href=/two>leave</a>", (click("leave", "takes no clicks: they were given up"), read("# second")),
    ),
    "a frame that never comes": Situation("<h1>top</h1><iframe src=/never></iframe><p>below</p>", (read("below"), click("below", "Clicked")), "# top"),
    "a connection that breaks in the middle": Situation("", (goto("/midway", "broke the connection off"), read("# half of it"))),
    "a page that stops itself": Situation("", (goto("/stops", "# x"), read("# x"))),
    "a connection that breaks": Situation("", (goto("/reset", "answered with nothing"), goto("/short", "cut short"))),
    "a page without end": Situation("", (goto("/endless", "begun"), read("begun"))),
    # what hangs
    "a page that hangs as it is left": Situation(
        "<script>onpagehide = () => { while (true); }</script><button>b</button>",
        (goto("/two", "its script was stopped"), read("# second"), ("back", {}, "Went back"), click("b", "Clicked"), ("back", {}, "its script was stopped")),
    ),
    "a frame of another site that hangs": Situation("<h1>top</h1><iframe src='http://localhost:PORT/hang'></iframe>", said="# top"),
    "an endless loop in a worker": on_click("new Worker(window.URL.createObjectURL(new Blob(['for (;;);']))); o.textContent = 'working'", "working"),
    "a debugger statement": on_click("debugger; o.textContent = 'went on'", "went on"),
    # what changes under the hand
    "a page that leaves as the mouse goes down": Situation("<button onmousedown=\"location = '/two'\">go</button>", (click("go", "# second"),)),
    "a form that sends itself while it is typed into": Situation(
        "<form action=/two><input aria-label=x oninput='this.form.submit()'></form>", (("type", {"target": "x", "text": "abc"}, "# second"),)
    ),
    "a button that goes away under the click": Situation("<button onmousedown='this.remove()'>go</button>", (click("go", "Gone"),)),
    "a page that is written anew": Situation("<script>onload = () => document.write('<h1>written late</h1>')</script>", (read("written late"),)),
    # floods
    "messages without end": Situation(
        "<h1>x</h1><script>new WebSocket('ws://' + location.host + '/flood').onmessage = () => {}</script>", (("wait", {"seconds": 0.4}, ""), read("# x"))
    ),
    # shapes of pages
    "frames in frames": Situation("", (goto("/self", "# self"), goto("/frameset", "# second"))),
    "a page that forbids all scripts": Situation("", (goto("/strict", "# strict"), click("b", "Clicked"), ("wait", {"text": "strict"}, "is on the page"))),
    "a page isolated from others": Situation("", (goto("/isolated", "# isolated"), click("b", "Clicked"))),
    "characters that are none": Situation(
        "<script>document.write('<h1>\\ud800 lone</h1><button title=\"\\udc00\">b</button>'); document.title = '\\ud83d'</script>", (click("b", "Clicked"),), "lone"
    ),
    "many options": Situation(
        "<select aria-label=s>" + "".join(f"<option>option {i}" for i in range(5000)) + "</select>",
        (("select", {"target": "s", "values": ["option 4999"]}, 'Chose "option 4999"'),),
    ),
    "a modal": Situation(
        "<button>behind</button><dialog id=d><button onclick='d.close()'>shut</button></dialog><script>d.showModal()</script>",
        (click("behind", "covered"), click("shut", "Clicked"), click("behind", "Clicked")),
    ),
}  # fmt: skip

LONG: dict[str, Situation] = {
    # these also where the kit is alone: tests/browser/test_situations.py and test_hostile.py
    "alerts without end": on_click("for (;;) alert(1)", "dialogs without end"),
    "a page that hangs as it is asked whether to leave it": Situation(
        "<script>onbeforeunload = () => { while (true); }</script><button>b</button><a href=/two>leave</a>",
        (click("b", "Clicked"), click("leave", "# second")),
    ),
    "a click that hangs": on_click("while (true);", "script that did not end"),
    # these here alone
    "a page that loads itself without end": Situation("", (goto("/meta", ""), read(""))),
    "a program's address in a window": on_click("window.open('zoommtg://join')", "Clicked", then=(("tabs", {}, "tab"),)),
    "addresses without end in one script": on_click("for (;;) history.pushState(0, '', '/q' + Math.random())", "script that did not end"),
    "a console without end": Situation("<h1>x</h1><script>setInterval(() => { for (let i = 0; i < 300; i++) console.log({}) }, 1)</script>", (read("# x"),)),
    "a thousand requests": on_click("for (let i = 0; i < 1000; i++) fetch('/text?' + i).catch(() => {})", "Clicked"),
    "a hundred thousand elements": Situation("<h1>top</h1>" + "<i>w</i>" * 100_000 + "<p>needle</p>", (read("needle", query="needle"),), "# top"),
    "a window that hangs as it loads": on_click("window.open('/hang', '_blank', 'noopener')", "", then=(read("hung"),)),
    "a page that hangs as it loads": Situation("<h1>top</h1><script>while (true);</script>", said="hung"),
    "a timer that hangs": Situation("<h1>x</h1><script>setTimeout(() => { while (true); }, 300)</script>", (("wait", {"seconds": 0.5}, "hung"),)),
    "microtasks without end": on_click("(async () => { for (;;) await null })()", "hung"),
    "an observer of itself": on_click("new MutationObserver(() => o.append('x')).observe(document.body, { childList: true, subtree: true }); o.append('y')", "hung"),
    "a mouse that hangs": Situation("<div onmousemove='while (true);'><button>go</button></div>", (click("go", "hung"),)),
    "typing that hangs": Situation("<input aria-label=x oninput='while (true);'>", (("type", {"target": "x", "text": "abc"}, "hung"),)),
    "a regular expression without end": on_click("/(x+x+)+y/.test('x'.repeat(50))", "hung"),
    "a request that blocks": on_click("const x = new XMLHttpRequest(); x.open('GET', '/never', false); x.send()", "hung"),
    "a prompt that wants a password": on_click("while (prompt('password?') !== 'secret');", "dialogs without end"),
    "a page that reloads itself": Situation("<h1>x</h1><script>location.reload()</script>", said="without end"),
    "a page that grows": Situation("<h1>top</h1><script>setInterval(() => { for (let i = 0; i < 200; i++) document.body.append('t' + i) }, 1)</script>", (read("# top"),)),
}  # fmt: skip
