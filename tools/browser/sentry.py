"""What runs in every document before the page's own scripts, and what it keeps: requests that only a person can answer.

It only keeps: permissions are refused by Chromium itself. The eye asks by a key that the page does not know.
"""

import json
import secrets
from functools import cache
from importlib.resources import files

# What a page can ask for, as the agent is told. Nothing of the page's own text is in it.
REFUSED = "The page asked for {}: refused, as every permission is."
ASKED = {
    "location": REFUSED.format("the location (geolocation)"),
    "notifications": REFUSED.format("leave to show notifications"),
    "push": REFUSED.format("leave to push messages"),
    "media": REFUSED.format("the camera or the microphone"),
    "screen": REFUSED.format("a recording of the screen"),
    "clipboard": REFUSED.format("what is on the clipboard"),
    "midi": REFUSED.format("MIDI devices"),
    "bluetooth": REFUSED.format("a Bluetooth device"),
    "usb": REFUSED.format("a USB device"),
    "hid": REFUSED.format("an input device (HID)"),
    "serial": REFUSED.format("a serial port"),
    "idle": REFUSED.format("leave to know when the user is idle"),
    "screens": REFUSED.format("the screens and leave to place windows"),
    "passkey": "The page asked for a passkey: there is none, so look for another way to sign in.",
    "payment": "The page asked for a payment by the browser: there is none, so look for another way to pay.",
    "files": "The page opened a file picker of its own kind, which nobody can answer: it was cancelled.",
    "messages": "The page got messages without end (WebSocket, EventSource): that connection was closed.",
    "program": "The page wanted another program (such as mail or a messenger) to open an address: it was not opened.",
    "print": "The page opened a print dialog: there is no printer, nothing was printed.",
}


class Sentry:
    """The script of one browser context; who knows its key can ask what it has kept."""

    def __init__(self) -> None:
        self.key = secrets.token_hex(16)  # in the names of the events by which the eye asks it

    @property
    def script(self) -> str:
        """What runs in every document first."""
        return f"{source()}({json.dumps(self.key)})"


def heard(told: str) -> tuple[list[str], int]:
    """What the agent is told of what a page has asked for, and how many errors it made, from what the sentry kept."""
    *kinds, errors = told.split(" ")
    return [ASKED[kind] for kind in kinds if kind in ASKED], int(errors) if errors.isdecimal() else 0


@cache
def source() -> str:
    """The script, which takes token and key."""
    return (files("tools.browser") / "sentry.js").read_text(encoding="utf-8").strip()
