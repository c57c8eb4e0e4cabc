"""The export without scripts: a copy that runs nothing, for people who want to keep or print the page."""

from typing import Final

from tools.livepage.document import Tree

_GONE: Final = ("script", "iframe", "object", "embed", "frame", "applet", "meta[http-equiv]", "link[rel~=import]")
_URLS: Final = ("href", "src", "action", "formaction", "xlink:href", "data", "from", "to", "values")


def without_scripts(tree: Tree) -> str:
    """The document's HTML without scripts, handlers, frames and `javascript:` addresses. The tree is used up."""
    for selector in _GONE:
        tree.prune(selector)
    for element, name, value in tree.attributes():
        if _runs(name.lower(), value):
            del element.attrs[name]
    return tree.html()


def _runs(name: str, value: str) -> bool:
    if name.startswith("on") or name == "srcdoc":
        return True
    address = "".join(value.split()).lower()
    return name in _URLS and ("javascript:" in address or address.startswith(("vbscript:", "data:text/html")))
