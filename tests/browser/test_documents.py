"""Documents that are no HTML pages: each says what it is, and its text is read where it has any."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import asyncio
import base64
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from tests.browser.conftest import Site
from tools.browser import inserted
from tools.browser.paper import reading

pytestmark = pytest.mark.settled

GUARD_S = 20


def pdf(*pages: str) -> bytes:
    """A PDF with these texts; a line each."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{4 + 2 * i} 0 R' for i in range(len(pages)))}]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]  # fmt: skip
    for i, text in enumerate(pages):
        shown = "".join(f"({line}) Tj T* " for line in text.split("\n") if line)
        stream = f"BT /F1 12 Tf 14 TL 20 700 Td {shown}ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {5 + 2 * i} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    body, at = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        at.append(len(body))
        body += f"{number} 0 obj{one}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in at)
    return (
        body
        + f"xref\n0 {len(at) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(at) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF".encode()
    )


def served(data: bytes) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/pdf"}, data


async def test_a_pdf_is_read_by_goto_click_offset_and_query(browser: Any, site: Site) -> None:
    site.pages["/p"] = served(pdf(*(f"Chapter {i}\nline of {i}\nmore" for i in range(1, 41))))
    text = await browser("goto", url=site.url("/p"))
    assert "It is not an HTML page but application/pdf." in text
    assert "— page 1 of 40 —\nChapter 1\nline of 1" in text
    text = await browser("read", max_chars=600)
    offset = int(text.rpartition('"offset": ')[2].partition("}")[0])
    assert "Chapter 40" not in text
    assert "Chapter 40" in await browser("read", offset=offset)
    text = await browser("read", query="LINE of 33")
    assert "— page 33 of 40 —\n" in text
    assert "Chapter 33\nline of 33\nmore" in text
    assert "Chapter 32" not in text
    assert "Nothing on the page contains" in await browser("read", query="absent")
    await browser.open("<a href=/p>go</a>")
    assert "— page 2 of 40 —" in await browser("click", target="go")


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("secret"))))
    writer.encrypt("word", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pdf(""), "1 page without any text: scanned, or drawn"),
        (encrypted(), "encrypted with a password"),
        (b"%PDF-1.4\nnothing of the kind\n%%EOF", "is broken"),
    ],
)
async def test_a_pdf_without_text_says_why(browser: Any, site: Site, data: bytes, said: str) -> None:
    site.pages["/p"] = served(data)
    text = await browser("goto", url=site.url("/p"))
    assert said in text
    assert "browser_screenshot" in text
    assert not browser.failed


@pytest.mark.parametrize(
    ("deed", "ended"),
    [
        ("while True: pass", True),
        ("bytearray(2_000_000_000)", True),
        ("import socket; socket.socket()", True),
        ("pass", False),
    ],
)
async def test_who_reads_a_pdf_has_no_time_memory_or_network_without_end(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, deed: str, ended: bool
) -> None:
    worker = tmp_path / "worker.py"
    source = reading.WORKER.read_text().replace(
        "    logging.disable(logging.CRITICAL)\n", f"    logging.disable(logging.CRITICAL)\n    {deed}\n"
    )
    worker.write_text(source)
    monkeypatch.setattr(reading, "WORKER", worker)
    if deed.startswith("while"):
        monkeypatch.setattr(reading, "READ_S", 1)
    facts = await asyncio.wait_for(reading.extracted(pdf("text")), 20)
    assert ("text" in str(facts)) is not ended


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80\x20\x20" * width for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_pictures_and_films_say_what_they_are(browser: Any, site: Site) -> None:
    site.pages["/i"] = (200, {"Content-Type": "image/png"}, png(120, 80))
    site.pages["/broken"] = (200, {"Content-Type": "image/png"}, b"no picture")
    site.pages["/v"] = (200, {"Content-Type": "video/mp4"}, b"\0\0\0\x18ftypmp42")
    assert "An image, 120×80 px: browser_screenshot shows it." in await browser("goto", url=site.url("/i"))
    assert "should be an image (image/png), but it is broken" in await browser("goto", url=site.url("/broken"))
    assert "film" in await browser("goto", url=site.url("/v"))


async def test_no_letter_of_a_long_line_is_lost_and_searches_show_where_it_matches(browser: Any, site: Site) -> None:
    site.pages["/j"] = (
        200,
        {"Content-Type": "application/json"},
        "[" + ",".join(f'{{"a":{i}}}' for i in range(2000)) + "]",
    )
    await browser("goto", url=site.url("/j"))
    whole = await browser("read", max_chars=60_000)
    assert "".join(whole.partition("\n")[2].split()) == site.pages["/j"][2]
    text = await browser("read", query='"a":1990}')
    assert '"a":1990}' in text
    assert len(text) < 5000


def inline(data: bytes) -> str:
    return f"data:application/pdf;base64,{base64.b64encode(data).decode()}"


async def whole(browser: Any, *parts: str, **given: Any) -> str:
    """The page as soon as all of it is there: frames come after their page."""
    async with asyncio.timeout(GUARD_S):
        while True:
            text = str(await browser("read", **given))
            if all(part in text for part in parts):
                return text
            await browser("wait", seconds=0.1)


@pytest.mark.parametrize(
    "around",
    [
        "<iframe src={}></iframe>",
        "<embed src={} width=300 height=200>",
        "<object data={} width=300 height=200>fallback</object>",
    ],
)
async def test_what_is_no_page_in_a_frame_embed_or_object_is_told(browser: Any, site: Site, around: str) -> None:
    site.pages["/p"] = served(pdf("Chapter"))
    site.pages["/i"] = (200, {"Content-Type": "image/png"}, png(120, 80))
    site.pages["/j"] = (200, {"Content-Type": "application/json"}, '{"answer": 42}')
    site.pages["/h"] = "<button onclick='this.textContent = 7'>press</button>"
    data = inline(pdf("Invoice 12"))
    await browser.open(
        "<h1>top</h1>" + "<p>and</p>".join(around.format(a) for a in ("/p", "/i", "/j", "/h", f'"{data}"'))
    )
    said = f'A PDF, which is not read here: browser_goto {{"url": "{site.url("/p")}"}}'
    image = "An image, 120×80 px: browser_screenshot shows it."
    text = await whole(browser, said, image, '{"answer": 42}', 'button "press"', "— page 1 of 1 —\nInvoice 12")
    assert text.index("# top") < text.index(said) < text.index(image) < text.index("answer") < text.index("Invoice")
    assert "fallback" not in text
    assert 'button "7"' in await browser("click", target="press")
    text = await browser("read", query="invoice")
    assert "A PDF, which was not searched" in text
    assert "Invoice 12" in text
    assert '"answer"' not in text


async def test_an_object_that_shows_nothing_is_read_by_what_stands_for_it(browser: Any, site: Site) -> None:
    await browser.open("<object data=/none width=300 height=200>in its <b>place</b></object>")
    assert "in its place" in await browser("read")


async def test_pdfs_that_scripts_have_made_are_not_read_without_end(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inserted, "PAPERS", 1)
    frame = f"<iframe src='{inline(pdf('Invoice'))}'></iframe>"
    await browser.open(frame * 2)
    text = await whole(browser, "Invoice", "A PDF, which is not read here: browser_screenshot shows it.")
    assert text.count("Invoice") == 1


async def test_a_text_of_megabytes_is_thinned_as_it_comes_whether_somebody_looks_or_not(
    browser: Any, site: Site
) -> None:
    site.pages["/long"] = (200, {"Content-Type": "text/plain"}, "".join(f"line {i}\n" for i in range(100_000)))
    await browser("goto", url="about:blank")
    page = (await browser.state()).tab.page
    await page.goto(site.url("/long"))
    assert len(await page.inner_text("body")) < 500_000
    assert "line 99999" in await browser("read", query="line 99999")


AWAY_JS = "async (y) => { scrollTo(0, y); for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame); }"


@pytest.mark.parametrize("below", ["<iframe src=/h></iframe>", "{}"])
async def test_what_is_scrolled_to_gets_the_click_and_not_the_pdf_that_was_there(
    browser: Any, site: Site, below: str
) -> None:
    button = "<button onclick='this.textContent = n++'>press</button><script>n = 0</script>"
    site.pages |= {"/p": served(pdf("Chapter")), "/h": button}
    pdfs = "<iframe src=/p height=600 width=600></iframe><br>"
    await browser.open(pdfs + below.format(button) + pdfs)
    text = await whole(browser, "A PDF", 'button "press"')
    number = int(text.partition('] button "press"')[0].rpartition("[")[2])
    for i in range(8):
        await (await browser.state()).tab.page.evaluate(AWAY_JS, i % 2 * 3000)
        assert f'button "{i}"' in await browser("click", target=number)
