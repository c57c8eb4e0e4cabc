"""`/v1/sessions`, without their events."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from glasshouse.emulator.agents import Metadata, MetadataPatch, ModelChoice, patch_metadata, resolve_model
from glasshouse.emulator.content import Document, File, Strict
from glasshouse.emulator.http.ask import Ask
from glasshouse.emulator.incoming import Initial, UserMessage
from glasshouse.emulator.marks import Json, now
from glasshouse.emulator.problem import bad
from glasshouse.emulator.session import Session
from glasshouse.emulator.toolcheck import check_tools

# 80 characters and no control characters, as the cookbooks say
Title = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
_FROM_AGENT = (
    *("id", "type", "version", "name", "description", "execution_identity"),
    *("mcp_servers", "model", "multiagent", "skills", "system", "tools"),
)


class AgentRef(Strict):
    type: Literal["agent"]
    id: str
    version: int | None = Field(default=None, ge=1)


class AgentWithOverrides(Strict):
    type: Literal["agent_with_overrides"]
    id: str
    version: int | None = Field(default=None, ge=1)
    model: ModelChoice | None = None
    system: str | None = Field(default=None, max_length=100_000)
    tools: list[dict[str, Any]] | None = None
    mcp_servers: list[dict[str, Any]] | None = None
    skills: list[dict[str, Any]] | None = None


class Money(Strict):
    amount: Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d*)$")]
    currency: Literal["USD"]


class Budget(Strict):
    type: Literal["limit"]
    max_list_cost: Money


class SessionCreate(Strict):
    agent: str | Annotated[AgentRef | AgentWithOverrides, Field(discriminator="type")]
    environment_id: str
    title: Title | None = None
    metadata: Metadata = Field(default_factory=dict)
    initial_events: list[Initial] = Field(default_factory=list, max_length=50)
    resources: list[dict[str, Any]] = Field(default_factory=list)
    vault_ids: list[str] = Field(default_factory=list)
    budget: Budget | None = None


class AgentPatch(Strict):
    tools: list[dict[str, Any]] | None = None
    mcp_servers: list[dict[str, Any]] | None = None


class SessionUpdate(Strict):
    title: Title | None = None
    metadata: MetadataPatch | None = None
    budget: Budget | None = None
    agent: AgentPatch | None = None
    vault_ids: list[str] | None = None


async def create(ask: Ask) -> Json:
    body = ask.body(SessionCreate)
    agent = _snapshot(ask, body.agent)
    environment = ask.world.environments.get(body.environment_id)
    if environment["archived_at"]:
        raise bad(f"Environment {environment['id']} is archived")
    _check_files(body)
    session = ask.world.open(agent, environment, body.model_dump(exclude={"agent", "initial_events"}))
    answer = session.public()  # before the first events: they are not echoed
    for event in body.initial_events:
        session.apply(event)
    return {**answer, "status": "running" if body.initial_events else "idle"}


def _snapshot(ask: Ask, choice: str | AgentRef | AgentWithOverrides) -> Json:
    """The agent as this session keeps it, whatever becomes of the agent later."""
    ref = AgentRef(type="agent", id=choice) if isinstance(choice, str) else choice
    agent = ask.world.agents.get(ref.id, ref.version)
    if agent["archived_at"]:
        raise bad(f"Agent {ref.id} is archived")
    snapshot: Json = {key: agent[key] for key in _FROM_AGENT}
    if isinstance(ref, AgentWithOverrides):
        snapshot |= ref.model_dump(exclude_unset=True, exclude={"type", "id", "version"})
        if isinstance(snapshot["model"], str) or ref.model:
            snapshot["model"] = resolve_model(snapshot["model"])
        snapshot["tools"] = check_tools(snapshot["tools"] or [], snapshot["mcp_servers"] or [])
    return snapshot


def _check_files(body: SessionCreate) -> None:
    blocks = [block for event in body.initial_events if isinstance(event, UserMessage) for block in event.content]
    if sum(isinstance(block, Document) and isinstance(block.source, File) for block in blocks) > 100:
        raise bad("initial_events: at most 100 file-sourced documents")


async def list_all(ask: Ask) -> Json:
    version = ask.integer("agent_version", least=1, most=10**9)
    if version is not None and ask.query("agent_id") is None:
        raise bad("agent_version: only applies together with agent_id")
    wanted = [session for session in ask.world.sessions.values() if not session.deleted and _matches(ask, session)]
    page = ask.cut(wanted, order="desc")
    return {
        "data": [session.public() for session in page.data],
        "next_page": page.next_page,
        "prev_page": page.prev_page,
    }


def _matches(ask: Ask, session: Session) -> bool:
    statuses, version = ask.many("statuses"), ask.query("agent_version")
    return (
        (not statuses or session.shown_status in statuses)
        and ask.query("agent_id") in (None, session.agent["id"])
        and version in (None, str(session.agent["version"]))
        and ask.query("deployment_id") is None
        and ask.query("memory_store_id") is None
        and (ask.flag("include_archived") or session.archived_at is None)
        and ask.within().admits(session.created_at)
    )


async def retrieve(ask: Ask) -> Json:
    return ask.session().public()


async def resources(ask: Ask) -> Json:
    return {"data": ask.session().resources, "next_page": None}


async def update(ask: Ask) -> Json:
    session, body = ask.session(), ask.body(SessionUpdate)
    given = body.model_dump(exclude_unset=True)
    if "vault_ids" in given:
        raise bad("vault_ids: not yet supported")
    if session.status == "terminated":
        raise bad(f"Session {session.id} is terminated")
    changes: Json = {key: given[key] for key in ("title", "budget") if key in given}
    if "budget" in given and session.budget is None:
        raise bad("budget: budget_create_only")
    if body.metadata is not None:
        changes["metadata"] = patch_metadata(session.metadata, body.metadata)
    if body.agent is not None:
        changes["agent"] = _patched_agent(session, body.agent)
    _store(session, {key: value for key, value in changes.items() if getattr(session, key) != value})
    return session.public()


def _patched_agent(session: Session, patch: AgentPatch) -> Json:
    if session.shown_status != "idle":
        raise bad(f"agent: the session must be idle, it is {session.shown_status}")
    agent = {**session.agent, **patch.model_dump(exclude_none=True)}
    return {**agent, "tools": check_tools(agent["tools"], agent["mcp_servers"])}


def _store(session: Session, changes: Json) -> None:
    if not changes:
        return
    for key, value in changes.items():
        setattr(session, key, value)
    session.updated_at = now()
    session.log.append("session.updated", **changes)


def _refuse_running(session: Session, verb: str) -> None:
    if session.shown_status in ("running", "rescheduling"):
        raise bad(f"Session {session.id} cannot be {verb} while it is {session.shown_status}")


async def archive(ask: Ask) -> Json:
    session = ask.session()
    _refuse_running(session, "archived")
    session.archive()
    return session.public()


async def delete(ask: Ask) -> Json:
    session = ask.session()
    _refuse_running(session, "deleted")
    session.delete()
    return {"id": session.id, "type": "session_deleted"}
