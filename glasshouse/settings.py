"""What an operator sets, all from the environment; kits add their own classes. The README's table is made from here."""

import base64
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from glasshouse.errors import SettingError

TOKEN_CHARACTERS = 16


class Settings(BaseSettings):
    """The server's own settings."""

    model_config = SettingsConfigDict(env_prefix="GLASSHOUSE_", env_ignore_empty=True, frozen=True, extra="ignore")

    anthropic_api_key: SecretStr | None = Field(
        None, validation_alias="ANTHROPIC_API_KEY", description="The key to the API. Needed unless `--worker` is used."
    )
    anthropic_base_url: str | None = Field(
        None, validation_alias="ANTHROPIC_BASE_URL", description="Where the API is; Anthropic's own when unset."
    )
    webhook_key: SecretStr | None = Field(
        None,
        validation_alias="ANTHROPIC_WEBHOOK_SIGNING_KEY",
        description="`whsec_…`, shown once by the Console; without it `/webhook` answers 503.",
    )
    environment_id: str | None = Field(
        None, validation_alias="ANTHROPIC_ENVIRONMENT_ID", description="For `--worker`: whose work queue is served."
    )
    environment_key: SecretStr | None = Field(
        None, validation_alias="ANTHROPIC_ENVIRONMENT_KEY", description="For `--worker`: the key to that queue."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8787, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    data: Path = Field(Path(".glasshouse"), description="The folder of the store. One server at a time may use it.")
    token: SecretStr | None = Field(
        None, description="The operator's token. Made at the first start and kept in the data folder when unset."
    )
    public_url: str | None = Field(
        None,
        description="How people and the API reach this server when a proxy is in front: for links and the webhook URL.",
    )
    hosts: str = Field(
        "", description="Further host names that requests may carry in `Host`, by comma; a guard against DNS rebinding."
    )
    agents: str = Field(
        "",
        description="Ids of the agents whose sessions are adopted by webhook and sweep, by comma; empty: by our tools.",
    )
    idle_s: float = Field(60, gt=0, description="Seconds after the end of a turn until a session sleeps.")
    sweep_s: float = Field(60, gt=0, description="Seconds between two looks for sessions that no webhook told of.")
    result_bytes: int = Field(
        100_000, ge=1_000, description="The longest text of one result, in bytes; more is cut, and says so."
    )
    keep_days: float = Field(30, gt=0, description="Days after which an ended session's log and files are deleted.")
    log_format: Literal["text", "json"] = Field(
        "text", description="How it tells it: text for people, json for machines."
    )
    log_level: str = Field(
        "info", description="How much the server tells on standard error: debug, info, warning, error."
    )

    @field_validator("token")
    @classmethod
    def _hard_to_guess(cls, token: SecretStr | None) -> SecretStr | None:
        """Guesses are slowed down, but the right one always passes, so that nobody can lock the operator out."""
        if token is not None and len(token.get_secret_value()) < TOKEN_CHARACTERS:
            raise ValueError(f"a token has at least {TOKEN_CHARACTERS} characters, so that nobody guesses it")
        return token

    @field_validator("webhook_key")
    @classmethod
    def _decodes(cls, key: SecretStr | None) -> SecretStr | None:
        """A key that cannot be decoded would refuse every webhook; better said at the start."""
        try:
            base64.b64decode(key.get_secret_value().removeprefix("whsec_") if key else "", validate=True)
        except ValueError as error:
            raise ValueError("it is the webhook's secret as the Console shows it, `whsec_` and base64") from error
        return key


def read_settings(kind: type[BaseSettings] = Settings) -> BaseSettings:
    """Settings of a class from the environment; raises SettingError that names the variable and what is wrong."""
    try:
        return kind()
    except ValidationError as error:
        first = error.errors()[0]
        name = _variable(kind, str(first["loc"][0]))
        raise SettingError(f"{name} is not right: {first['msg'].removeprefix('Value error, ')}.") from error


def settings_table(*kinds: type[BaseSettings]) -> str:
    """The settings of the classes as a Markdown table."""
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for kind in kinds:
        for name, field in kind.model_fields.items():
            default = "" if field.default in (None, "") else f"`{field.default}`"
            rows.append(f"| `{_variable(kind, name)}` | {default} | {field.description} |")
    return "\n".join(rows)


def _variable(kind: type[BaseSettings], name: str) -> str:
    field = kind.model_fields.get(name)
    if field is None:
        return name
    alias = field.validation_alias
    return alias if isinstance(alias, str) else f"{kind.model_config.get('env_prefix', '')}{name}".upper()
