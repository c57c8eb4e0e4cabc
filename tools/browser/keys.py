"""Names of keys as people write them, turned into Playwright's."""

from glasshouse.tool import ToolError

NAMES = {
    "esc": "Escape", "return": "Enter", "del": "Delete", "ins": "Insert", "space": "Space", "spacebar": "Space",
    "up": "ArrowUp", "down": "ArrowDown", "left": "ArrowLeft", "right": "ArrowRight", "pgup": "PageUp",
    "pgdn": "PageDown",
    "ctrl": "Control", "cmd": "Meta", "command": "Meta", "win": "Meta", "option": "Alt", "plus": "+",
}  # fmt: skip
KNOWN = [
    "Enter",
    "Tab",
    "Space",
    "Backspace",
    "Delete",
    "Escape",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Control",
    "Shift",
    "Alt",
    "Meta",
    "CapsLock",
    "ContextMenu",
] + [f"F{n}" for n in range(1, 13)]
BY_LOWER = {name.lower(): name for name in KNOWN} | NAMES


def key_chords(keys: str) -> list[str]:
    """`"ctrl+a Delete"` as `["Control+a", "Delete"]`. Raises ToolError that names a key nobody has."""
    chords = keys.split() or ["Space"]
    return [chord(text) for text in chords]


def chord(text: str) -> str:
    """One key or chord."""
    if text == "+":
        return text
    parts = text.split("+") if not text.endswith("++") else [*text[:-2].split("+"), "+"]
    return "+".join(key(part, text) for part in parts)


def key(part: str, whole: str) -> str:
    """One key by its name or character."""
    if len(part) == 1:
        return part
    found = BY_LOWER.get(part.lower())
    if not found:
        raise ToolError(
            f"There is no key {part!r} in {whole!r}. Keys are single characters or {', '.join(KNOWN[:15])}, "
            "chords such as Control+A. For text use browser_type."
        )
    return found
