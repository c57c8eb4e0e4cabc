"""`/emulator/…`: what another process needs to stage a scene. No key is asked; the emulator is for loopback."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from glasshouse.emulator.handle import SessionHandle
from glasshouse.emulator.marks import Json, new_id
from glasshouse.emulator.problem import ApiError, bad
from glasshouse.emulator.world import World

Handler = Callable[[World, Request, Json], Awaitable[Any]]


async def info(world: World, request: Request, _: Json) -> Json:
    sessions = [{"id": each.id, "status": each.status} for each in world.sessions.values()]
    return {"api_key": world.keys.api_key, "options": world.options, "sessions": sessions}


async def cause_fault(world: World, _: Request, body: Json) -> Json:
    """`{"fault": "refuse", "operation": "events.send", "status": 429, "times": 2}`: a method of `Faults` by name."""
    result = world.faults.cause(str(body.pop("fault", None)), body)
    return {"result": result}


async def clear_faults(world: World, _: Request, __: Json) -> Json:
    world.faults.clear()
    return {}


async def make_key(world: World, request: Request, _: Json) -> Json:
    environment = world.environments.get(request.path_params["environment"])
    return {"environment_key": world.keys.environment_key(environment["id"])}


async def add_webhook(world: World, _: Request, body: Json) -> Json:
    """`{"url": …, "secret"?: …, "events"?: […]}`; the answer has the secret."""
    if not isinstance(body.get("url"), str):
        raise bad("url: missing")
    return world.webhooks.add(body["url"], secret=body.get("secret"), events=body.get("events") or ()).public()


async def list_webhooks(world: World, _: Request, __: Json) -> Json:
    return {"data": [endpoint.public() for endpoint in world.webhooks.endpoints.values()]}


def _handle(world: World, request: Request) -> SessionHandle:
    return SessionHandle(world.session(request.path_params["session"]))


async def make_calls(world: World, request: Request, body: Json) -> Json:
    """`{"name": …, "input": {…}}` or `{"calls": […]}`. With `"wait": true` the answer comes with the results."""
    calls = body.get("calls") or [body]
    handle = _handle(world, request)
    made = await handle.begin([(str(each["name"]), each.get("input") or {}) for each in calls])
    if body.get("wait"):
        await handle.answers(made)
    return {"data": [call.public() for call in made]}


async def list_calls(world: World, request: Request, _: Json) -> Json:
    return {"data": [call.public() for call in _handle(world, request).session.calls.values()]}


async def say(world: World, request: Request, body: Json) -> Json:
    await _handle(world, request).say(str(body["text"]))
    return {}


async def emit(world: World, request: Request, body: Json) -> Json:
    """Any event, `{"type": …, …}`, written on the session's stream as it is."""
    return _handle(world, request).emit(str(body.pop("type")), **body)


async def terminate(world: World, request: Request, _: Json) -> Json:
    _handle(world, request).session.terminate()
    return {}


async def idle(world: World, request: Request, _: Json) -> Json:
    """Answers when the session is idle with `?stop=` (default `end_turn`), within `?timeout_s=` (default 5)."""
    stop, timeout_s = request.query_params.get("stop", "end_turn"), request.query_params.get("timeout_s", "5")
    handle = _handle(world, request)
    try:
        return {"stop_reason": await handle.until_idle(stop, timeout_s=float(timeout_s))}
    except TimeoutError as error:
        raise ApiError(408, f"not idle with {stop}; the session is {handle.status}") from error


async def history(world: World, request: Request, _: Json) -> Json:
    return {"data": _handle(world, request).history}


_SESSION = "/emulator/sessions/{session}"
_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/emulator", info),
    ("POST", "/emulator/faults", cause_fault),
    ("DELETE", "/emulator/faults", clear_faults),
    ("POST", "/emulator/environments/{environment}/key", make_key),
    ("POST", "/emulator/webhooks", add_webhook),
    ("GET", "/emulator/webhooks", list_webhooks),
    ("POST", f"{_SESSION}/calls", make_calls),
    ("GET", f"{_SESSION}/calls", list_calls),
    ("POST", f"{_SESSION}/say", say),
    ("POST", f"{_SESSION}/events", emit),
    ("POST", f"{_SESSION}/terminate", terminate),
    ("GET", f"{_SESSION}/idle", idle),
    ("GET", f"{_SESSION}/history", history),
)


def routes(world: World) -> list[BaseRoute]:
    return [Route(path, _endpoint(world, handler), methods=[method]) for method, path, handler in _TABLE]


def _endpoint(world: World, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await _read(request)
            return JSONResponse(await handler(world, request, body))
        except KeyError as error:
            problem = bad(f"{error.args[0]}: missing")
        except ApiError as raised:
            problem = raised
        return JSONResponse(problem.body(new_id("req")), problem.status)

    return endpoint


async def _read(request: Request) -> Json:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        raise bad("the body is not JSON") from error
    if not isinstance(body, dict):
        raise bad("the body must be a JSON object")
    return body
