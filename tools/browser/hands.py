"""Whose hands are on the browser: the operator's, while the agent's calls wait, or the agent's."""

import asyncio
from collections.abc import Callable

from glasshouse.tool import ToolError

CONTROL_IDLE_S = 180  # an operator who went for lunch must not hold the agent up


class Hands:
    """The controls of one session's browser; what the operator did is told to the agent by `note`."""

    def __init__(self, note: Callable[[str], None], limit_s: float) -> None:
        self.operator = False  # the operator has the controls
        self.did: list[str] = []  # by the operator, in a few words each
        self._note = note
        self._limit_s = limit_s
        self._released = asyncio.Event()
        self._idle: asyncio.TimerHandle | None = None

    def take(self) -> None:
        """The operator has the controls: the agent's calls wait."""
        self.operator = True
        self._released.clear()

    def renew(self) -> None:
        """Controls that nobody uses for a while go back to the agent."""
        self.close()
        if self.operator:
            self._idle = asyncio.get_running_loop().call_later(CONTROL_IDLE_S, self.give)

    def give(self) -> None:
        """The agent goes on; the next result tells what the operator did."""
        self.operator = False
        self._released.set()
        did, self.did = self.did, []
        if did:
            shown = "; ".join(did[-6:])
            more = f"{len(did) - 6} things, then " if len(did) > 6 else ""
            self._note(f"The operator had the controls meanwhile: {more}{shown}. Call browser_read to see the page.")

    async def wait(self) -> None:
        """Wait while the operator has the controls. Raises ToolError when that takes longer than a call may."""
        if not self.operator:
            return
        try:
            async with asyncio.timeout(self._limit_s):
                await self._released.wait()
        except TimeoutError:
            raise ToolError(
                "The operator has the controls of the browser now. Nothing was done. Try again later, or go on without."
            ) from None

    def close(self) -> None:
        """Wait for nobody any more."""
        if self._idle:
            self._idle.cancel()
