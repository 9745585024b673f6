"""Document AI's OCR against the local cloud."""

import io

import pytest
from google.auth.credentials import AnonymousCredentials
from PIL import Image, ImageDraw, ImageFont

from local.control.faults import Fault
from local.documentai.server import DocumentAiServer
from local.standin import Options
from shared.errors import Upstream
from shared.gcp.document_ai import DocumentAi
from shared.settings import Misconfigured, OcrSettings


class Account(AnonymousCredentials):
    """Credentials that are always good."""

    token = "t"


def picture() -> bytes:
    """A line of large print, and two cells of one row."""
    image = Image.new("RGB", (1000, 260), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(60)
    draw.text((40, 30), "Delivery note", "black", font)
    draw.text((40, 150), "Cartons", "black", font)
    draw.text((700, 150), "2", "black", font)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


async def test_a_picture_is_read_with_its_confidence() -> None:
    """Raw lines, the cells of a row joined, how sure the reader is; a busy service is asked again."""
    server = DocumentAiServer(Options())
    await server.start()
    settings = OcrSettings(
        ocr_processor="projects/p/locations/eu/processors/1",
        documentai_url=server.exports()["DOCUMENTAI_URL"],
    )
    reader = DocumentAi(settings, Account())
    server.control.faults.append(Fault(status="503"))
    found = await reader.transcribe(picture(), "image/png")
    assert found.text.split("\n")[0] == "Delivery note"
    assert "Cartons | 2" in found.text
    assert found.confidence is not None
    assert 0.5 < found.confidence <= 1
    with pytest.raises(Upstream):
        await reader.transcribe(b"no picture", "image/png")
    await reader._client.aclose()
    await server.stop()


def test_a_processor_that_is_none_is_refused() -> None:
    """The sentence names the setting."""
    with pytest.raises(Misconfigured, match="OCR_PROCESSOR"):
        DocumentAi(OcrSettings(ocr_processor="ocr"), Account())
