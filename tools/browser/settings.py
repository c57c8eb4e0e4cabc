"""What an operator may set for the browser, by environment variables that begin with GLASSHOUSE_BROWSER_."""

import os
import shutil
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from glasshouse.errors import SettingError
from tools.browser.rules import HostRule

Hosts = Annotated[tuple[str, ...], NoDecode]


class BrowserSettings(BaseSettings):
    """Settings of the browser kit."""

    model_config = SettingsConfigDict(env_prefix="GLASSHOUSE_BROWSER_", extra="ignore")

    allow: Hosts = Field(
        (),
        description="Private hosts the browser may reach all the same: a comma list of host[:port], *.domain[:port] or "
        "networks such as 10.0.0.0/8.",
    )
    deny: Hosts = Field(
        (),
        description="Hosts (subdomains included) and networks the browser never reaches; it wins over the others.",
    )
    only: Hosts = Field((), description="The only hosts the browser reaches, besides those allowed; all when left out.")
    cdp: str | None = Field(
        None, description="Connect to this Chromium (http://host:port or ws://…) by CDP instead of starting one here."
    )
    executable: str | None = Field(None, description="The Chromium to start. Default: the one found on PATH.")
    sandbox: bool | None = Field(
        None, description="Chromium's own sandbox. Default: on; as root, where a user namespace can be had."
    )
    require_namespace: bool = Field(
        False, description="Refuse to run where Chromium cannot have a network namespace of its own."
    )
    width: int = Field(1280, ge=320, le=1568, description="Width of the viewport in CSS pixels.")
    height: int = Field(800, ge=240, le=1568, description="Height of the viewport in CSS pixels.")
    quality: int = Field(60, ge=10, le=95, description="JPEG quality of screenshots and live frames.")
    fps: float = Field(8, gt=0, le=30, description="The most live frames a second, while somebody watches.")
    limit_s: float = Field(15, ge=2, le=120, description="The longest a call waits for a page, in seconds.")
    download_mb: int = Field(25, ge=0, le=500, description="The largest download that is kept, in MB; 0 keeps none.")

    @field_validator("allow", "deny", "only", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("allow", "deny", "only")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            HostRule.parse(entry)
        return value

    def chromium(self) -> str:
        """The path of the Chromium to start. Raises SettingError if there is none."""
        names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        found = self.executable or next(filter(None, map(shutil.which, names)), None)
        if found is None or not os.access(found, os.X_OK):
            raise SettingError(
                f"No Chromium at {found or 'any place on PATH'}. Run scripts/install-browser, or set "
                "GLASSHOUSE_BROWSER_EXECUTABLE to a Chromium."
            )
        return found
