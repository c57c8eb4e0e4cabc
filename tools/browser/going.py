"""Loading a page in the active tab: which addresses are taken, what the answer to it says."""

import asyncio
import re
from time import monotonic
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Response

from glasshouse.tool import ToolError
from tools.browser.acting import Report
from tools.browser.meanwhile import meanwhile
from tools.browser.network import first_line
from tools.browser.outcome import arrived, landed
from tools.browser.reasons import empty_answer, why_not
from tools.browser.session import Session
from tools.browser.tab import Tab

SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)")
LOAD_S = 8  # for the document to be parsed, after it has begun to arrive
PAGES = ("text/html", "application/xhtml+xml")
PAGE = 4000  # characters of the page in the answer
INTERRUPTED = "interrupted by another navigation"
REST_S = 2  # of a call's limit, for all but waiting for the page


def address(text: str) -> str:
    """The address as it is loaded. Raises ToolError for anything but http and https (and about:blank)."""
    url = text.strip()
    if not url:
        raise ToolError("The address was empty. Send one such as https://example.com/.")
    if url == "about:blank":
        return url
    if url.startswith("//"):
        url = "https:" + url
    elif not SCHEME.match(url):
        url = "https://" + url
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ToolError(f"{text!r} is not an address. Send one such as https://example.com/.") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ToolError(
            f"Addresses that begin with {parts.scheme}: are refused: only http and https pages can be opened."
        )
    if not host:
        raise ToolError(f"{text!r} names no host. Send an address such as https://example.com/.")
    return url


async def go(session: Session, text: str, report: Report, *, read: bool = False) -> None:
    """Load the address and say where that led; with `read`, what is there."""
    url = await session.tab.signing.sign(address(text))
    report.label = f"go to {url[:200]}"
    parts = urlsplit(url)
    if parts.hostname and (reason := session.chromium.rules.refuse_name(parts.hostname, port_of(url))):
        raise ToolError(f"{parts.hostname} was refused: {reason}. Only the public web can be reached.")
    session.awaits(parts.hostname or "")
    started = monotonic()
    downloads = session.downloads.begun
    try:
        response = await _load(session, url)
    except PlaywrightError as error:
        if "Download is starting" in str(error) or ("ERR_ABORTED" in str(error) and not session.tab.distrusted):
            await session.downloads.announced(downloads)
        if session.downloads.begun > downloads:
            await session.downloads.finish()
            report.say(f"{url} is a download, not a page; the tab shows what it showed before.")
            return
        await session.tab.stop_loading()  # else the page that did not come holds up what is asked next
        raise ToolError(why_failed(session, url, error)) from error
    tab = session.tab
    if response and response.status in (403, 502):
        refused = session.refusal_of(urlsplit(tab.page.url).hostname or "")
        if refused:
            raise ToolError(with_rule(refused))
    tab.sight.blink_all()
    kind = ""
    if response is not None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        report.say(*_about(response.status, kind, url, tab.page.url))
    left = session.settings.limit_s - REST_S - (monotonic() - started)
    parse_s = max(1.0, min(LOAD_S, left))
    if read or (kind and kind not in PAGES):  # what is no page says what it is
        report.say(*await arrived(session, most=PAGE, parse_s=parse_s))
    else:
        report.say(*await landed(session, parse_s=parse_s))


async def _load(session: Session, url: str) -> Response | None:
    """Load the address, whatever the page that is shown now does against it."""
    limit_ms = (session.settings.limit_s - REST_S) * 1000
    tab = session.tab
    if tab.roamed:
        await _leave_behind(session, tab)
        return await session.tab.page.goto(url, wait_until="commit", timeout=limit_ms)
    coming = tab.page.goto(url, wait_until="commit", timeout=limit_ms)
    try:
        async with meanwhile(coming, tab.roaming.wait()) as (loading, roaming):
            first = asyncio.wait({loading, roaming}, return_when=asyncio.FIRST_COMPLETED)
            if not await tab.patiently(first, session.note):
                await session.replace(tab)
            if session.tab is tab and loading.done():
                response: Response | None = loading.result()
                if response is None or (leads_from(response, url) and not left_unwillingly(tab)):
                    return response
    except PlaywrightError as error:
        if INTERRUPTED not in str(error):
            raise
    if session.tab is tab:
        await _leave_behind(session, tab)
    return await session.tab.page.goto(url, wait_until="commit", timeout=limit_ms / 2)


async def _leave_behind(session: Session, tab: Tab) -> None:
    """Give a page up that goes elsewhere by itself, again and again: what is loaded in its tab is soon gone."""
    fresh = await session.new_tab()
    fresh.earlier = [*tab.earlier, *tab.trail, tab.url]
    await session.close_tab(tab.id)
    session.note(
        f"The page before went elsewhere by itself again and again: tab {fresh.id} took the place of {tab.id}."
    )


def left_unwillingly(tab: Tab) -> bool:
    """Whether the page before went elsewhere while another one was loaded: that may yet win."""
    return tab.before.get(tab.page.url, 0) > 0


def leads_from(response: Response, url: str) -> bool:
    """Whether it is the answer to this address, and not to one that the page before went to meanwhile."""
    request = response.request
    while request.redirected_from:
        request = request.redirected_from
    return same(request.url, url)


def same(one: str, other: str) -> bool:
    """Whether two addresses are of the same document."""
    return one.split("#")[0].rstrip("/") == other.split("#")[0].rstrip("/")


def port_of(url: str) -> int:
    """The port an address means."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme.lower() == "https" else 80)


def why_failed(session: Session, url: str, error: PlaywrightError) -> str:
    """What went wrong with a page that did not load, in a sentence."""
    host = urlsplit(url).hostname or ""
    if refused := session.refusal_of(host):
        return with_rule(refused)
    text = first_line(error)
    if session.tab.failure and session.tab.distrusted:
        return why_not(*session.tab.failure)
    if "Timeout" in text:
        return f"{url} did not answer within {session.settings.limit_s - REST_S:g} s. Try again, or another address."
    status = session.tab.response.status if session.tab.response else 0
    if status in (204, 205) or "ERR_HTTP_RESPONSE_CODE_FAILURE" in text:
        return empty_answer(url, status)
    if "ERR_ABORTED" in text:
        return f"{url} led to nothing that can be shown: to an empty answer, or an address for another program."
    return why_not(url, text)


def with_rule(refused: str) -> str:
    """A refusal with the rule it follows from."""
    return f"{refused}. " + (
        "Only the public web can be reached." if "was refused" in refused else "Is it spelt right?"
    )


def _about(status: int, kind: str, asked: str, landed: str) -> list[str]:
    """Lines about the answer that a person would notice: its status, a redirect, a kind that is no page."""
    lines = []
    if status >= 400:
        lines.append(f"The server answered with status {status}.")
    if not same(landed, asked):
        lines.append(f"It redirected from {asked[:300]}.")
    if kind and kind not in PAGES:
        lines.append(f"It is not an HTML page but {kind}.")
    return lines
