"""Environments: where a session's built-in tools run. `self_hosted` ones have a work queue."""

from typing import Any, Literal

from pydantic import Field

from glasshouse.emulator.agents import Metadata, MetadataPatch, patch_metadata
from glasshouse.emulator.content import Strict
from glasshouse.emulator.marks import Json, new_id, now
from glasshouse.emulator.problem import bad, missing

_PACKAGE_MANAGERS = ("apt", "cargo", "gem", "go", "npm", "pip")


class EnvironmentCreate(Strict):
    name: str = Field(min_length=1)
    config: dict[str, Any] | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    scope: Literal["organization"] | None = None


class EnvironmentUpdate(Strict):
    name: str | None = None
    config: dict[str, Any] | None = None
    description: str | None = None
    metadata: MetadataPatch = Field(default_factory=dict)
    scope: Literal["organization"] | None = None


def resolve_config(config: Json | None) -> Json:
    given = config or {"type": "cloud"}
    if given.get("type") == "self_hosted":
        if extra := sorted(set(given) - {"type"}):
            raise bad(f"config.{extra[0]}: extra inputs are not permitted")
        return {"type": "self_hosted"}
    if given.get("type") != "cloud":
        raise bad("config.type: must be cloud or self_hosted")
    networking = given.get("networking") or {"type": "unrestricted"}
    packages = {manager: [] for manager in _PACKAGE_MANAGERS} | {"type": "packages"} | (given.get("packages") or {})
    return {"type": "cloud", "networking": networking, "packages": packages}


class Environments:
    def __init__(self) -> None:
        self._environments: dict[str, Json] = {}

    def create(self, body: EnvironmentCreate) -> Json:
        at = now()
        environment = {
            "id": new_id("env"),
            "type": "environment",
            **body.model_dump(),
            "config": resolve_config(body.config),
            "scope": "organization",
            "created_at": at,
            "updated_at": at,
            "archived_at": None,
        }
        self._environments[environment["id"]] = environment
        return environment

    def all(self) -> list[Json]:
        return list(self._environments.values())

    def get(self, environment_id: str) -> Json:
        if environment_id not in self._environments:
            raise missing("Environment", environment_id)
        return self._environments[environment_id]

    def update(self, environment_id: str, body: EnvironmentUpdate) -> Json:
        environment = self.get(environment_id)
        given = body.model_dump(exclude_unset=True)
        if given.get("name") == "":
            raise bad("name: must not be empty")
        if "metadata" in given:
            patch = {key: value or None for key, value in given["metadata"].items()}
            given["metadata"] = patch_metadata(environment["metadata"], patch)
        if "config" in given:
            given["config"] = resolve_config(given["config"])
        environment |= {**given, "updated_at": now()}
        return environment

    def archive(self, environment_id: str) -> Json:
        environment = self.get(environment_id)
        environment["archived_at"] = environment["archived_at"] or now()
        return environment

    def delete(self, environment_id: str) -> Json:
        self.get(environment_id)
        del self._environments[environment_id]
        return {"id": environment_id, "type": "environment_deleted"}
