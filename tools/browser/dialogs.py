"""What a page asks by alert, confirm, prompt and beforeunload: answered at once, by a stated policy, and told."""

from collections.abc import Callable
from time import monotonic
from typing import Protocol

from playwright.async_api import Dialog
from playwright.async_api import Error as PlaywrightError

MOST = 12  # answered in one call; a page that opens more is stopped
PATIENCE = 5  # of a call; those after them are cancelled, which ends loops that ask until they get it
TOLD = 3  # of a call
STOP_S = 1.0  # of trying to stop a script that opens dialogs without end
LEFT = "Not attached to an active page"  # Chromium's answer when the page is left in the moment in which it asks
SAID = 300  # characters of what a page says


class End(Protocol):
    """Deals with a page that opens dialogs without end; `first` in this call: `stop` its script, else the page."""

    async def __call__(self, *, first: bool, stop: bool) -> None: ...


class Dialogs:
    """The dialogs of one tab."""

    def __init__(self, note: Callable[[str], None], end: End, stuck: Callable[[], None]) -> None:
        """`stuck` is called for a dialog that nobody can answer any more: it holds the page for ever."""
        self.answer: str | None = None  # to the next confirm or prompt, if the agent said
        self._note = note
        self._end = end
        self._stuck = stuck
        self._count = 0
        self._many_since = 0.0

    def new_call(self) -> None:
        """Count anew."""
        self._count = 0

    async def on(self, dialog: Dialog) -> None:
        """A dialog has opened."""
        self._count += 1
        try:
            await self._answer(dialog)
        except PlaywrightError as error:  # it went away with its page; or its page did, and it did not
            if LEFT in str(error):
                self._stuck()
        if self._count == MOST:
            self._many_since = monotonic()
        if self._count >= MOST:
            await self._end(first=self._count == MOST, stop=monotonic() - self._many_since < STOP_S)

    async def _answer(self, dialog: Dialog) -> None:
        said = dialog.message if len(dialog.message) <= SAID else dialog.message[: SAID - 1] + "…"
        if dialog.type == "beforeunload":
            self._say("The page asked whether to leave it: yes was answered.")
            return await dialog.accept()
        if dialog.type == "alert":
            self._say(f"alert {said!r} was closed.")
            return await dialog.accept()
        if self._count > PATIENCE:
            self._note(f"{dialog.type} {said!r} came again and again: cancelled.")
            return await dialog.dismiss()
        answer, self.answer = self.answer, None
        if answer is not None and answer.strip().lower() == "cancel":
            self._say(f"{dialog.type} {said!r} was cancelled, as you asked.")
            return await dialog.dismiss()
        if dialog.type == "prompt":
            text = answer if answer is not None else dialog.default_value
            self._say(f'prompt {said!r} was answered with {text!r} ("dialog" in the call sets another answer).')
            return await dialog.accept(text)
        self._say(f'confirm {said!r} was answered with OK ("dialog": "cancel" in the call refuses).')
        return await dialog.accept()

    def _say(self, text: str) -> None:
        if self._count <= TOLD:
            self._note(text)
