"""Loading a page in the active tab: which addresses are taken, what the answer to it says."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from glasshouse.tool import ToolError
from tools.browser.acting import Report
from tools.browser.network import first_line
from tools.browser.outcome import arrived
from tools.browser.session import Session

SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)")
LOAD_S = 8  # for the document to be parsed, after it has begun to arrive
PAGE = 4000  # characters of the page in the answer
CERTIFICATE = re.compile(r"net::ERR_(CERT|SSL)\w*")
REASONS = {
    "ERR_NAME_NOT_RESOLVED": "there is no such host",
    "ERR_CONNECTION_REFUSED": "nothing answers there",
    "ERR_TUNNEL_CONNECTION_FAILED": "nothing answers there",
    "ERR_EMPTY_RESPONSE": "it answered with nothing",
    "ERR_CONNECTION_RESET": "it broke the connection off",
    "ERR_TOO_MANY_REDIRECTS": "it redirects without end",
    "ERR_INVALID_AUTH_CREDENTIALS": "it asks for a name and a password (HTTP authentication), which are not given",
    "ERR_UNSAFE_PORT": "browsers do not use that port",
    "ERR_INVALID_URL": "that is not an address",
    "ERR_TIMED_OUT": "it did not answer in time",
}


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


async def go(session: Session, text: str, report: Report) -> None:
    """Load the address and say where that led."""
    url = address(text)
    report.label = f"go to {url[:200]}"
    parts = urlsplit(url)
    if parts.hostname and (reason := session.chromium.rules.refuse_name(parts.hostname, port_of(url))):
        raise ToolError(f"{parts.hostname} was refused: {reason}. Only the public web can be reached.")
    tab = session.tab
    downloads = len(session.downloads.listed)
    tab.response = None
    try:
        response = await tab.page.goto(url, wait_until="commit", timeout=(session.settings.limit_s - 2) * 1000)
    except PlaywrightError as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            await session.downloads.finish()
            if len(session.downloads.listed) > downloads or "Download is starting" in str(error):
                report.say(f"{url} is a download, not a page; the tab shows what it showed before.")
                return
        await tab.stop_loading()  # else the page that did not come holds up what is asked next
        raise ToolError(why_failed(session, url, error)) from error
    if response and response.status in (403, 502):
        refused = session.refusal_of(urlsplit(tab.page.url).hostname or "")
        if refused:
            raise ToolError(with_rule(refused))
    tab.sight.blink_all()
    if response is not None:
        report.say(*_about(response.status, response.headers, url, tab.page.url))
    report.say(*await arrived(session, most=PAGE, parse_s=LOAD_S))


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
    if certificate := CERTIFICATE.search(text):
        return (
            f"{url} was not opened: its certificate is not valid ({certificate[0]}). Is there another address for it?"
        )
    for code, reason in REASONS.items():
        if code in text:
            return f"{url} could not be loaded: {reason} ({code}). The tab is as it was, or shows an error page."
    if "Timeout" in text:
        return f"{url} did not answer within {session.settings.limit_s - 2:g} s. Try again, or another address."
    return f"{url} could not be loaded: {text.removeprefix('Page.goto: ')}."


def with_rule(refused: str) -> str:
    """A refusal with the rule it follows from."""
    return f"{refused}. " + (
        "Only the public web can be reached." if "was refused" in refused else "Is it spelt right?"
    )


def _about(status: int, headers: dict[str, str], asked: str, landed: str) -> list[str]:
    """Lines about the answer that a person would notice: its status, a redirect, a kind that is no page."""
    lines = []
    if status >= 400:
        lines.append(f"The server answered with status {status}.")
    if landed.split("#")[0].rstrip("/") != asked.split("#")[0].rstrip("/"):
        lines.append(f"It redirected from {asked[:300]}.")
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if kind and kind not in ("text/html", "application/xhtml+xml"):
        lines.append(f"It is not an HTML page but {kind}.")
    return lines
