"""One tab: its page, what it is doing (navigating, fetching, hanging), and what happened in it unasked."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from playwright.async_api import CDPSession, Frame, Page, Request, Response
from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import ToolError
from tools.browser.choosing import Choosing
from tools.browser.dialogs import Dialogs
from tools.browser.eye import EYE_S, Eye, UnresponsiveError
from tools.browser.flood import Floods
from tools.browser.loading import parsed
from tools.browser.meanwhile import meanwhile
from tools.browser.paper.reading import Paper
from tools.browser.reasons import why_not
from tools.browser.renderer import PROBE_S, Renderer
from tools.browser.sentry import heard
from tools.browser.sight import Numbers, Sight, StaleError
from tools.browser.signing import Signing

T = TypeVar("T")

FETCHES = {"fetch", "xhr"}
TELL_S = 0.1  # for a page that is there to tell of itself; some cannot
QUIET_MS = 300  # the longest wait for a document to be calm
ROAMS = 10  # addresses a page goes to by itself in one call, before it is taken to do so without end
RESTLESS = 3  # … until the next call, for its tab to be left: more than a page that leads on to another
WINDOWS = 30  # in one call; a page that opens more is stopped
BLOCKED = "The page tried to open a window without being clicked: blocked, as browsers do."
NAMED_OTHERWISE = "CERT_COMMON_NAME"  # Chromium goes on to the name with or without www. if that is what it is made for


class Tab(Renderer):
    """A tab of a session. `id` is what the agent calls it; ids are never used twice."""

    def __init__(
        self,
        id: int,
        page: Page,
        cdp: CDPSession,
        numbers: Numbers,
        note: Callable[[str], None],
        take_cookies: Callable[[], Coroutine[Any, Any, None]],
        key: str,
    ) -> None:
        """`take_cookies` is done as soon as a page answers; `key` is the sentry's."""
        super().__init__(cdp)
        self.id = id
        self.page = page
        self.numbers = numbers
        self.sight = Sight(numbers, cdp, key, self.hear)
        self.signing = Signing(cdp)
        self.note = note
        self.url = page.url
        self.title = ""
        self.stopped = asyncio.Event()  # loading, whether all of the page has come or not
        self.earlier: list[str] = []  # addresses before this page, from before a restart
        self.trail: list[str] = []  # addresses before this page since then
        self.kept: dict[str, Any] = {}  # what was last saved of it
        self.unseen = False  # its page has come, and nobody has looked at it yet
        self.sums: dict[str, str] = {}  # of local storage that is saved, by origin
        self.stored: dict[str, Any] | None = None  # what the page has stored, if this call has come to know it
        self.response: Response | None = None  # the last answer to a navigation of the tab
        self._take_cookies = take_cookies
        self.taking: asyncio.Task[None] | None = None  # the cookies that came with it
        self.failure: tuple[str, str] | None = None  # address and code of the page that did not load in this call
        self.tracked: set[str] = set()  # origins whose databases Chromium reports on
        self.opener: int | None = None  # the tab that opened this one
        self.choosing = Choosing(note)
        self.paper: Paper | None = None  # the text of the PDF that is shown, once read
        self.unpainted = False  # no picture of it could be had the last time
        self.pointer = (0.0, 0.0)  # where an action has left the mouse
        self.console_errors = 0
        self.failed_requests = 0
        self.navigating = asyncio.Event()
        self.heading = ""  # the address its page has last gone to by itself, or by a click
        self.arrived = asyncio.Event()
        self._begun = True  # the way to the address it was last asked to go to
        self.restless = 0  # addresses its pages have gone to by themselves in this call
        self.before: dict[str, int] = {}  # … before it showed an address
        self.roaming = asyncio.Event()  # … and that they do so without end
        self.roamed = False  # in the call before
        self.opened = 0  # windows this page has asked for, and may open
        self._asked_windows = 0
        self._many_windows = False  # of this document, and it was told
        self._main = ""
        self._stopping: asyncio.Task[Any] | None = None
        self.closing = False  # by us
        self.dialogs = Dialogs(note, self._end_dialogs, self.stuck.set)
        self._floods = Floods(page, self, self.sight, note)
        self._fetching: set[Request] = set()
        self._fetched = asyncio.Event()

    async def begin(self) -> None:
        """Listen to the page. Called once, before the tab is used."""
        page = self.page
        page.on("dialog", self.dialogs.on)
        page.on("framenavigated", self._on_navigated)
        page.on("framedetached", self.sight.blink)
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_request_end)
        page.on("requestfailed", self._on_request_failed)
        page.on("response", self._on_response)
        page.on("crash", self._on_crash)
        self.cdp.on("Page.frameRequestedNavigation", self._on_asked)
        self.cdp.on("Page.frameStartedNavigating", self._on_begun)
        self.cdp.on("Page.frameStartedLoading", lambda event: self._on_loading(event, loading=True))
        self.cdp.on("Page.frameStoppedLoading", lambda event: self._on_loading(event, loading=False))
        self.cdp.on("Page.windowOpen", self._on_window)
        for event in ("consoleAPICalled", "bindingCalled"):
            self.cdp.on(f"Runtime.{event}", self._floods.events.count)
        await self.cdp.send("Page.enable")
        await self.choosing.begin(page, self.cdp)
        tree = await self.cdp.send("Page.getFrameTree")
        self._main = tree["frameTree"]["frame"]["id"]
        await self.sight.begin(self._main)

    def new_call(self) -> None:
        """Forget what belonged to the call before."""
        if not self.leaving:
            self.navigating.clear()
            self.arrived.clear()
        self.opened = self._asked_windows = 0
        self.stored = None
        self.response = self.taking = None
        self.failure = None
        self.roamed = self.restless >= RESTLESS
        self.restless = 0
        self.before.clear()
        self.roaming.clear()
        self.dialogs.new_call()
        self._fetching.clear()

    @property
    def about(self) -> dict[str, Any]:
        """The tab as data, for people."""
        return {"id": self.id, "title": self.title, "url": self.page.url}

    @property
    def gone(self) -> bool:
        """Whether the tab was closed, or its renderer has died."""
        return self.crashed or self.page.is_closed()

    @property
    def distrusted(self) -> bool:
        """Whether the page of this call was not opened for its certificate."""
        return self.failure is not None and "_CERT_" in self.failure[1]

    @property
    def leaving(self) -> bool:
        """A navigation has begun and nothing has come of it yet. Chromium then evaluates nothing in the old page."""
        return self.navigating.is_set() and not self.arrived.is_set()

    async def look(self, frame: Frame, deed: str, *, seconds: float = EYE_S, **given: Any) -> tuple[Any, Eye]:
        """A deed that may give numbers: they are counted on, and `since` is filled in for readings."""
        known = self.sight.known(frame)
        since = known.read_until if known else None
        found, eye = await self.sight.do(
            frame,
            deed,
            {**given, "next": self.numbers.next, "since": since, "known": self.known if deed == "arrive" else None},
            seconds=seconds,
        )
        self.numbers.gave(eye, found.get("next", 0))
        if frame.parent_frame is None and "full" in found:
            self.stands(found)
        if deed in ("read", "arrive"):
            eye.read_until = self.numbers.next
        return found, eye

    def eye_of(self, n: int) -> Eye:
        """The document of a number. Raises ToolError that says what became of it."""
        if n >= self.numbers.next or n < 1:
            raise ToolError(f"There is no element [{n}] yet. Call browser_read to see what there is.")
        try:
            eye = self.numbers.eye(n)
        except StaleError:
            raise ToolError(
                f"[{n}] is from before the page was loaded again. Call browser_read for the numbers of now."
            ) from None
        if not self.sight.has(eye):
            where = (
                "belongs to another tab"
                if not eye.frame.is_detached() and eye.frame.page is not self.page
                else "is gone"
            )
            if where == "is gone":
                raise ToolError(
                    f"[{n}] belonged to a page that is no longer open here. Call browser_read for the numbers of now."
                )
            raise ToolError(f"[{n}] {where}. Use browser_tabs to go to that tab, or browser_read for this one.")
        return eye

    @property
    def known(self) -> dict[str, Any]:
        """What is known of the page's storage, as sums by which a deed tells whether it has changed."""
        return {"local": self.sums, "session": self.kept.get("session")}

    def stands(self, found: dict[str, Any]) -> None:
        """Take in where the page stands, as a deed in its main frame has told."""
        self.url, self.title, self.unseen = self.page.url, found["title"], False
        self.stored = found.get("stored") or self.stored
        self.kept |= {"x": found["x"], "y": found["y"], "max_y": max(0, found["full"] - found["height"])}

    def hear(self, told: str) -> None:
        """Take in what a document has asked for and how many errors it made, since it was last looked at."""
        sentences, errors = heard(told)
        self.console_errors += errors
        for sentence in sentences:
            self.note(sentence)

    async def alone(self, function: str, given: Any) -> Any:
        """What an async function gives in the page's document, in a world where the page has changed nothing."""
        return await (await self.sight.worlds.now()).call(function, given)

    async def settle(self, *, seconds: float) -> None:
        """Wait for what an action set going: a navigation, fetches (briefly), changes in the document."""
        await self.settled(lambda: self.sight.do(self.page.main_frame, "settle", {"max": QUIET_MS}), seconds=seconds)

    async def settled(self, look: Callable[[], Awaitable[T]], *, seconds: float) -> T | None:
        """What a look at the page gives that itself waits until the document is calm; again after fetches (briefly).

        None when the document is left for another one, which is waited for.
        """
        found = await self._unless_leaving(look)
        if not self.navigating.is_set() and self._fetching:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(1.0, seconds)):  # more would make pages that poll slow
                    while self._fetching and not self.navigating.is_set():
                        self._fetched.clear()
                        await self._fetched.wait()
            found = await self._unless_leaving(look)
        if self.navigating.is_set():
            await self.arrive(seconds)
            return None
        return found

    async def arrive(self, seconds: float) -> bool:
        """Wait until a started navigation shows its document. False when it takes longer than that."""
        try:
            async with asyncio.timeout(seconds):
                if not await self.patiently(self.arrived.wait(), self.note):
                    raise UnresponsiveError
                await self.page.wait_for_load_state("domcontentloaded", timeout=seconds * 1000)
        except (TimeoutError, PlaywrightError):
            return False
        return True

    async def land(self, seconds: float) -> bool:
        """Wait until the document is there, and take in what it tells. False when it is still loading after that time.

        It is not looked at: its renderer lays it out now. Raises UnresponsiveError for one that hangs on its way.
        """
        telling = self.sight.telling
        if not await parsed(self.page, telling.came, self.stopped, seconds):
            await self.see()
            return False
        if self.response and await telling.heard(seconds=TELL_S):
            self.url, self.title, self.unseen = self.page.url, telling.title, True
            self.kept |= {"x": 0, "y": 0, "max_y": 0}
        else:
            await self.see()
        return True

    async def see(self) -> None:
        """Take in where the page stands and what it has stored."""
        self.stands((await self.sight.do(self.page.main_frame, "keep", self.known))[0])

    async def _unless_leaving(self, look: Callable[[], Awaitable[T]]) -> T | None:
        if self.leaving:
            return None
        async with meanwhile(look(), self.navigating.wait()) as (looking, leaving):
            watched = {looking} if self.navigating.is_set() else {looking, leaving}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            try:
                return looking.result() if looking.done() else None
            except PlaywrightError:
                return None  # the document went away: another one is coming

    def _on_asked(self, event: dict[str, Any]) -> None:
        if event.get("frameId") == self._main and event.get("disposition", "currentTab") == "currentTab":
            if within_document(event["url"], self.page.url):
                return
            self.restless += 1
            if self.restless == ROAMS:
                self.roaming.set()
            self.heading = event["url"]
            self._begun = False
            self.arrived.clear()
            self.navigating.set()

    def _on_begun(self, event: dict[str, Any]) -> None:
        if event.get("frameId") == self._main:
            self._begun = True

    def _on_window(self, event: dict[str, Any]) -> None:
        if event.get("userGesture"):
            self.opened += 1
        elif not self._many_windows:
            self.note(BLOCKED)
        self._asked_windows += 1
        if self._asked_windows == WINDOWS:
            if not self._many_windows:
                self.note("The page opened windows without end, so its script was stopped.")
            self._many_windows = True
            self._stopping = asyncio.create_task(self.terminate())

    def _on_loading(self, event: dict[str, Any], *, loading: bool) -> None:
        if event.get("frameId") == self._main:
            self.loading = loading
            if loading:
                self.stopped.clear()
            else:
                self.stopped.set()
                if self._begun:  # else it is the end of what was loading when the page was asked to go elsewhere
                    self.arrived.set()

    def _on_navigated(self, frame: Frame) -> None:
        self._floods.events.count()
        if frame == self.page.main_frame:
            self.unpainted, self.paper, self._many_windows = False, None, False
            self.choosing.forget()
            self.sight.telling.forget()
            self.url = self.page.url
            self.before.setdefault(frame.url, self.restless)
            self.arrived.set()

    def _on_request(self, request: Request) -> None:
        self._floods.events.count()
        if self._leads(request):
            self.asked = request
        if request.resource_type in FETCHES:
            self._fetching.add(request)

    def _on_request_end(self, request: Request) -> None:
        if request is self.asked:
            self.asked = None
        self._fetching.discard(request)
        self._fetched.set()

    def _on_request_failed(self, request: Request) -> None:
        self._on_request_end(request)
        if request.failure != "net::ERR_ABORTED":
            self.failed_requests += 1
            if self._leads(request):
                self.failure = (request.url, request.failure or "")
                if self.distrusted and NAMED_OTHERWISE not in self.failure[1]:
                    self._stopping = asyncio.create_task(self.stop_loading())
            elif "ERR_CERT_" in (request.failure or ""):
                self.note(f"A part of the page is missing: {why_not(request.url[:200], request.failure or '')}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.failed_requests += 1
        if self._leads(response.request):
            self.response, self.failure, self.asked = response, None, None
            self.taking = asyncio.create_task(self._take_cookies())  # Chromium is busy once the page comes

    def _leads(self, request: Request) -> bool:
        """Whether it is the request for the page itself."""
        try:
            return request.is_navigation_request() and request.frame == self.page.main_frame
        except PlaywrightError:
            return False  # its frame is not there yet, or no longer

    def _on_crash(self, _page: Page) -> None:
        self.crashed = True
        self.arrived.set()
        self.ended.set()

    async def _end_dialogs(self, *, first: bool, stop: bool) -> None:
        """Stop the script, or close the page: a script can be stopped while it runs, not while its dialog is open."""
        if self.closing:
            return
        if stop:
            if first:
                self.note("The page opened dialogs without end, so its script was told to stop.")
            await self.terminate()
            return
        self.closing = True
        self.note(f"It did not stop, so tab {self.id} was closed. browser_goto loads a page again (it was {self.url}).")
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(PROBE_S):
                await self.page.close()


def within_document(url: str, shown: str) -> bool:
    """Whether an address is a place in the document that is shown."""
    return "#" in url and url.partition("#")[0] == shown.partition("#")[0]
