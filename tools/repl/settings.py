"""What an operator may set for the REPL, by environment variables that begin with GLASSHOUSE_REPL_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReplSettings(BaseSettings):
    """Settings of the REPL kit."""

    model_config = SettingsConfigDict(env_prefix="GLASSHOUSE_REPL_", extra="ignore")

    limit_s: float = Field(10, gt=0, le=60, description="Seconds a call may take when it names no limit of its own.")
    heap_mb: int = Field(192, ge=16, le=2048, description="The largest JavaScript heap of a session, in MB.")
    process_mb: int = Field(512, ge=128, le=8192, description="Memory a session's process may use in all, in MB.")
    ready: int = Field(1, ge=0, le=8, description="Processes kept ready, so that a new session starts at once.")
    parked_mb: int = Field(
        512, ge=0, description="Memory for the processes of sleeping sessions, in MB; the longest unused go first."
    )
    jitless: bool = Field(
        False, description="Run JavaScript without machine code: smaller attack surface, 1.1 to 3 times slower."
    )
    require_confinement: bool = Field(
        False,
        description="Refuse to run where a step of the sandbox (landlock, seccomp, namespaces …) is not available.",
    )
