"""Why a page did not load, in words, from the codes that Chromium gives."""

import re

from tools.browser.signing import ASKS

ROAMING = (
    "The page goes from one address to another without end and never stood still to be read. "
    "Call browser_read to see whether it does now, or browser_goto for another page."
)
CODE = re.compile(r"(?:net::)?(ERR_\w+)")
REASONS = {
    "ERR_NAME_NOT_RESOLVED": "there is no such host",
    "ERR_CONNECTION_REFUSED": "nothing answers there",
    "ERR_TUNNEL_CONNECTION_FAILED": "nothing answers there",
    "ERR_EMPTY_RESPONSE": "it answered with nothing",
    "ERR_CONNECTION_RESET": "it broke the connection off",
    "ERR_CONNECTION_CLOSED": "it broke the connection off",
    "ERR_CONTENT_LENGTH_MISMATCH": "it broke the connection off",
    "ERR_INCOMPLETE_CHUNKED_ENCODING": "it broke the connection off",
    "ERR_TOO_MANY_REDIRECTS": "it redirects without end",
    "ERR_UNSAFE_REDIRECT": "it redirects to an address that no web page may lead to",
    "ERR_INVALID_REDIRECT": "it redirects to something that is no address",
    "ERR_INVALID_AUTH_CREDENTIALS": "it asks for a name and a password (HTTP authentication), which are not given",
    "ERR_UNSAFE_PORT": "browsers do not use that port",
    "ERR_INVALID_URL": "that is not an address",
    "ERR_TIMED_OUT": "it did not answer in time",
    "ERR_INVALID_HTTP_RESPONSE": "it does not speak HTTP",
    "ERR_INVALID_RESPONSE": "its answer makes no sense",
    "ERR_CONTENT_DECODING_FAILED": "its answer cannot be unpacked",
    "ERR_SSL_PROTOCOL_ERROR": "it does not speak TLS as browsers do",
    "ERR_BLOCKED_BY_RESPONSE": "it forbids to be shown there",
    "ERR_CERT_AUTHORITY_INVALID": "its certificate is signed by nobody that is trusted",
    "ERR_CERT_DATE_INVALID": "its certificate has expired, or is not valid yet",
    "ERR_CERT_COMMON_NAME_INVALID": "its certificate is for another host",
    "ERR_CERT_REVOKED": "its certificate was revoked",
}
SHOWN = 500  # characters of an address
CERTIFICATE = "Pages whose certificate is not valid are not opened. Is there another address for it?"


def why_not(url: str, text: str) -> str:
    """A sentence for an address that did not load; `text` has Chromium's code in it."""
    url = url if len(url) <= SHOWN else url[: SHOWN - 1] + "…"
    after = f" {CERTIFICATE}" if "_CERT_" in text else ""
    return f"{url} could not be loaded: {reason_of(text)}.{after}"


def reason_of(text: str) -> str:
    """What Chromium's code in a text means, and the code."""
    found = CODE.search(text)
    code = found[1] if found else ""
    reason = REASONS.get(code) or ("its certificate is not valid" if "_CERT_" in code else code or text)
    return reason + (f" ({code})" if code and reason != code else "")


def empty_answer(url: str, status: int) -> str:
    """A sentence for an answer without a page in it."""
    url = url if len(url) <= SHOWN else url[: SHOWN - 1] + "…"
    if status in (204, 205):
        return f"{url} answered with status {status}: there is no page to show, and what was shown before stays."
    return f"{url} answered with status {status} and nothing else.{f' {ASKS}' if status == 401 else ''}"
