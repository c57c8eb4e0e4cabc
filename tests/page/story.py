"""Writes a session's log in the words of what happens: a user, an agent, calls of two kits, trouble, hostility."""

from typing import Any

from tests.page.stage import Session

HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [click](javascript:window.hacked=1) '
    '<a href="javascript:window.hacked=1">here</a> <iframe srcdoc="<script>parent.hacked=1</script>"></iframe> '
    '<svg onload="window.hacked=1"></svg><form action="/sessions"><input name="body"></form>'
    '<p style="position:fixed;inset:0">over everything</p> ![pixel](https://evil.test/p.png)'
)


TREE = {
    "kind": "object", "type": "Map", "text": "Map(2) { 'a' => [ 1, 2 ], 'b' => {…} }",
    "children": [
        {"key": "a", "kind": "array", "type": "Array", "text": "[ 1, 2 ]", "children": [
            {"key": "0", "kind": "number", "type": "number", "text": "1"},
            {"key": "1", "kind": "number", "type": "number", "text": "2"},
        ]},
        {"key": "b", "kind": "object", "type": "Object", "text": "{ c: 1 }", "children": [], "more": 7},
        {"key": "d", "kind": "string", "type": "string", "text": "'<img src=x onerror=hacked=1>'"},
    ],
}  # fmt: skip


class Story:
    """Writes a log in the words of what happens."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.calls = 0

    def user(self, text: str, id: str | None = None) -> None:
        """The operator's message, seen twice as the API shows it."""
        id = id or f"sevt_u{self.session.count}"
        for processed in (None, "2026-10-01T09:00:00Z"):
            self._put("user.message", id=id, content=[{"type": "text", "text": text}], processed_at=processed)

    def agent(self, text: str, id: str | None = None) -> None:
        """The agent's whole message."""
        id = id or f"sevt_m{self.session.count}"
        self._put("agent.message", id=id, content=[{"type": "text", "text": text}])

    def preview(self, id: str, *pieces: str) -> None:
        """The beginning of a message, as it is written."""
        start = {"type": "event_start", "event": {"type": "agent.message", "id": id}}
        self.session.put("event_start", start, numbered=False)
        for piece in pieces:
            delta = {"type": "content_delta", "index": 0, "content": {"type": "text", "text": piece}}
            data = {"type": "event_delta", "event_id": id, "delta": delta}
            self.session.put("event_delta", data, numbered=False)

    def running(self) -> None:
        """The session works."""
        self._put("session.status_running", id=f"sevt_r{self.session.count}")

    def idle(self, stop: str = "end_turn", **more: Any) -> None:
        """The session stops, for a reason."""
        self._put("session.status_idle", id=f"sevt_i{self.session.count}", stop_reason={"type": stop}, **more)

    def spent(self, tokens_in: int = 2400, tokens_out: int = 180) -> None:
        """A model request ended."""
        usage = {"input_tokens": tokens_in, "output_tokens": tokens_out, "cache_read_input_tokens": tokens_in // 2}
        self._put("span.model_request_end", id=f"sevt_s{self.session.count}", is_error=False, model_usage=usage)

    def begin(self, tool: str, kit: str, **input: Any) -> str:
        """The agent calls a tool and the runtime starts it; the call's id."""
        self.calls += 1
        id = f"sevt_c{self.calls}"
        self._put("agent.custom_tool_use", id=id, name=tool, input=input)
        self._put("call.started", call_id=id, tool=tool, kit=kit, input=input, thread=None)
        return id

    def end(self, id: str, tool: str, kit: str, text: str, *, error: bool = False, ms: int = 120, **image: str) -> None:
        """The call is done and its result posted."""
        content: list[dict[str, str]] = [{"type": "text", "text": text}]
        if image:
            content.append({"type": "image", "media_type": "image/jpeg", **image})
        self._put("call.finished", call_id=id, tool=tool, kit=kit, is_error=error, content=content, ms=ms)
        self._put("call.posted", call_id=id)
        self._put("user.custom_tool_result", id=f"{id}_r", custom_tool_use_id=id, is_error=error, content=[])

    def browse(self, tool: str, label: str, file: str | None = None, **more: Any) -> None:
        """One call of the browser from beginning to end."""
        id = self.begin(tool, "browser", **more.pop("input", {}))
        acted: dict[str, Any] = {
            "call_id": id, "author": "agent", "tool": tool, "label": label, "url": "https://shop.test/mugs",
            "title": "Mugs — The Shop", "frame": file, "viewport": {"width": 1280, "height": 800}, "target": None,
            "tabs": [{"id": 1, "title": "Mugs — The Shop", "url": "https://shop.test/mugs", "active": True}],
            "point": None, "text": None, "scroll": {"y": 0, "max_y": 900}, "notes": [], "error": False,
            "counts": {"console_errors": 0, "failed_requests": 0},
        }  # fmt: skip
        self._put("browser.acted", **(acted | more))
        self.end(id, tool, "browser", f'{label}\n[1] link "Home"', ms=420)

    def evaluate(self, code: str, *, n: int, result: str | None = None, **more: Any) -> None:
        """One call of the REPL from beginning to end."""
        id = self.begin("js_repl", "repl", code=code)
        evaluated: dict[str, Any] = {
            "call_id": id, "author": "agent", "n": n, "code": code, "console": [], "result": result, "error": None,
            "pending": None, "ms": 4, "symbols": {"set": [], "removed": []},
        }  # fmt: skip
        self._put("repl.evaluated", **(evaluated | more))
        error = more.get("error")
        self.end(id, "js_repl", "repl", error["text"] if error else str(result), error=bool(error), ms=6)

    def put(self, type: str, **data: Any) -> None:
        """Any other event."""
        self._put(type, **data)

    def _put(self, event_type: str, **data: Any) -> None:
        self.session.put(event_type, data)
