"""A picture, a sound or a film as a whole document: what it is, in a sentence, as there is nothing in it to read."""

from collections.abc import Awaitable, Callable
from typing import Any

LOOK_JS = """() => {
  const film = document.querySelector("video,audio");
  const shown = film ?? document.querySelector("img");
  return [film?.videoWidth || shown?.naturalWidth || 0, film?.videoHeight || shown?.naturalHeight || 0,
    Number.isFinite(film?.duration) ? film.duration : 0, Boolean(film?.error)];
}"""


async def media_line(run: Callable[[str, None], Awaitable[Any]], kind: str) -> str:
    """The sentence for a document of that kind, in which `run` runs a function; "" where it is of another kind."""
    family = kind.partition("/")[0]
    if family not in NAMES or kind == "image/svg+xml":
        return ""
    width, height, seconds, broken = await run(LOOK_JS, None)
    if broken or (family == "image" and not width):
        return f"This should be {NAMES[family]} ({kind}), but it is broken, or of a kind that cannot be shown."
    facts = [f"{width}×{height} px"] if width else []
    if seconds:
        facts.append(f"{seconds:.1f} s long")
    about = ", ".join([NAMES[family].capitalize(), *facts])
    return f"{about}." if family == "audio" else f"{about}: browser_screenshot shows it."


NAMES = {"image": "an image", "audio": "a sound", "video": "a film"}
