"""The browser of one session: its context, its tabs, what happened beside the calls, and its restoring.

Opened at the session's first call from what was kept; opened again in place when Chromium dies.
"""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from typing import Any

from playwright.async_api import BrowserContext, Download, Page
from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import Context, ToolError
from tools.browser.chromium import Chromium, Room
from tools.browser.databases import Watch
from tools.browser.downloads import Downloads
from tools.browser.eye import UnresponsiveError
from tools.browser.hands import Hands
from tools.browser.keeping import Keeper
from tools.browser.notes import Notes
from tools.browser.recording import Recording
from tools.browser.restoring import load_again
from tools.browser.sentry import Sentry
from tools.browser.sight import Numbers
from tools.browser.tab import Tab

TABS = 12
STORAGE_TRIES = ("all", "all", "all", "local", "cookies")  # busy machines break single ones off
KEEP_S = 2
FRESH_S = 8  # for an empty tab
CLOSED = "was closed by its page."
WINDOW_S = 3  # for a window that a page has asked for to be there, and to show its document


class Session:
    """State of the kit in one session."""

    def __init__(self, ctx: Context, keeper: Keeper) -> None:
        self.chromium: Chromium = ctx.server
        self.settings = self.chromium.settings
        self.ctx = ctx
        self.keeper = keeper
        self.numbers = Numbers(keeper.kept.next_number)
        self.tabs: dict[int, Tab] = {}
        self._active_id = 0
        self.switched = asyncio.Event()  # another tab is the active one
        self.turn = asyncio.Lock()
        self._notes = Notes()
        self.note = self._notes.add  # something the agent has to be told with the next result
        self.hands = Hands(self.note, self.settings.limit_s)
        self.sentry = Sentry()
        self.databases = Watch(keeper.kept.databases)
        self.downloads = Downloads(ctx, self.settings.download_mb, self.note, keeper.kept.downloads)
        recording = Recording()
        self.record, self.recorded = recording.add, recording.done
        self._room: Room | None = None
        self._stack = AsyncExitStack()
        self._dead = True
        self._grown = asyncio.Event()  # a tab more or less, or a download
        self._passed = 0  # tabs that have closed by themselves in this call
        self._begun = 0  # downloads before this call
        self._making = asyncio.Lock()

    # -- what happened beside the calls --

    def take_notes(self) -> list[str]:
        """The notes since the last result, what the egress proxy refused included."""
        if self._room:
            for refusal in (refused := self._room.door.take_refusals())[:3]:
                self.note(f"The page's connection to {refusal}")
            if len(refused) > 3:
                self.note(f"{len(refused) - 3} more connections of the page were refused.")
        return self._notes.take()

    def refusal_of(self, host: str) -> str | None:
        """Why the egress proxy made no connection to this host since the last result, if so; it is told only once."""
        if self._room is None:
            return None
        found = self._room.door.take_refusals_of(host)
        return str(found[-1]) if found else None

    def awaits(self, host: str) -> None:
        """The session itself goes to this host: its name is looked up before those that pages mention."""
        if self._room:
            self._room.door.awaited = host

    # -- tabs --

    @property
    def active_id(self) -> int:
        """The id of the active tab, 0 before there is one."""
        return self._active_id

    @active_id.setter
    def active_id(self, tab_id: int) -> None:
        self._active_id = tab_id
        self.switched.set()

    @property
    def tab(self) -> Tab:
        """The active tab. Raises ToolError when it is gone and no other has taken its place yet."""
        if self.active_id not in self.tabs:
            raise ToolError("The tab is gone. Call browser_read to see what is there now.")
        return self.tabs[self.active_id]

    @property
    def well(self) -> bool:
        """Whether the browser is there, and the page of the active tab."""
        tab = self.tabs.get(self._active_id)
        return not self._dead and tab is not None and not (tab.crashed or tab.leaving)

    def new_call(self) -> None:
        """Forget what belonged to the call before."""
        for tab in self.tabs.values():
            tab.new_call()
        self._passed, self._begun = 0, self.downloads.begun

    async def new_tab(self, url: str | None = None) -> Tab:
        """Open a tab and make it the active one."""
        if len(self.tabs) >= TABS:
            raise ToolError(f"{TABS} tabs are open, and no more are allowed. Close one with browser_tabs first.")
        tab = await self._own_tab()
        self.active_id = tab.id
        if url:
            await tab.page.goto(url, wait_until="domcontentloaded", timeout=self.settings.limit_s * 1000)
        return tab

    async def select(self, tab_id: int) -> Tab:
        """Make a tab the active one. Raises ToolError for one that is not open."""
        if tab_id not in self.tabs:
            raise ToolError(f"There is no tab {tab_id}. Open tabs: {', '.join(map(str, self.tabs)) or 'none'}.")
        self.active_id = tab_id
        await self.tab.page.bring_to_front()
        return self.tab

    async def close_tab(self, tab_id: int) -> None:
        """Close a tab; when it was the last one, an empty one takes its place."""
        tab = self.tabs.pop(tab_id, None)
        if tab is None:
            raise ToolError(f"There is no tab {tab_id}. Open tabs: {', '.join(map(str, self.tabs)) or 'none'}.")
        self.keeper.kept.session.pop(tab_id, None)
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(5):
                await tab.page.close()
        await self._choose()

    async def replace(self, tab: Tab) -> Tab:
        """Give up a tab whose page hangs or has crashed: an empty one takes its place under a new id."""
        self.tabs.pop(tab.id, None)
        if not tab.crashed:
            await tab.crash()  # first: Chromium may open nothing beside a page that keeps it busy
        try:
            async with asyncio.timeout(FRESH_S):
                fresh = await self._own_tab()
        except TimeoutError:
            raise ToolError("The page hung, and the browser with it. Call browser_read to see what is there.") from None
        fresh.earlier = [*tab.earlier, tab.url]
        self.active_id = fresh.id
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(3):
                await tab.page.close()
        return fresh

    async def follow_windows(self, opener: Tab, known: set[int]) -> None:
        """Wait for windows that the opener asked for, and make the newest one the active tab."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WINDOW_S):
                while opener.opened and not (
                    set(self.tabs) - known or self._passed or self.downloads.begun > self._begun
                ):
                    self._grown.clear()
                    await self._grown.wait()
        fresh = sorted(set(self.tabs) - known)
        if not (fresh or self._passed or self.downloads.begun > self._begun):
            self.note("The page opened a window in which nothing has come yet: browser_tabs lists it when it is there.")
        if not fresh or opener.id != self.active_id:
            return
        newest = self.tabs[fresh[-1]]
        for number in fresh:
            self.tabs[number].opener = opener.id
        self.active_id = newest.id
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(WINDOW_S):
                await newest.page.wait_for_load_state("domcontentloaded")
        if self.active_id == newest.id:
            self.note(
                f"A new tab opened and is now the active one: tab {self.active_id} (tab {opener.id} is still open)."
            )

    @property
    def context(self) -> BrowserContext:
        """The browser context. Raises ToolError when it could not be opened."""
        if self._room is None:
            raise ToolError("The browser is not there. Call the tool again.")
        return self._room.context

    # -- opening, restoring, closing --

    async def ready(self) -> None:
        """The browser is there and a tab is active: opened or restored when it is not."""
        if self._dead:
            await self._open()
        if self.active_id not in self.tabs:
            await self._choose()

    async def _open(self) -> None:
        again = self._room is not None
        await self._stack.aclose()
        self._stack = AsyncExitStack()
        self.tabs.clear()
        kept = self.keeper.kept
        size = {"width": self.settings.width, "height": self.settings.height}
        options = {"viewport": size, "screen": size, "accept_downloads": self.settings.download_mb > 0}
        for wanted in STORAGE_TRIES:
            try:
                room = self.chromium.room(storage_state=kept.storage_state(wanted), **options)
                self._room = await self._stack.enter_async_context(room)
                break
            except PlaywrightError as error:
                if "storage state" not in str(error) or wanted == STORAGE_TRIES[-1]:
                    raise
        if wanted != "all":
            self.note("Not all that pages had stored could be brought back: their local storage or IndexedDB is empty.")
        self._dead = False
        try:
            await self._begin(again=again)
        except BaseException:
            self._dead = True  # what is kept is still to be opened
            raise

    async def _begin(self, *, again: bool) -> None:
        """Open the pages that are kept in a context that has just been made."""
        kept = self.keeper.kept
        self.context.on("page", self._on_page)
        await self.context.add_init_script(self.sentry.script)
        self.context.on("close", self._on_close)
        await self.context.grant_permissions([])  # every prompt is refused
        self._notes.forget(CLOSED)  # it was Chromium that went
        await (self._restore(kept.tabs, kept.active, again=again) if kept.tabs else self.new_tab())

    async def _restore(self, tabs: list[dict[str, Any]], active: int, *, again: bool) -> None:
        self.numbers = Numbers(self.keeper.kept.next_number)
        for saved in tabs:
            tab = await self._own_tab(saved["id"])
            tab.earlier = saved.get("earlier", [])
            if not await load_again(tab, saved, self.keeper.kept.session.get(tab.id)):
                self.note(f"Tab {tab.id} could not be loaded again: {saved['url']}")
        self.active_id = active if active in self.tabs else max(self.tabs)
        await self.tab.page.bring_to_front()
        why = "Chromium had died" if again else "The browser was asleep"
        self.note(f"{why}: the pages were loaded again. Numbers from before are stale: call browser_read for new ones.")
        await self.ctx.emit("browser.restored", url=self.tab.page.url, tabs=self.tab_list())

    async def close(self) -> None:
        """Save everything and let go of the browser context."""
        await self.recorded()
        if not self._dead:
            await self._keep_all()
        self._dead = True
        self.hands.close()
        await self._stack.aclose()

    # -- saving --

    async def keep(self, *, look: bool = True) -> None:
        """Write down what has changed of all that is kept; without `look`, of what is known already."""
        await self._observe(look=look)
        if values := self.keeper.values():
            await self.ctx.memory.put(values)
            self.keeper.written(values)

    async def _observe(self, *, look: bool) -> None:
        """Take in where the active tab stands and what it has stored; a page that does not answer is left as it was.

        One that has only just come is looked at after the answer: its renderer lays it out now.
        """
        kept = self.keeper.kept
        tab = self.tabs.get(self.active_id)
        if look and tab and not tab.crashed and not tab.leaving:
            with contextlib.suppress(PlaywrightError, TimeoutError, UnresponsiveError):
                async with asyncio.timeout(KEEP_S):
                    seen = [] if tab.unseen else [self.take_cookies(), self._observe_tab(tab), self.databases.look(tab)]
                    await asyncio.gather(self._observe_trail(tab), *seen)
        kept.next_number = self.numbers.next
        if self.active_id in self.tabs:  # when Chromium dies its tabs go first: what was open stays known
            kept.tabs = [self._saved(tab) for tab in self.tabs.values()]
            kept.active = self.active_id
        kept.downloads = self.downloads.listed

    async def take_cookies(self) -> None:
        """Take in the cookies of now."""
        with contextlib.suppress(PlaywrightError, ToolError):
            self.keeper.kept.cookies = [dict(cookie) for cookie in await self.context.cookies()]

    async def _observe_tab(self, tab: Tab) -> None:
        if tab.stored is None:  # the call has not looked, or not at this tab
            await tab.see()
        stored, tab.stored = tab.stored, None
        if stored:
            self.keeper.seen(tab.id, stored)
            tab.kept["session"] = stored["session"]["sum"]

    async def _observe_trail(self, tab: Tab) -> None:
        """Take in the addresses before this page in the tab's history."""
        url = tab.page.url
        if url == tab.kept.get("url"):
            return
        history = await tab.cdp.send("Page.getNavigationHistory")
        before = history["entries"][: history["currentIndex"]]
        tab.trail = [entry["url"] for entry in before if entry["url"].startswith("http")]
        tab.kept["url"] = url

    def _saved(self, tab: Tab) -> dict[str, Any]:
        place = {"x": tab.kept.get("x", 0), "y": tab.kept.get("y", 0)}
        return {"id": tab.id, "url": tab.url, "title": tab.title, "earlier": [*tab.earlier, *tab.trail][-20:], **place}

    async def _keep_all(self) -> None:
        with contextlib.suppress(PlaywrightError, TimeoutError, UnresponsiveError):
            async with asyncio.timeout(5):
                await self._observe(look=True)
                state = await self.context.storage_state()
                for stored in state.get("origins", []):
                    items = {item["name"]: item["value"] for item in stored.get("localStorage", [])}
                    self.keeper.kept.local[stored["origin"]] = items
        values = self.keeper.values()
        await self.ctx.memory.put(values)
        self.keeper.written(values)

    def tab_list(self) -> list[dict[str, Any]]:
        """The open tabs as data."""
        return [tab.about | {"active": tab.id == self.active_id} for tab in self.tabs.values()]

    # -- Playwright's events --

    async def _own_tab(self, tab_id: int | None = None) -> Tab:
        async with self._making:  # the event for a page of ours waits here until it is known as ours
            return await self._adopt(await self.context.new_page(), tab_id)

    async def _adopt(self, page: Page, tab_id: int | None = None) -> Tab:
        known = next((tab for tab in self.tabs.values() if tab.page is page), None)
        if known:
            return known
        if tab_id is None:
            tab_id, self.keeper.kept.next_tab = self.keeper.kept.next_tab, self.keeper.kept.next_tab + 1
        cdp = await self.context.new_cdp_session(page)
        tab = Tab(tab_id, page, cdp, self.numbers, self.note, self.take_cookies, self.sentry.key)
        tab.sums = self.keeper.sums
        self.tabs[tab_id] = tab
        page.on("close", lambda _: self._on_page_closed(tab))
        page.on("download", self._on_download)
        self.databases.begin(tab)
        tab.cdp.on("Page.downloadWillBegin", self.downloads.will_begin)
        tab.cdp.on("Page.downloadProgress", self.downloads.progress)
        await tab.begin()
        self._grown.set()
        return tab

    def _on_download(self, download: Download) -> None:
        self.downloads.begin(download)
        self._grown.set()

    async def _on_page(self, page: Page) -> None:
        async with self._making:
            if any(tab.page is page for tab in self.tabs.values()):
                return  # opened by us
        if len(self.tabs) >= TABS:
            self.note(f"The page opened a window too many ({TABS} tabs are open): it was closed.")
            await page.close()
            return
        try:
            await self._adopt(page)
        except PlaywrightError:  # closed again before it was looked at
            self._passed += 1
            self._grown.set()
            self.note("The page opened a window that was closed again at once.")

    def _on_page_closed(self, tab: Tab) -> None:
        if self.tabs.get(tab.id) is tab and not self._dead:
            del self.tabs[tab.id]
            self._passed += 1
            self._grown.set()
            if not tab.closing:
                self.note(f"Tab {tab.id} {CLOSED}")
            if tab.id == self.active_id and self.tabs:
                self.active_id = tab.opener if tab.opener in self.tabs else max(self.tabs)

    def _on_close(self, _context: BrowserContext) -> None:
        self._dead = True

    async def _choose(self) -> None:
        if self.active_id not in self.tabs:
            if self.tabs:
                await self.select(max(self.tabs))
            else:
                await self.new_tab()
