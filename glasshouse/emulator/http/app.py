"""The table of operations, and the one door every request goes through: key, beta header, fault, answer, error."""

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from glasshouse.emulator.http import agents, control, environments, events, sessions
from glasshouse.emulator.http.ask import Ask
from glasshouse.emulator.http.wire import Peers, cut_connection
from glasshouse.emulator.keys import Credential
from glasshouse.emulator.marks import new_id
from glasshouse.emulator.problem import ApiError
from glasshouse.emulator.world import World

log = logging.getLogger(__name__)

BETA = "managed-agents-2026-04-01"
MAX_BODY = 32 * 1024 * 1024  # bytes

Handler = Callable[[Ask], Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    name: str  # what `Faults` calls it
    method: str
    path: str
    handler: Handler
    admits: str = "api"  # kinds of credential


_ANY = "api environment token"
_WORKER = "environment"
_ENV, _WORK = "/v1/environments/{environment}", "/v1/environments/{environment}/work/{work}"
_SESSION = "/v1/sessions/{session}"

OPERATIONS = (
    Operation("agents.create", "POST", "/v1/agents", agents.create),
    Operation("agents.list", "GET", "/v1/agents", agents.list_all),
    Operation("agents.retrieve", "GET", "/v1/agents/{agent}", agents.retrieve),
    Operation("agents.update", "POST", "/v1/agents/{agent}", agents.update),
    Operation("agents.archive", "POST", "/v1/agents/{agent}/archive", agents.archive),
    Operation("agents.versions", "GET", "/v1/agents/{agent}/versions", agents.versions),
    Operation("environments.create", "POST", "/v1/environments", environments.create),
    Operation("environments.list", "GET", "/v1/environments", environments.list_all),
    Operation("environments.retrieve", "GET", _ENV, environments.retrieve),
    Operation("environments.update", "POST", _ENV, environments.update),
    Operation("environments.delete", "DELETE", _ENV, environments.delete),
    Operation("environments.archive", "POST", f"{_ENV}/archive", environments.archive),
    Operation("work.poll", "GET", f"{_ENV}/work/poll", environments.poll, _WORKER),
    Operation("work.stats", "GET", f"{_ENV}/work/stats", environments.stats, "api environment"),
    Operation("work.list", "GET", f"{_ENV}/work", environments.list_work, _WORKER),
    Operation("work.retrieve", "GET", _WORK, environments.retrieve_work),
    Operation("work.update", "POST", _WORK, environments.update_work),
    Operation("work.ack", "POST", f"{_WORK}/ack", environments.ack, _WORKER),
    Operation("work.heartbeat", "POST", f"{_WORK}/heartbeat", environments.heartbeat, "environment token"),
    Operation("work.stop", "POST", f"{_WORK}/stop", environments.stop, _ANY),
    Operation("sessions.create", "POST", "/v1/sessions", sessions.create),
    Operation("sessions.list", "GET", "/v1/sessions", sessions.list_all),
    Operation("sessions.retrieve", "GET", _SESSION, sessions.retrieve, _ANY),
    Operation("sessions.update", "POST", _SESSION, sessions.update),
    Operation("sessions.delete", "DELETE", _SESSION, sessions.delete),
    Operation("sessions.archive", "POST", f"{_SESSION}/archive", sessions.archive),
    Operation("sessions.resources", "GET", f"{_SESSION}/resources", sessions.resources, _ANY),
    Operation("events.list", "GET", f"{_SESSION}/events", events.list_all, _ANY),
    Operation("events.send", "POST", f"{_SESSION}/events", events.send, _ANY),
    Operation("events.stream", "GET", f"{_SESSION}/events/stream", events.stream, _ANY),
    Operation("threads.list", "GET", f"{_SESSION}/threads", events.list_threads, _ANY),
    Operation("threads.retrieve", "GET", f"{_SESSION}/threads/{{thread}}", events.retrieve_thread, _ANY),
    Operation("threads.archive", "POST", f"{_SESSION}/threads/{{thread}}/archive", events.archive_thread),
    Operation("threads.events", "GET", f"{_SESSION}/threads/{{thread}}/events", events.list_thread_events, _ANY),
    Operation("threads.stream", "GET", f"{_SESSION}/threads/{{thread}}/stream", events.stream_thread, _ANY),
)


class Door:
    """The ASGI endpoint of one operation."""

    def __init__(self, operation: Operation, world: World) -> None:
        self._operation = operation
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        request_id = new_id("req")
        mishap = self._world.faults.next_for(self._operation.name, request.path_params.get("session"))
        if mishap and mishap.cut == "before":
            await cut_connection(scope)
            return
        try:
            if mishap:
                await mishap.strike()
            response = _reply(await self._operation.handler(await self._ask(request)))
        except ApiError as problem:
            response = _reply(problem.body(request_id), problem.status, problem.headers)
        except Exception:
            log.exception("%s failed", self._operation.name)
            response = _reply(ApiError(500, "Internal server error").body(request_id), 500)
        if mishap and mishap.cut == "after":
            await cut_connection(scope)
            return
        response.headers["request-id"] = request_id
        await response(scope, receive, send)

    async def _ask(self, request: Request) -> Ask:
        credential = self._world.keys.identify(request.headers)
        self._check(credential, request)
        raw = await request.body()
        if len(raw) > MAX_BODY:
            raise ApiError(413, "Request exceeds the maximum size of 32 MB")
        return Ask(self._world, request, credential, raw)

    def _check(self, credential: Credential, request: Request) -> None:
        if BETA not in request.headers.get("anthropic-beta", ""):
            if self._operation.name.endswith(".stream"):
                raise ApiError(404, "Not found")  # the real API hides the endpoint
            raise ApiError(400, f"this API is in beta: send `anthropic-beta: {BETA}`")
        if "anthropic-version" not in request.headers:
            raise ApiError(400, "anthropic-version: header is required")
        if credential.kind not in self._operation.admits.split():
            raise ApiError(403, f"this kind of credential may not use {self._operation.name}")


def _reply(answer: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    if isinstance(answer, Response):
        return answer
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return Response(body, status, headers, "application/json")


async def _unknown(request: Request, _: Exception) -> Response:
    return _reply(ApiError(404, f"Not found: {request.url.path}").body(new_id("req")), 404)


def build(world: World, peers: Peers, extra: list[BaseRoute]) -> Starlette:
    routes: list[BaseRoute] = [*control.routes(world), *extra]
    for operation in OPERATIONS:
        # Starlette takes a function's methods for GET and HEAD by default, but leaves an ASGI class's open
        routes.append(Route(operation.path, Door(operation, world), methods=[operation.method]))
    app = Starlette(routes=routes, exception_handlers={404: _unknown})
    app.state.peers = peers
    return app
