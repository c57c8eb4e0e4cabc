"""The errors of Glasshouse, one tree.

GlasshouseError
├── SettingError      an operator's setting is missing or wrong; the text names it
├── RequestError      an HTTP client asked for something impossible (status, code, what to do)
├── StoreError        the store is not usable (locked by another server, newer schema, disk full)
└── ToolError         a tool cannot do what the agent asked; the text goes to the agent
"""


class GlasshouseError(Exception):
    """What every error of ours is."""


class SettingError(GlasshouseError):
    """An operator's setting is missing or wrong; the text names the setting and what to put there."""


class StoreError(GlasshouseError):
    """The store cannot be used; the text says why and which setting or file is concerned."""


class RequestError(GlasshouseError):
    """An HTTP request that cannot be served: `status`, a stable `code`, a sentence that says what to send instead."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class ToolError(GlasshouseError):
    """A tool cannot do what was asked. The text says what happened and what to do next; the agent reads it as is."""
