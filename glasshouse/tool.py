"""THE CONTRACT between the server and a kit. A kit imports this module and third-party packages, nothing else of ours.

A kit is a folder under `tools/` whose `__init__` has a `kit = Kit(...)`. It has tools for the agent, controls for the
operator, a state per session, and optionally something shared by all sessions (one Chromium), a live view and a page
that can be shared by link. Its panel is `view/panel.js` (and `view/panel.css`) in the same folder.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel
from pydantic_settings import BaseSettings

from glasshouse.errors import ToolError as ToolError  # part of the contract: kits raise it
from glasshouse.events import Event as Event  # part of the contract: pages turn events into patches

S = TypeVar("S")  # a kit's state, one per session
M = TypeVar("M", bound=BaseModel)  # a tool's input


@dataclass(frozen=True, slots=True)
class Text:
    """A text block of a result. Empty text is never sent to the API: the runtime leaves such a block out."""

    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """An image block of a result: PNG, JPEG, GIF or WebP bytes."""

    data: bytes
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answers: blocks in reading order. `is_error` tells the model that the call failed."""

    content: tuple[Text | Image, ...]
    is_error: bool = False

    @classmethod
    def of(cls, *blocks: str | Text | Image, is_error: bool = False) -> "Result":
        """A result of several blocks; a plain string is a text block."""
        return cls(tuple(Text(block) if isinstance(block, str) else block for block in blocks), is_error)

    @classmethod
    def text(cls, text: str) -> "Result":
        """A result of one text block."""
        return cls.of(text)

    @classmethod
    def error(cls, text: str) -> "Result":
        """A failed result of one text block; raising ToolError does the same."""
        return cls.of(text, is_error=True)


class Memory(Protocol):
    """What a kit keeps of one session: bytes by key, kept over restarts and kill -9, ordered by key.

    Use zero-padded numbers in keys (`edit/00000042`) to keep a journal. Writes are durable when the call returns.
    """

    async def get(self, key: str) -> bytes | None:
        """The value, or None."""

    async def put(self, values: Mapping[str, bytes | None]) -> None:
        """Write all the values in one transaction; None deletes a key."""

    async def scan(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        """Keys with the prefix and their values in key order, from the first key greater than `after`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What frames the people who watch can make use of, taken together; frames are made once for all of them.

    `width` is that of the largest picture in anybody's window, in pixels; None is as wide as there is. `thrift` grows
    from 0 to 3 while somebody cannot take frames as fast as they come: the higher, the fewer bytes a frame should have.
    """

    width: int | None = None
    thrift: int = 0


class Live(Protocol):
    """The newest frame of a kit in one session, for the people who watch now. Frames are never stored."""

    @property
    def viewers(self) -> int:
        """How many people watch now."""

    @property
    def wish(self) -> Wish:
        """What frames are of use now. A kit may leave it out of account."""

    async def changed(self, wish: Wish) -> None:
        """Return as soon as the wish is another than this."""

    def show(self, frame: bytes, media_type: str, **about: Any) -> None:
        """Offer a frame; a viewer still busy with an older one skips it. `about` is JSON sent beside the frame."""

    async def wait(self, *, watched: bool) -> None:
        """Return as soon as somebody watches (`watched=True`), or nobody does (`watched=False`)."""


class Context(Protocol):
    """What a state and its actions get from the server."""

    @property
    def session_id(self) -> str:
        """The session's id."""

    @property
    def call_id(self) -> str | None:
        """The agent's call; None while a state is opened or an operator acts."""

    @property
    def author(self) -> Literal["agent", "operator"]:
        """Who acts."""

    @property
    def settings(self) -> Any:
        """An instance of `Kit.settings`, or None."""

    @property
    def server(self) -> Any:
        """What `Kit.server` yielded, or None."""

    @property
    def memory(self) -> Memory:
        """What the kit keeps of this session."""

    @property
    def live(self) -> Live:
        """The kit's newest frame in this session."""

    async def emit(self, type: str, /, *, remember: Mapping[str, bytes | None] | None = None, **data: Any) -> Event:
        """Append an event to the session's log and show it to all who watch. `type` is `<kit>.<past participle>`.

        `remember` is written to the memory in the same transaction: an event and the state it tells of are never apart.
        `data` must be JSON; keep it under 100 KB (attach larger things and name the file id).
        """

    async def attach(self, data: bytes, media_type: str) -> str:
        """Store a file of this session (a screenshot, a download) and return its id, the hash of its content.

        The page gets it from `/sessions/{session_id}/files/{id}`.
        """

    async def file(self, file_id: str) -> tuple[bytes, str]:
        """The bytes and media type of a file attached before; raises ToolError if there is none."""


Handler = Callable[[S, M, Context], Awaitable[Result]]


@dataclass(frozen=True)
class Tool(Generic[S, M]):
    """One custom tool: its name, its input (docstring and fields are what the model reads), and how it is run."""

    name: str
    input: type[M]
    run: Handler[S, M]
    timeout_s: float
    read_only: bool  # may run again after a crash in which it was cut off
    in_turn: bool = True  # waits for the actions before it; only a control that must not may say no


@dataclass(frozen=True, slots=True)
class Document:
    """A page as a browser gets it: a whole HTML document, and the revision (`epoch:rev`) it shows."""

    html: str
    revision: str


@dataclass(frozen=True, slots=True)
class Patch:
    """One event of a shared page's stream: `name` (patch, snapshot, reload), JSON `data`, and the revision after it.

    `data` is None when the patch was too large for the log: `Page.since` has it.
    """

    name: str
    data: dict[str, Any] | None
    revision: str


@dataclass(frozen=True)
class Page:
    """Makes a kit's document watchable by link: how to read it from the memory, and how its events become patches.

    `document` gives the page at a revision, the newest for None; it raises ToolError for one that is not kept. `since`
    gives what a viewer who shows a revision is missing: patches, or one snapshot when that is too long ago; its data
    are always complete. All work without waking the session. The kit's folder has `view/page.html` (the shell) and the
    files it loads.
    """

    document: Callable[[Memory, str | None], Awaitable[Document]]
    patch: Callable[[Event], Patch | None]
    since: Callable[[Memory, str], Awaitable[list[Patch]]]
    export: Callable[[Memory, bool], Awaitable[str]]  # the file to download; True: without scripts


@dataclass(frozen=True, slots=True)
class Figure:
    """A number about what a kit's sessions share, for Prometheus: `glasshouse_<kit>_<name>`. A `total` only grows."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    total: bool = False


@dataclass
class Kit(Generic[S]):
    """One kit. `state` is entered once per session, at its first call, and left when the session sleeps.

    `server`, if given, is entered once per server at the first use of the kit and gives what sessions share.
    `check` names the tool by which the agent finds out what a call did whose outcome is unknown.
    `guards`, if given, says what confines what the kit runs, guard by guard, for the operator: it gets the settings and
    what `server` yielded, or None before that, and raises SettingError where a guard that must be there is not.
    `figures`, if given, measures what `server` yielded, whenever somebody asks.
    `reset`, if given, runs with an open state before the kit's memory is wiped by an operator's reset.
    `ended`, if given, is told what `server` yielded and the id of a session that is over and whose state is left: what
    sessions share need keep nothing for it.
    """

    name: str
    title: str
    state: Callable[[Context], AbstractAsyncContextManager[S]]
    check: str
    settings: type[BaseSettings] | None = None
    server: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None
    guards: Callable[[Any, Any], Awaitable[Mapping[str, str]]] | None = None
    figures: Callable[[Any], Sequence[Figure]] | None = None
    reset: Callable[[S, Context], Awaitable[None]] | None = None
    ended: Callable[[Any, str], None] | None = None
    page: Page | None = None
    live: bool = False  # the kit shows frames through Context.live
    tools: dict[str, Tool[S, Any]] = field(default_factory=dict)
    controls: dict[str, Tool[S, Any]] = field(default_factory=dict)

    def tool(
        self, name: str, input: type[M], *, timeout_s: float = 30, read_only: bool = False
    ) -> Callable[[Handler[S, M]], Handler[S, M]]:
        """Register the function as a tool of the agent. `timeout_s` is the longest a call may take, in seconds."""

        def register(run: Handler[S, M]) -> Handler[S, M]:
            self.tools[name] = Tool(name, input, run, timeout_s, read_only)
            return run

        return register

    def control(
        self, name: str, input: type[M], *, timeout_s: float = 30, in_turn: bool = True
    ) -> Callable[[Handler[S, M]], Handler[S, M]]:
        """Register the function as something only the operator may do, from the panel; agents never see it.

        `in_turn` False lets it run beside the kit's other actions, which the state then has to allow for.
        """

        def register(run: Handler[S, M]) -> Handler[S, M]:
            self.controls[name] = Tool(name, input, run, timeout_s, read_only=False, in_turn=in_turn)
            return run

        return register
