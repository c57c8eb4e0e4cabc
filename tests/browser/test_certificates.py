"""Certificates that are not valid: the page is not opened, and the agent is told why."""

from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.secure import CERTIFICATES, secure
from tools.browser.reasons import why_not


@pytest.mark.parametrize("certificate", CERTIFICATES)
async def test_a_page_with_a_bad_certificate_is_not_opened_and_says_why(
    open_browser: Any, site: Site, certificate: str
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
        assert "here" in await browser.visit(site.url("/"))


async def test_parts_of_a_page_with_a_bad_certificate_are_missing_and_told(open_browser: Any, site: Site) -> None:
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
