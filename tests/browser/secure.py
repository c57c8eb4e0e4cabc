"""HTTPS servers whose certificates are not valid.

The certificates in the folder beside are made for these tests: by `openssl req -x509`, and the one that has expired by
`openssl ca -selfsign -enddate`. All are self-signed, which Chromium names first.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.browser.conftest import Site

CERTIFICATES = ("self-signed", "expired", "wrong-host")
FOLDER = Path(__file__).parent / "certificates"


@asynccontextmanager
async def secure(certificate: str) -> AsyncIterator[str]:
    """`async with secure("expired") as host`: an HTTPS server with that certificate."""
    site = Site({"/": "<h1>secret page</h1>", "/i": "no image"})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / f"{certificate}.pem")
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
