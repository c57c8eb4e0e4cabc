"""No secret leaves the server: not by its logs at any level, nor by what it answers, nor by the processes it starts."""

import asyncio
import resource
from urllib.parse import quote

import psutil

from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.web.rights import cookie_of
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, TOKEN

CALLS = [
    ("browser_goto", {"url": "{site}"}),
    ("js_repl", {"code": "Object.keys(globalThis).join() + new Error().stack"}),
    ("page_set_html", {"selector": "#hero h1", "html": "Hello"}),
    ("js_repl", {"code": ""}),
]
ASKED = [f"/sessions{rest}" for rest in ("", "/{id}", "/{id}/state", "/{id}/shares")]
ASKED += [
    f"/{path}" for path in ("metrics", "openapi.json", "tools", "kits", "health", "ready", "", "s/{id}", "agents")
]


async def test_no_secret_is_in_what_can_be_read_from_outside(
    make_server: MakeServer, emulator: Emulator, opened: SessionHandle, signing_key: str
) -> None:
    server = make_server(GLASSHOUSE_LOG_LEVEL="debug", GLASSHOUSE_LOG_FORMAT="json")
    await server.start()
    emulator.webhooks.add(f"{server.base_url}/webhook", secret=signing_key)
    http = server.http
    for wrong in ("no", TOKEN[:-1]):
        await http.get("/login", params={"token": wrong}, headers={"authorization": f"Bearer {wrong}"})
    await http.get("/login", params={"token": TOKEN})
    await http.post("/login", data={"token": TOKEN})
    await server.attach(opened.id)
    for name, given in CALLS:
        placed = {key: value.replace("{site}", f"{emulator.base_url}/site") for key, value in given.items()}
        await asyncio.wait_for(opened.call(name, placed), GUARD_S)
    links = [
        (await http.post(f"/sessions/{opened.id}/shares", json={"scope": scope})).json()["url"]
        for scope in ("page", "session")
    ]
    for link in links:
        for path in ("", "/session", "/kits", "/nothing", "/page", "/doc", "/files/x"):
            await http.get(link + path)
    answers = [(await http.get(path.format(id=opened.id))).text for path in ASKED]
    results = [str(event) for event in opened.of_type("user.custom_tool_result")]
    children = server.descendants()
    assert len(children) >= 5
    started = [text for child in children for text in (*child.cmdline(), *child.environ().values())]
    assert psutil.Process(server.pid).rlimit(resource.RLIMIT_CORE) == (0, 0)
    await server.stop()

    secrets = [TOKEN, cookie_of(TOKEN), emulator.api_key, signing_key, signing_key.removeprefix("whsec_")]
    secrets += [link.rpartition("/")[2] for link in links]
    seen = {"log": server.told, "answers": str(answers), "results": str(results), "children": str(started)}
    assert "DEBUG" in seen["log"]
    found = [
        (where, text[max(0, text.find(secret) - 200) :][:400])
        for where, text in seen.items()
        for secret in secrets
        if secret in text or quote(secret) in text
    ]
    assert found == []
