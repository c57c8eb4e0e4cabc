"""Downloads: kept as files of the session up to a size, and told to the agent in the next result."""

import asyncio
import contextlib
import mimetypes
from collections.abc import Callable
from typing import Any

from playwright.async_api import Download, FilePayload
from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import Context
from tools.browser.network import first_line

WAIT_S = 5  # a call waits so long for a download that has begun
BEGIN_S = 1  # for a download that was announced to begin
LONGEST_S = 300  # a download that takes longer never ends
LISTED = 50


class Downloads:
    """The downloads of one session. `listed` is what is kept of them: name, size in bytes, file id."""

    def __init__(self, ctx: Context, most_mb: int, note: Callable[[str], None], listed: list[dict[str, Any]]) -> None:
        self.listed = listed
        self.begun = 0  # how many there were since the session was opened
        self._ctx = ctx
        self._most = most_mb * 1_000_000
        self._note = note
        self._running: dict[asyncio.Task[None], str] = {}  # their names
        self._told: set[asyncio.Task[None]] = set()  # of which the agent knows that they take long
        self._coming: dict[str, list[str]] = {}  # Chromium's ids by address, of those that are about to begin
        self._watched: dict[str, Download] = {}  # by Chromium's id
        self._large: set[Download] = set()  # given up for their size
        self._cancelling: set[asyncio.Task[None]] = set()
        self._began = asyncio.Event()

    def will_begin(self, event: dict[str, Any]) -> None:
        """Chromium says under which id it will report on a download."""
        self._coming.setdefault(event["url"], []).append(event["guid"])

    def progress(self, event: dict[str, Any]) -> None:
        """Chromium says how far a download is: one that is or will be too large ends here."""
        download = self._watched.get(event["guid"])
        size = max(event["receivedBytes"], event["totalBytes"])
        if download and size > self._most and download not in self._large:
            self._large.add(download)
            task = asyncio.create_task(cancel(download))
            self._cancelling.add(task)
            task.add_done_callback(self._cancelling.discard)

    def begin(self, download: Download) -> None:
        """A download has begun."""
        self.begun += 1
        if ids := self._coming.get(download.url):
            self._watched[ids.pop(0)] = download
        task = asyncio.create_task(self._keep(download))
        self._running[task] = download.suggested_filename[-120:]
        task.add_done_callback(self._running.pop)
        self._began.set()

    async def announced(self, since: int) -> None:
        """Wait for a download that Chromium has announced: a new one after the first `since`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEGIN_S):
                while self.begun <= since:
                    self._began.clear()
                    await self._began.wait()

    async def finish(self) -> None:
        """Wait a little for what is under way; what takes longer is waited for only once."""
        fresh = self._running.keys() - self._told
        if fresh:
            await asyncio.wait(fresh, timeout=WAIT_S)
        for task in fresh & self._running.keys():
            self._told.add(task)
            self._note(f"Download {self._running[task]!r} is still under way; a later result tells when it is there.")

    async def payload(self, name: str) -> FilePayload:
        """A file of the session, by id or by the name of a download. Raises ToolError when there is none."""
        known = next((one for one in reversed(self.listed) if name in (one["file"], one["name"])), None)
        data, media_type = await self._ctx.file(known["file"] if known else name)
        ending = mimetypes.guess_extension(media_type) or ""
        return {"name": known["name"] if known else f"{name[:12]}{ending}", "mimeType": media_type, "buffer": data}

    async def _keep(self, download: Download) -> None:
        name = download.suggested_filename[-120:]
        too_large = f"Download {name!r} is over the limit of {self._most:,} bytes and was not kept."
        try:
            async with asyncio.timeout(LONGEST_S):
                path = await download.path()
            size = path.stat().st_size
            if size > self._most:
                return self._note(too_large)
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            file_id = await self._ctx.attach(await asyncio.to_thread(path.read_bytes), media_type)
            self.listed[:] = [*self.listed, {"name": name, "bytes": size, "file": file_id}][-LISTED:]
            self._note(f"Downloaded {name!r} ({size:,} bytes): kept as file {file_id}.")
        except TimeoutError:
            self._note(f"Download {name!r} did not end within {LONGEST_S} s and was given up.")
            await cancel(download)
        except PlaywrightError as error:
            reason = too_large if download in self._large else f"Download {name!r} failed: {first_line(error)}"
            self._note(reason)
        finally:
            self._large.discard(download)
            self._watched = {key: one for key, one in self._watched.items() if one is not download}
            await discard(download)


async def cancel(download: Download) -> None:
    """Stop a download that is under way."""
    with contextlib.suppress(PlaywrightError):
        await download.cancel()


async def discard(download: Download) -> None:
    """Take Chromium's own copy away."""
    with contextlib.suppress(PlaywrightError):  # its context is gone, and the copy with it
        await download.delete()
