"""A page with nothing but the live page's panel, as the split view would hold it: for tests and for looking at it."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from glasshouse.tool import Result
from tests.conftest import Workbench
from tools.livepage import kit

STATIC = Path(__file__).parents[2] / "static"
HTML = """<!doctype html><html lang=en><meta charset=utf-8><title>The panel</title>
<meta name=viewport content='width=device-width'>
<link rel=stylesheet href=/static/style.css><link rel=stylesheet href=/static/controls.css>
<link rel=stylesheet href=/kits/livepage/panel.css><link rel=stylesheet href=/stage.css>
<section class='panel panel-livepage'></section>
<script type=module src=/stage.js></script>"""
CSS = "body { height: 100dvh; background: var(--surface) } .panel { height: 100%; container-type: inline-size }"
JS = """
import { panel } from "/kits/livepage/panel.js";
const base = "/sessions/sesn_a";
const act = async (name, input) =>
  (await fetch(`/act/${name}`, { method: "POST", body: JSON.stringify(input) })).json();
const host = { base, sessionId: "sesn_a", readOnly: false, act };
const root = document.querySelector(".panel");
let state = panel.start();
const seen = [];
window.take = (events) => {
  seen.push(...events);
  for (const event of events) state = panel.fold(state, event);
  panel.render(root, state, host);
};
window.past = (count) => panel.render(root, seen.slice(0, count).reduce(panel.fold, panel.start()), {
  ...host, readOnly: true, replaying: true,
});
take([]);
"""


def add_stage(app: FastAPI, bench: Workbench, said: list[str]) -> None:
    """Add the page at `/stage`; messages to the agent are put into `said`."""

    @app.get("/stage")
    async def stage() -> Response:
        return HTMLResponse(HTML)

    @app.get("/stage.js")
    async def script() -> Response:
        return Response(JS, media_type="text/javascript")

    @app.get("/stage.css")
    async def style() -> Response:
        return Response(CSS, media_type="text/css")

    @app.post("/act/{name}")
    async def act(name: str, request: Request) -> dict[str, object]:
        assert name in kit.controls
        result: Result = await bench.control(name, **await request.json())
        content = [{"type": "text", "text": getattr(block, "text", "")} for block in result.content]
        return {"is_error": result.is_error, "content": content}

    @app.post("/sessions/sesn_a/messages")
    async def messages(request: Request) -> dict[str, bool]:
        said.append((await request.json())["text"])
        return {"ok": True}
