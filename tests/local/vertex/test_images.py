"""Images: what the OCR model reads, and the order in which it is told."""

import io

import pytest
from google import genai
from google.genai import errors, types

from local.vertex.ocr_engine import lines, straightened

pytestmark = pytest.mark.source("local/vertex/README.md: the models, images")

TRANSCRIBE = "Transcribe all text of this image, line by line."


def page(tilt: float = 0.0) -> list[list[tuple[float, float]]]:
    """Corners of the boxes of two columns and a table row, on a page that is turned a little."""
    boxes = [(10, 10, 200, 40), (600, 12, 800, 42), (10, 60, 40, 90), (100, 61, 300, 91), (600, 60, 640, 90)]
    return [
        [(x, y + tilt * x) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
        for left, top, right, bottom in boxes
    ]


@pytest.mark.parametrize("tilt", [0.0, 0.02, -0.03])
def test_reading_order(tilt: float) -> None:
    """Lines from top to bottom, cells of a row from left to right, though the page is tilted."""
    texts = ["Sender", "DELIVERY NOTE", "1", "Thermostat", "24"]
    assert lines(straightened(page(tilt), texts)) == ["Sender | DELIVERY NOTE", "1 | Thermostat | 24"]


def picture() -> bytes:
    """A small delivery note, drawn."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (700, 260), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(32)
    for y, text in ((20, "Delivery note DN-20417"), (90, "Kettles"), (160, "2 cartons damaged")):
        draw.text((20, y), text, fill="black", font=font)
    draw.text((500, 90), "4800", fill="black", font=font)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


async def test_transcribes(client: genai.Client) -> None:
    """The text of an image comes back in lines, the cells of a row on one; rubbish is a 400."""
    parts = [types.Part.from_bytes(data=picture(), mime_type="image/png"), types.Part(text=TRANSCRIBE)]
    response = await client.aio.models.generate_content(model="gemini-3.5-flash", contents=parts)
    assert response.text.splitlines() == ["Delivery note DN-20417", "Kettles | 4800", "2 cartons damaged"]
    parts = [types.Part.from_bytes(data=b"no image", mime_type="image/png"), types.Part(text=TRANSCRIBE)]
    with pytest.raises(errors.ClientError) as refused:
        await client.aio.models.generate_content(model="gemini-3.5-flash", contents=parts)
    assert refused.value.code == 400


async def test_other_media(client: genai.Client) -> None:
    """Audio and other media are refused by name."""
    parts = [types.Part.from_bytes(data=b"x", mime_type="audio/wav"), types.Part(text="What is it?")]
    with pytest.raises(errors.ClientError, match="audio/wav"):
        await client.aio.models.generate_content(model="gemini-3.5-flash", contents=parts)
