"""Downloads: kept as files of the session up to a size, and told to the agent in the next result."""

import asyncio
import contextlib
import mimetypes
from collections.abc import Callable
from typing import Any

from playwright.async_api import Download, FilePayload
from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import Context

WAIT_S = 5  # a call waits so long for a download that has begun
LISTED = 50


class Downloads:
    """The downloads of one session. `listed` is what is kept of them: name, size in bytes, file id."""

    def __init__(self, ctx: Context, most_mb: int, note: Callable[[str], None], listed: list[dict[str, Any]]) -> None:
        self.listed = listed
        self._ctx = ctx
        self._most = most_mb * 1_000_000
        self._note = note
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, download: Download) -> None:
        """A download has begun."""
        task = asyncio.create_task(self._keep(download))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Wait a little for what is under way."""
        if self._running:
            await asyncio.wait(self._running, timeout=WAIT_S)
        if self._running:
            self._note("A download is still under way; a later result tells when it is there.")

    async def payload(self, name: str) -> FilePayload:
        """A file of the session, by id or by the name of a download. Raises ToolError when there is none."""
        known = next((one for one in reversed(self.listed) if name in (one["file"], one["name"])), None)
        data, media_type = await self._ctx.file(known["file"] if known else name)
        ending = mimetypes.guess_extension(media_type) or ""
        return {"name": known["name"] if known else f"{name[:12]}{ending}", "mimeType": media_type, "buffer": data}

    async def _keep(self, download: Download) -> None:
        name = download.suggested_filename[-120:]
        try:
            path = await download.path()
            size = path.stat().st_size
            if size > self._most:
                self._note(
                    f"Download {name!r} ({size:,} bytes) is over the limit of {self._most:,} bytes and was not kept."
                )
                return
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            file_id = await self._ctx.attach(await asyncio.to_thread(path.read_bytes), media_type)
            self.listed[:] = [*self.listed, {"name": name, "bytes": size, "file": file_id}][-LISTED:]
            self._note(f"Downloaded {name!r} ({size:,} bytes): kept as file {file_id}.")
        except PlaywrightError as error:
            self._note(f"Download {name!r} failed: {str(error).partition(chr(10))[0]}")
        finally:
            await discard(download)


async def discard(download: Download) -> None:
    """Take Chromium's own copy away."""
    with contextlib.suppress(PlaywrightError):  # its context is gone, and the copy with it
        await download.delete()
