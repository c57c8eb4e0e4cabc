"""Who asks: an API key, an environment's key, or the token of one work item."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from glasshouse.emulator.marks import new_id
from glasshouse.emulator.problem import ApiError

Kind = Literal["api", "environment", "token"]
_OAUTH = "sk-ant-oat01-"


@dataclass(frozen=True)
class Credential:
    kind: Kind
    environment_id: str | None = None
    session_id: str | None = None
    work_id: str | None = None


class Keys:
    """Any key is taken as the API key unless one was set; environment keys and tokens must be known."""

    def __init__(self, api_key: str | None) -> None:
        self.api_key = api_key or f"sk-ant-api03-{new_id('emulator')}"
        self._strict = api_key is not None
        self._known: dict[str, Credential] = {}
        self._by_environment: dict[str, str] = {}

    def environment_key(self, environment_id: str) -> str:
        """The key of an environment, made at the first asking. The real API makes them in its Console only."""
        if environment_id not in self._by_environment:
            key = self._by_environment[environment_id] = _OAUTH + new_id("env")
            self._known[key] = Credential("environment", environment_id)
        return self._by_environment[environment_id]

    def work_secret(self, environment_id: str, session_id: str, work_id: str) -> str:
        """The `secret` of a work item: URL-safe base64 of JSON with a `sessions_token`."""
        token = _OAUTH + new_id("work")
        self._known[token] = Credential("token", environment_id, session_id, work_id)
        return base64.urlsafe_b64encode(json.dumps({"sessions_token": token}).encode()).decode().rstrip("=")

    def identify(self, headers: Mapping[str, str]) -> Credential:
        """Raises 401 when there is no credential or an unknown one."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        key = bearer if scheme.lower() == "bearer" else ""
        if key in self._known:
            return self._known[key]
        key = key or headers.get("x-api-key", "")
        if not key:
            raise ApiError(401, "authentication is required: send x-api-key or Authorization: Bearer")
        if key.startswith(_OAUTH) or (self._strict and key != self.api_key):
            raise ApiError(401, "invalid credential")
        return Credential("api")
