"""How large things may get. Each limit has its own error, which says the number and what to do instead.

The figures come from measurement: Chromium flattens trees deeper than 512, and a viewer's phone should still cope.
"""

from glasshouse.tool import ToolError

PAGE_CHARS = 2_000_000
LARGE_PAGE_CHARS = 500_000  # from here on the agent is told that the page is heavy
FRAGMENT_CHARS = 500_000
DEPTH = 256  # nested elements; Chromium flattens at 512, which would change the tree
ELEMENTS = 60_000
SELECTOR_CHARS = 500
STEPS = 100  # edits of one page_edit
ATTRIBUTE_CHARS = 100_000  # room for a data: image


def check_fragment(html: str, *, what: str = "html") -> None:
    """Refuse a piece of HTML that is too long for one edit."""
    if len(html) > FRAGMENT_CHARS:
        raise ToolError(
            f"{what} has {len(html):,} characters; one edit may bring {FRAGMENT_CHARS:,}. "
            "Send it in parts: page_set_html for the first, page_add_block with position append for the others."
        )


def check_page(chars: int, elements: int) -> None:
    """Refuse an edit that would make the page too large."""
    if chars > PAGE_CHARS:
        raise ToolError(
            f"The page would have {chars:,} characters; {PAGE_CHARS:,} is the limit. Remove or shorten something first "
            "(page_get with outline shows what is large)."
        )
    if elements > ELEMENTS:
        raise ToolError(
            f"The page would have {elements:,} elements; {ELEMENTS:,} is the limit. Show less at once, or let a script "
            "of the page build rows from data."
        )


def check_depth(depth: int) -> None:
    """Refuse nesting that a browser would flatten."""
    if depth > DEPTH:
        raise ToolError(
            f"Elements would be nested {depth:,} deep; {DEPTH} is the limit, because browsers flatten deep trees. "
            "Look for tags that are never closed."
        )


def check_selector(selector: str) -> None:
    """Refuse an empty or huge selector before it reaches the engine."""
    if not selector.strip():
        raise ToolError('The selector is empty. Send a CSS selector such as "#content" or "main > h2".')
    if len(selector) > SELECTOR_CHARS:
        raise ToolError(
            f"The selector has {len(selector):,} characters; {SELECTOR_CHARS} is the limit. "
            "Give the element an id with page_set_attr and use that."
        )


def check_attribute(value: str) -> None:
    """Refuse a huge attribute value."""
    if len(value) > ATTRIBUTE_CHARS:
        raise ToolError(f"The value has {len(value):,} characters; an attribute may have {ATTRIBUTE_CHARS:,}.")
