"""Sessions over HTTP: make, attach, list, look at, say, interrupt, wake, reset, and the operator's hand in a kit."""

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Request
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from glasshouse.errors import RequestError
from glasshouse.runtime import requests
from glasshouse.store import Session
from glasshouse.tool import Image, Result, Text
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator
from glasshouse.web.waiting import waiting_for

router = APIRouter(dependencies=[Operator])
House = Annotated[WebHouse, Depends(house_of)]


class Input(BaseModel):
    """A body: unknown fields are refused, so that a typing error does not pass in silence."""

    model_config = ConfigDict(extra="forbid")


class NewAgent(Input):
    """An agent to make for the session; it gets the tools of the chosen kits."""

    name: str = Field(min_length=1, max_length=256)
    model: str = Field(min_length=1, max_length=256)
    system: str | None = Field(None, max_length=100_000)


class NewSession(Input):
    """A session to make: whose agent, where, with which kits, and what to say first."""

    agent: NewAgent | str = Field(
        validation_alias=AliasChoices("agent", "agent_id"), description="An id, or a new agent."
    )
    environment_id: str | None = Field(
        None,
        validation_alias=AliasChoices("environment_id", "environment"),
        description="Where the agent works; the only environment there is when left out.",
    )
    kits: list[str] | None = Field(None, description="Names of kits; all when left out.")
    title: str | None = Field(None, max_length=80)
    message: str | None = Field(None, min_length=1, max_length=100_000, description="The first user message.")


class NewMessage(Input):
    """What the user says."""

    text: str = Field(min_length=1, max_length=100_000, validation_alias=AliasChoices("text", "message"), pattern=r"\S")


class Reset(Input):
    """Which kit forgets what it kept of the session; all when left out."""

    kit: str | None = None


class Confirmation(Input):
    """The user's word on a built-in or MCP call that waits for it."""

    tool_use_id: str = Field(min_length=1, max_length=128)
    result: Literal["allow", "deny"]
    deny_message: str | None = Field(None, max_length=10_000)


@router.get("/sessions")
async def list_sessions(house: House) -> dict[str, Any]:
    """All sessions taken in, the last active first, with the kits they used and the calls they wait for."""
    used = await house.store.kits_used()
    sessions = await house.store.sessions()
    return {
        "sessions": [
            {
                **await _view(house, session),
                "kits": used.get(session.id, []),
                "waiting_for": await waiting_for(house.log, session),
            }
            for session in sessions
        ]
    }


@router.post("/sessions", status_code=201)
async def create_session(new: NewSession, house: House) -> dict[str, Any]:
    """Make a session at the API whose agent has our tools beside its own, and wake it."""
    agent = new.agent if isinstance(new.agent, str) else new.agent.model_dump(exclude_none=True)
    made = await requests.create_session(
        house.client,
        house.catalog,
        agent=agent,
        environment_id=new.environment_id or await _only_environment(house),
        kits=new.kits,
        title=new.title,
        message=new.message,
    )
    session = await house.runtime.take_in(made, "page")
    assert session is not None  # only sessions nobody asked for are left alone
    house.runtime.wake(made.id, "page")
    return await _view(house, session)


@router.get("/sessions/{session_id}")
async def get_session(session_id: str, house: House) -> dict[str, Any]:
    """One session."""
    return await _view(house, await house.session(session_id))


@router.post("/sessions/{session_id}/attach")
async def attach(session_id: str, house: House) -> dict[str, Any]:
    """Take in a session that was made elsewhere, and wake it."""
    async with requests.api_errors():
        session = await house.runtime.adopt(session_id, "attach")
    assert session is not None  # only sessions nobody asked for are left alone
    house.runtime.wake(session_id, "attach")
    return await _view(house, session)


@router.post("/sessions/{session_id}/wake")
async def wake(session_id: str, house: House) -> dict[str, Any]:
    """Look at the session now; takes it in first if it is new here."""
    return await attach(session_id, house)


@router.post("/sessions/{session_id}/messages", status_code=202)
async def say(session_id: str, message: NewMessage, house: House) -> dict[str, Any]:
    """Say something to the agent. 409 `waiting` while calls are pending: try again when they are answered."""
    await house.session(session_id)
    house.runtime.wake(session_id, "message")
    await requests.send_message(house.client, session_id, message.text)
    return {"ok": True}


@router.post("/sessions/{session_id}/interrupt", status_code=202)
async def interrupt(session_id: str, house: House) -> dict[str, Any]:
    """End the agent's turn; running calls are cancelled."""
    await house.session(session_id)
    house.runtime.wake(session_id, "interrupt")
    await requests.interrupt(house.client, session_id)
    return {"ok": True}


@router.post("/sessions/{session_id}/confirm", status_code=202)
async def confirm(session_id: str, word: Confirmation, house: House) -> dict[str, Any]:
    """Allow or deny a built-in or MCP call."""
    await house.session(session_id)
    await requests.confirm(house.client, session_id, word.tool_use_id, word.result, word.deny_message)
    return {"ok": True}


@router.post("/sessions/{session_id}/reset")
async def reset(session_id: str, house: House, which: Annotated[Reset | None, Body()] = None) -> dict[str, Any]:
    """Make one kit, or all, forget what they kept of the session."""
    await house.session(session_id)
    kits = [which.kit] if which and which.kit else list(house.catalog.kits)
    for name in kits:
        await house.kits.reset(session_id, house.kit(name))
    return {"ok": True, "reset": kits}


@router.get("/sessions/{session_id}/state")
async def state(session_id: str, house: House) -> dict[str, Any]:
    """What support needs to know: the session, its journal by state, the calls at work, who follows, the guards."""
    view = await _view(house, await house.session(session_id))
    awake = house.runtime.awake(session_id)
    return {
        **view,
        "log": {"last": await house.store.last_number(session_id), "followers": house.log.followers(session_id)},
        "journal": await house.store.call_counts(session_id),
        "running": sorted(awake.running) if awake else [],
        "open": [name for name in house.catalog.kits if house.kits.is_open(session_id, name)],
        "guards": await house.kits.guards(),
    }


@router.post("/sessions/{session_id}/kits/{kit}/{action}")
async def act(
    session_id: str, kit: str, action: str, house: House, given: Annotated[dict[str, Any] | None, Body()] = None
) -> dict[str, Any]:
    """Use a kit's control, or one of its tools, as the operator. What the agent's calls do goes before or after it."""
    await house.session(session_id)
    chosen = house.kit(kit)
    tool = chosen.controls.get(action) or chosen.tools.get(action)
    if tool is None:
        known = ", ".join([*chosen.controls, *chosen.tools])
        raise RequestError(404, "unknown_action", f"{kit} has no {action[:100]!r}. It has: {known}.")
    house.runtime.wake(session_id, "operator")
    return _answer(await house.kits.run(session_id, chosen, tool, given or {}))


@router.get("/agents")
async def agents(house: House) -> dict[str, Any]:
    """The API's agents that can be used, for the dialog that makes a session."""
    async with requests.api_errors():
        page = await house.client.beta.agents.list(limit=100)
    return {"agents": [{"id": one.id, "name": one.name, "model": one.model.id} for one in page.data]}


@router.get("/environments")
async def environments(house: House) -> dict[str, Any]:
    """The API's environments."""
    async with requests.api_errors():
        page = await house.client.beta.environments.list(limit=100)
    return {"environments": [{"id": one.id, "name": one.name, "type": one.config.type} for one in page.data]}


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> dict[str, Any]:
    """The description of this interface."""
    described: dict[str, Any] = request.app.openapi()
    return described


async def _view(house: WebHouse, session: Session) -> dict[str, Any]:
    awake = house.runtime.awake(session.id)
    return {
        "id": session.id,
        "title": session.title,
        "agent": {"id": session.agent_id, "name": session.agent_name},
        "status": session.status,
        "stop_reason": session.stop_reason,
        "awake": awake is not None,
        "running": len(awake.running) if awake else 0,
        "adopted_by": session.adopted_by,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }


async def _only_environment(house: WebHouse) -> str:
    found = (await environments(house))["environments"]
    if len(found) != 1:
        raise RequestError(422, "which_environment", f"Say `environment_id`: the API has {len(found)} environments.")
    only: str = found[0]["id"]
    return only


def _answer(result: Result) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for block in result.content:
        if isinstance(block, Text):
            content.append({"type": "text", "text": block.text})
        elif isinstance(block, Image):
            data = base64.b64encode(block.data).decode()
            content.append({"type": "image", "media_type": block.media_type, "data": data})
    return {"is_error": result.is_error, "content": content}
