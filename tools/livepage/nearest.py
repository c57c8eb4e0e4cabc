"""Errors for selectors: what was wrong, and what on the page comes nearest to what was asked."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable

from tools.livepage.document import Element, SelectorError, Tree, element_children, label

_TOKEN = re.compile(r"([#.])((?:[\w-]|[^\x00-\x7f]|\\.)+)")
_SHOWN = 6


def no_match(tree: Tree, selector: str, revision: int) -> str:
    """The sentence for a selector that matches nothing."""
    parts = [f"No element matches {selector!r} at revision {revision}."]
    known = _names(tree)
    missing = [mark + name for mark, name in _asked(selector) if name not in known[mark]]
    for token in missing:
        near = _near(token[1:], known[token[0]])
        hint = f"; near: {', '.join(token[0] + name for name in near)}" if near else ""
        parts.append(f"{token} does not exist{hint}.")
    parts.extend(_longest_match(tree, selector))
    if ids := list(known["#"])[:_SHOWN]:
        parts.append(f"Ids of the page: {', '.join('#' + name for name in ids)}{_more(known['#'])}.")
    return " ".join(parts) + " page_get with outline shows everything."


def bad_selector(selector: str, reason: str) -> str:
    """The sentence for a selector that is not CSS."""
    reason = reason.partition(": ")[2] or reason
    hint = ""
    if re.search(r"[.#][\w-]*[:/\[@]", selector):
        hint = r' Characters such as : / [ in a class or id need a backslash, e.g. ".md\:w-1".'
    if ":contains(" in selector or re.search(r":(eq|first|last|gt|lt)\b(?!-)", selector):
        hint = " jQuery's selectors are not CSS: use ids, classes, :nth-of-type(n) or :has(…)."
    return f"{selector!r} is not a valid CSS selector: {reason}.{hint}"


def _asked(selector: str) -> list[tuple[str, str]]:
    unescaped = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|'[^']*'", "", selector)
    return [(mark, re.sub(r"\\(.)", r"\1", name)) for mark, name in _TOKEN.findall(unescaped)]


def _names(tree: Tree) -> dict[str, Counter[str]]:
    ids = Counter(value for element in tree.select("[id]") if (value := element.attr("id")))
    classes: Counter[str] = Counter()
    for element in tree.select("[class]"):
        classes.update((element.attr("class") or "").split())
    return {"#": ids, ".": classes}


def _near(name: str, known: Iterable[str]) -> list[str]:
    lowered = {other.lower(): other for other in known}
    return [lowered[match] for match in difflib.get_close_matches(name.lower(), lowered, n=4, cutoff=0.6)]


def _longest_match(tree: Tree, selector: str) -> list[str]:
    """For a descendant selector: the longest prefix that does match, and what is inside."""
    parts = re.split(r"\s*[>+~]\s*|\s+", selector.strip())
    if "," in selector or "(" in selector or "[" in selector:
        return []
    for end in range(len(parts) - 1, 0, -1):
        prefix = " ".join(parts[:end])
        try:
            found = tree.select(prefix)
        except SelectorError:
            return []
        if found:
            return [f"{prefix!r} matches {label(found[0])}, which has {_contents(found[0])}."]
    return []


def _contents(element: Element) -> str:
    counts = Counter(child.tag for child in element_children(element))
    if not counts:
        return "no elements inside"
    return ", ".join(f"{number} × <{tag}>" for tag, number in counts.most_common(_SHOWN))


def _more(known: Counter[str]) -> str:
    return f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
