"""Agents and their versions."""

from typing import Annotated, Any

from pydantic import Field

from glasshouse.emulator.content import Strict
from glasshouse.emulator.marks import Json, new_id, now
from glasshouse.emulator.problem import ApiError, bad, missing
from glasshouse.emulator.toolcheck import check_tools

Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=512)]],
    Field(max_length=16),
]
MetadataPatch = dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=512)] | None]
ModelChoice = str | dict[str, Any]


class AgentCreate(Strict):
    name: str = Field(min_length=1, max_length=256)
    model: ModelChoice
    system: str | None = Field(default=None, max_length=100_000)
    description: str | None = Field(default=None, max_length=2_048)
    tools: list[dict[str, Any]] = Field(default_factory=list)
    mcp_servers: list[dict[str, Any]] = Field(default_factory=list)
    skills: list[dict[str, Any]] = Field(default_factory=list)
    multiagent: dict[str, Any] | None = None
    metadata: Metadata = Field(default_factory=dict)
    execution_identity: dict[str, Any] | None = None


class AgentUpdate(Strict):
    version: int | None = Field(default=None, ge=1)
    name: str | None = Field(default=None, min_length=1, max_length=256)
    model: ModelChoice | None = None
    system: str | None = Field(default=None, max_length=100_000)
    description: str | None = Field(default=None, max_length=2_048)
    tools: list[dict[str, Any]] | None = None
    mcp_servers: list[dict[str, Any]] | None = None
    skills: list[dict[str, Any]] | None = None
    multiagent: dict[str, Any] | None = None
    metadata: MetadataPatch | None = None
    execution_identity: dict[str, Any] | None = None


def resolve_model(model: ModelChoice) -> Json:
    given = {"id": model} if isinstance(model, str) else model
    if not given.get("id"):
        raise bad("model: must name a model")
    effort = given.get("effort") or {"type": "high"}
    return {
        **given,
        "effort": {"type": effort} if isinstance(effort, str) else effort,
        "speed": given.get("speed") or "standard",
    }


def patch_metadata(stored: dict[str, str], patch: dict[str, str | None]) -> dict[str, str]:
    """Strings are set, nulls delete. Raises 400 when more than 16 pairs are left."""
    merged = {key: value for key, value in {**stored, **patch}.items() if value is not None}
    if len(merged) > 16:
        raise bad("metadata: at most 16 pairs")
    return merged


class Agents:
    def __init__(self) -> None:
        self._versions: dict[str, list[Json]] = {}

    def create(self, body: AgentCreate) -> Json:
        fields = body.model_dump()
        fields["tools"] = check_tools(fields["tools"], fields["mcp_servers"])
        fields["model"] = resolve_model(fields["model"])
        fields["execution_identity"] = fields["execution_identity"] or {"type": "service_account"}
        at = now()
        agent = {"id": new_id("agent"), "type": "agent", "version": 1, **fields}
        agent |= {"created_at": at, "updated_at": at, "archived_at": None}
        self._versions[agent["id"]] = [agent]
        return agent

    def all(self) -> list[Json]:
        return [versions[-1] for versions in self._versions.values()]

    def versions(self, agent_id: str) -> list[Json]:
        if agent_id not in self._versions:
            raise missing("Agent", agent_id)
        return self._versions[agent_id]

    def get(self, agent_id: str, version: int | None = None) -> Json:
        for agent in reversed(self.versions(agent_id)):
            if version in (None, agent["version"]):
                return agent
        raise missing(f"Version {version} of agent", agent_id)

    def update(self, agent_id: str, body: AgentUpdate) -> Json:
        """A new version, unless nothing changed. Raises 409 when `version` is not the current one."""
        current = self.get(agent_id)
        if current["archived_at"]:
            raise bad(f"Agent {agent_id} is archived")
        if body.version not in (None, current["version"]):
            raise ApiError(409, f"Agent {agent_id} is at version {current['version']}, not {body.version}")
        changed = {**current, **self._changes(current, body.model_dump(exclude_unset=True, exclude={"version"}))}
        changed["tools"] = check_tools(changed["tools"], changed["mcp_servers"])
        if changed == current:
            return current
        changed |= {"version": current["version"] + 1, "updated_at": now()}
        self._versions[agent_id].append(changed)
        return changed

    @staticmethod
    def _changes(current: Json, given: Json) -> Json:
        if "metadata" in given:
            given["metadata"] = patch_metadata(current["metadata"], given["metadata"] or {})
        if given.get("model"):
            given["model"] = resolve_model(given["model"])
        for key in ("name", "model"):
            if key in given and given[key] is None:
                raise bad(f"{key}: cannot be cleared")
        for key in ("tools", "mcp_servers", "skills"):
            if key in given:
                given[key] = given[key] or []
        if "execution_identity" in given:
            given["execution_identity"] = given["execution_identity"] or {"type": "service_account"}
        return given

    def archive(self, agent_id: str) -> Json:
        agent = self.get(agent_id)
        agent["archived_at"] = agent["archived_at"] or now()
        return agent
