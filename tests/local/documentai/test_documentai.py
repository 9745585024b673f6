"""Document AI over HTTP.

Expected behaviour: the discovery document documentai v1 (ProcessRequest, Document) and the page "Limits".
"""

import base64
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from local.control.faults import Fault
from local.documentai.document import document
from local.documentai.engine import lines, wanted
from local.documentai.server import DocumentAiServer
from local.standin import Options
from local.vertex.ocr_engine import Box

pytestmark = pytest.mark.source(
    "discovery document documentai v1: ProcessRequest, Document; https://cloud.google.com/document-ai/limits"
)

PROCESSOR = "/v1/projects/p/locations/eu/processors/abc123:process"


@pytest.fixture
async def server() -> AsyncIterator[DocumentAiServer]:
    """A server; its OCR process starts with the first document."""
    made = DocumentAiServer(Options())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def http(server: DocumentAiServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    url = server.exports()["DOCUMENTAI_URL"]
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=110) as made:
        yield made


def picture(*rows: str, form: str = "PNG", pages: Sequence[str] = ()) -> bytes:
    """A page with these lines of text, and further pages with one line each."""
    sheets = []
    for texts in (rows, *((page,) for page in pages)):
        sheet = Image.new("RGB", (700, 260), "white")
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(32)
        for index, text in enumerate(texts):
            for column, cell in enumerate(text.split("|")):
                draw.text((20 + 480 * column, 20 + 70 * index), cell, fill="black", font=font)
        sheets.append(sheet)
    stream = io.BytesIO()
    sheets[0].save(stream, form, **({"save_all": True, "append_images": sheets[1:]} if pages else {}))
    return stream.getvalue()


def body(content: bytes, mime_type: str, **more: Any) -> dict[str, Any]:
    """A request."""
    raw = {"content": base64.b64encode(content).decode(), "mimeType": mime_type}
    return {"rawDocument": raw, **more}


def anchored(read: dict[str, Any], line: dict[str, Any]) -> str:
    """The text that a line's anchor points at."""
    (segment,) = line["layout"]["textAnchor"]["textSegments"]
    return str(read["text"][int(segment.get("startIndex", 0)) : int(segment["endIndex"])])


async def test_reads(http: httpx.AsyncClient) -> None:
    """Images and PDFs come back as text, lines with anchors, confidence and places, page by page."""
    note = picture("Delivery note DN-20417", "Kettles|4800")
    answer = await http.post(PROCESSOR, json=body(note, "image/png"))
    read = answer.json()["document"]
    (page,) = read["pages"]
    assert read["text"] == "Delivery note DN-20417\nKettles\n4800\n"
    assert [anchored(read, line) for line in page["lines"]] == [
        "Delivery note DN-20417\n",
        "Kettles\n",
        "4800\n",
    ]
    assert page["pageNumber"] == 1
    assert page["dimension"] == {"width": 700, "height": 260, "unit": "pixels"}
    assert all(0.5 < line["layout"]["confidence"] <= 1 for line in page["lines"])
    corner = page["lines"][2]["layout"]["boundingPoly"]["normalizedVertices"][0]
    assert corner == pytest.approx({"x": 500 / 700, "y": 95 / 260}, abs=0.05)

    scan = picture("First page", form="PDF", pages=["Second page", "Third page"])
    options = {"individualPageSelector": {"pages": [2, 3]}}
    asked = body(scan, "application/pdf", processOptions=options, fieldMask="text,pages.pageNumber")
    answer = await http.post(PROCESSOR, json=asked)
    read = answer.json()["document"]
    assert read == {"text": "Second page\nThird page\n", "pages": [{"pageNumber": 2}, {"pageNumber": 3}]}

    long = picture("x", form="PDF", pages=["x"] * 15)
    for content, reason in (
        (long, "Document pages exceed the limit: 15 got 16"),
        (b"%PDF-no", "PdfiumError"),
    ):
        refused = await http.post(PROCESSOR, json=body(content, "application/pdf"))
        assert refused.status_code == 400
        assert reason in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        (body(b"", "image/png"), 400),
        (body(b"x", "text/plain"), 400),
        ({"rawDocument": {"content": "?", "mimeType": "image/png"}}, 400),
        (body(b"x", "image/png", processOptions={"fromStart": "two"}), 400),
        (body(b"x", "image/png", fieldMask="pages("), 400),
        (body(b"x", "image/png", processOptions={"layoutConfig": {}}), 501),
        (body(b"x", "image/png", processOptions={"ocrConfig": {"enableSymbol": True}}), 501),
        ({"gcsDocument": {"gcsUri": "gs://b/o"}}, 501),
    ],
)
async def test_refusals(http: httpx.AsyncClient, asked: dict[str, Any], status: int) -> None:
    """What is wrong is a 400, what is not emulated a 501, both with Google's error body."""
    refused = await http.post(PROCESSOR, json=asked)
    assert refused.status_code == status
    error = refused.json()["error"]
    assert (error["code"], error["status"]) == (
        status,
        "INVALID_ARGUMENT" if status == 400 else "UNIMPLEMENTED",
    )


@pytest.mark.source("local/documentai/README.md: what is refused")
async def test_other_methods(http: httpx.AsyncClient) -> None:
    """Processors are not managed here, and nothing is processed in batches."""
    for path in (PROCESSOR.replace(":process", ":batchProcess"), "/v1/projects/p/locations/eu/processors"):
        assert (await http.post(path, json={})).status_code == 501


@pytest.mark.source("local/control/README.md")
async def test_faults(server: DocumentAiServer, http: httpx.AsyncClient) -> None:
    """An armed fault fails the call; calls are counted."""
    server.control.faults.append(Fault("processors.process", status="503"))
    assert (await http.post(PROCESSOR, json={})).json()["error"]["status"] == "UNAVAILABLE"
    assert server.control.calls["processors.process"] == 1


@pytest.mark.source("local/documentai/README.md")
def test_rows() -> None:
    """Boxes of a row that stand close are one line, those with a wide gap are lines of their own."""
    found = [
        (Box("right", 600, 700, 12, 42), {"text": "right", "confidence": 0.9, "box": [600, 12, 700, 42]}),
        (Box("one", 10, 100, 10, 40), {"text": "one", "confidence": 0.8, "box": [10, 10, 100, 40]}),
        (Box("two", 108, 200, 14, 44), {"text": "two", "confidence": 0.7, "box": [108, 14, 200, 44]}),
        (Box("below", 10, 100, 60, 90), {"text": "below", "confidence": 1.0, "box": [10, 60, 100, 90]}),
    ]
    shown = lines(found)
    assert [each["text"] for each in shown] == ["one two", "right", "below"]
    assert shown[0] == {"text": "one two", "confidence": 0.7, "box": [10, 10, 200, 44]}


def test_selection() -> None:
    """Pages are chosen by number, from the start or from the end."""
    assert wanted(5, {"limit": 15, "fromStart": 2}) == [1, 2]
    assert wanted(5, {"limit": 15, "fromEnd": 2}) == [4, 5]
    assert wanted(20, {"limit": 15, "pages": [20, 3]}) == [3, 20]
    with pytest.raises(ValueError, match="Invalid page"):
        wanted(5, {"limit": 15, "pages": [6]})


def test_empty_page() -> None:
    """A page without text has no lines and no anchor."""
    read = document("image/png", [{"number": 1, "width": 10, "height": 10, "lines": []}])
    assert (read["text"], read["pages"][0]["lines"]) == ("", [])
    assert read["pages"][0]["layout"]["textAnchor"] == {}
