"""Certificates that are not valid: the page is not opened, and the agent is told why.

The certificates in the folder beside are made for these tests: by `openssl req -x509`, and the one that has expired by
`openssl ca -selfsign -enddate`. All are self-signed, which Chromium names first.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Site
from tools.browser.reasons import why_not

FOLDER = Path(__file__).parent / "certificates"


@pytest.fixture
def secure() -> Callable[[str], AbstractAsyncContextManager[str]]:
    """`async with secure("expired") as host`: an HTTPS server with that certificate."""

    @asynccontextmanager
    async def opened(certificate: str) -> AsyncIterator[str]:
        site = Site({"/": "<h1>secret page</h1>", "/i": "no image"})
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / f"{certificate}.pem")
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
        try:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()

    return opened


@pytest.mark.parametrize("certificate", ["self-signed", "expired", "wrong-host"])
async def test_a_page_with_a_bad_certificate_is_not_opened_and_says_why(
    open_browser: Any, site: Site, secure: Any, certificate: str
) -> None:
    async with secure(certificate) as host, open_browser(allow=f"{site.host},{host}") as browser:
        await browser.open(f"<h1>here</h1><a href=https://{host}/>go</a>")
        said = f"https://{host}/ could not be loaded: its certificate is signed by nobody that is trusted"
        assert said in await browser("click", target="go")
        text = await browser("goto", url=f"https://{host}/")
        assert browser.failed
        assert said in text
        assert "Is there another address for it?" in text
        assert "secret page" not in await browser("read")
        assert "here" in await browser("goto", url=site.url("/"))


async def test_parts_of_a_page_with_a_bad_certificate_are_missing_and_told(
    open_browser: Any, site: Site, secure: Any
) -> None:
    async with secure("self-signed") as host, open_browser(allow=f"{site.host},{host}") as browser:
        body = f"<h1>here</h1><img src=https://{host}/i><iframe src=https://{host}/></iframe>"
        text = await browser.open(body) + await browser("wait", seconds=0.5)
        assert "# here" in text
        assert f"A part of the page is missing: https://{host}/i could not be loaded: its certificate" in text
        assert "secret page" not in await browser("read")


def test_what_is_wrong_with_a_certificate_is_said_in_words() -> None:
    for code, said in (
        ("ERR_CERT_DATE_INVALID", "has expired"),
        ("ERR_CERT_COMMON_NAME_INVALID", "for another host"),
        ("ERR_CERT_AUTHORITY_INVALID", "nobody that is trusted"),
        ("ERR_CERT_SOMETHING_NEW", "not valid"),
    ):
        assert said in why_not("https://a/", f"net::{code} at https://a/")
