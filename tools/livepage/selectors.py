"""Selectors as browsers read them: the engine's dialect differs in small ways, which are translated here.

`translated` closes what CSS closes at the end, refuses what browsers refuse, and says in other words what the engine
does not know. States that only a person at a screen can bring about match nothing, as in a page that was just loaded.
"""

import re
from typing import Final

NOTHING: Final = ":not(*)"

_TOKEN: Final = re.compile(
    r"""(?P<comment>/\*.*?(?:\*/|\Z))|(?P<string>"(?:[^"\\\n]|\\.)*(?:"|\Z)|'(?:[^'\\\n]|\\.)*(?:'|\Z))|(?P<escape>\\.)"""
    r"""|(?P<pseudo>::?-?[A-Za-z][\w-]*\(?)|(?P<mark>[#.](?=-?\d))|(?P<bracket>\[|\]|\(|\))|(?P<other>.)""",
    re.DOTALL,
)
_SAID_OTHERWISE: Final = {
    ":checked": (
        ":is(option[selected], input[checked]:is([type=checkbox i], [type=radio i]),"
        " select:not([multiple], :has([selected])) > option:first-child)"
    ),
    ":optional": ":is(:optional, button)",
    ":defined": ":is(*)",
    ":open": ":is(details, dialog)[open]",
    ":placeholder-shown": (
        ":is(input[placeholder]:is([value=''], :not([value])), textarea[placeholder]:empty):not([placeholder=''])"
    ),
    ":indeterminate": "progress:not([value])",
    ":in-range": "input:is([type=number i], [type=range i]):is([min], [max])",
    ":out-of-range": NOTHING,
    ":valid": ":is(form, fieldset, input, textarea, select, button, output):not([required])",
    ":invalid": ":is(input, textarea, select)[required]:not([value])",
    ":-webkit-any(": ":is(",
    ":-webkit-any-link": ":any-link",
}
_NEVER: Final = frozenset(
    {
        ":popover-open", ":modal", ":fullscreen", ":autofill", ":-webkit-autofill", ":user-valid", ":user-invalid",
        ":host", ":current", ":past", ":future",
        ":picture-in-picture", ":-webkit-full-screen", ":has-slotted", ":target-current", ":active-view-transition",
    }
)  # fmt: skip
_NEVER_WITH: Final = frozenset({":state(", ":host(", ":host-context("})
_PSEUDO_ELEMENTS: Final = frozenset(
    {
        "before", "after", "first-line", "first-letter", "marker", "placeholder", "selection", "backdrop", "cue",
        "file-selector-button", "slotted(", "part(", "highlight(", "details-content", "target-text", "spelling-error",
        "grammar-error", "view-transition",
    }
)  # fmt: skip
_REFUSED: Final = frozenset(
    {":playing", ":paused", ":muted", ":seeking", ":stalled", ":buffering", ":current", ":past"}
)
_ONE_COLON: Final = frozenset({"before", "after", "first-line", "first-letter"})  # pseudo-elements of old
_ATTRIBUTE: Final = re.compile(r"\[\s*(?:(?P<space>[^\s|\]=~^$*\"']*|\*)\|(?!=))?(?P<name>[\w-]+)")
_NAMESPACED: Final = re.compile(r"(?P<space>[\w-]+|\*)?\|(?![=|])")


class InvalidSelectorError(ValueError):
    """Browsers refuse the selector; the text says why, in the engine's manner."""


def translated(selector: str) -> str:
    """The selector in the engine's dialect. Raises InvalidSelectorError for what browsers refuse."""
    parts: list[str] = []
    closing: list[str] = []
    drop: list[int] = []  # depth of brackets whose content is left out
    having: list[int] = []  # depth of the brackets of :has(
    for match in _TOKEN.finditer(selector):
        kind, text = match.lastgroup, match[0]
        if kind == "mark":
            raise InvalidSelectorError(f"a name cannot start with a digit at position {match.start() + 1}")
        if kind == "string" and (len(text) == 1 or text[-1] != text[0]):
            text += text[0]
        if kind == "pseudo" and "]" not in closing:
            said = _pseudo(text, match.start())
            closing += [")"] if text.endswith("(") else []
            if text.lower() == ":has(":
                if having:
                    raise InvalidSelectorError(f":has() inside :has() at position {match.start()}")
                having.append(len(closing))
            if said == NOTHING and text.endswith("("):
                drop.append(len(closing))
            elif drop:
                continue
            parts.append(said)
            continue
        if kind == "pseudo":
            closing += [")"] if text.endswith("(") else []
        if kind == "bracket" and text in "[(":
            closing.append("]" if text == "[" else ")")
        elif kind == "bracket" and closing and closing[-1] == text:
            if having and having[-1] == len(closing):
                having.pop()
            if drop and drop[-1] == len(closing):
                drop.pop()
                closing.pop()
                continue
            closing.pop()
        if drop or kind == "comment":
            continue
        parts.append(":scope" if text == "&" and "]" not in closing else text)
    return _without_namespaces("".join(parts) + "".join(reversed(closing)))


def cased_attributes(selector: str) -> list[str]:
    """Attribute names in the selector that SVG or MathML write with capitals: the engine does not find those."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", selector)
    return [match["name"] for match in _ATTRIBUTE.finditer(bare) if match["name"].lower() in CASED]


def _pseudo(text: str, position: int) -> str:
    name = text.lower()
    if name.startswith("::") or name[1:] in _ONE_COLON:
        if name.lstrip(":") in _PSEUDO_ELEMENTS or name.startswith("::-webkit-"):
            return NOTHING
        raise InvalidSelectorError(f"unknown pseudo-element at position {position}")
    if name in _REFUSED:
        raise InvalidSelectorError(f"unknown pseudo-class at position {position}")
    if name in _NEVER or name in _NEVER_WITH:
        return NOTHING
    return _SAID_OTHERWISE.get(name, text)


def _without_namespaces(selector: str) -> str:
    """Documents declare no prefixes: `*|a` is any, `|a` is none, another prefix is an error."""
    for match in _ATTRIBUTE.finditer(selector):
        if match["space"] not in (None, "", "*"):
            raise InvalidSelectorError(f"undeclared namespace prefix {match['space']}")
    if re.search(r"\[[^\]]*=\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+)\s+s\s*\]", selector):
        raise InvalidSelectorError("unknown attribute flag s")
    bare = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|'[^']*'", lambda match: " " * len(match[0]), selector)
    for match in _NAMESPACED.finditer(bare):
        if match["space"] not in (None, "*"):
            raise InvalidSelectorError(f"undeclared namespace prefix {match['space']}")
    return re.sub(r"(?:(?<=^)|(?<=[\s>+~,(]))\|(?=[\w*-])[\w*-]+", NOTHING, selector) if "|" in bare else selector


CASED: Final = frozenset(
    {
        "attributename", "attributetype", "basefrequency", "baseprofile", "calcmode", "clippathunits",
        "diffuseconstant", "edgemode", "filterunits", "glyphref", "gradienttransform", "gradientunits",
        "kernelmatrix", "kernelunitlength", "keypoints", "keysplines", "keytimes", "lengthadjust",
        "limitingconeangle", "markerheight", "markerunits", "markerwidth", "maskcontentunits", "maskunits",
        "numoctaves", "pathlength", "patterncontentunits", "patterntransform", "patternunits", "pointsatx",
        "pointsaty", "pointsatz", "preservealpha", "preserveaspectratio", "primitiveunits", "refx", "refy",
        "repeatcount", "repeatdur", "requiredextensions", "requiredfeatures", "specularconstant",
        "specularexponent", "spreadmethod", "startoffset", "stddeviation", "stitchtiles", "surfacescale",
        "systemlanguage", "tablevalues", "targetx", "targety", "textlength", "viewbox", "viewtarget",
        "xchannelselector", "ychannelselector", "zoomandpan", "definitionurl",
    }
)  # fmt: skip
