"""Pictures: their text is read by whoever was given the task, never guessed here."""

import io
from collections.abc import Iterator
from typing import Any

from shared.documents import limits
from shared.documents.detect import image_type
from shared.documents.outline import Outline
from shared.documents.reasons import Unreadable, corrupt
from shared.documents.source import Source
from shared.models import Extraction, Locator

_SENT_AS_IT_IS = frozenset({"image/png", "image/jpeg", "image/webp"})
_FRAMES = 30


def read(source: Source) -> Extraction:
    """One page a frame; raises needs-ocr without a reader, no-text when the reader finds none."""
    data = source.data()
    pages = _pages(data)
    if source.read_image is None:
        raise Unreadable("needs-ocr", "This is a picture; its text has not been read.")
    outline = Outline()
    count = 0
    for count, (picture, mime_type) in enumerate(pages, 1):
        seen = source.read_image(picture, mime_type)
        outline.seen(count, seen)
        for paragraph in seen.text.replace("\r\n", "\n").split("\n\n"):
            outline.add(paragraph, place=Locator(page=count))
    try:
        return outline.extraction(pages=count)
    except Unreadable as error:
        raise Unreadable("no-text", "No text was found in the picture.") from error


def _pages(data: bytes) -> list[tuple[bytes, str]]:
    """The frames as pictures that every reader takes: as they are when one of those types, else PNG."""
    from PIL import Image

    mime_type = image_type(data)
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > limits.IMAGE_PIXELS:
                raise Unreadable("too-large", "The picture has more dots than can be read.")
            frames = getattr(image, "n_frames", 1)
            if mime_type in _SENT_AS_IT_IS and frames == 1:
                image.load()
                return [(data, mime_type)]
            animated = mime_type in {"image/gif", "image/webp", "image/png"}
            return [(each, "image/png") for each in _frames(image, 1 if animated else min(frames, _FRAMES))]
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise corrupt("The picture") from error


def _frames(image: Any, count: int) -> Iterator[bytes]:
    for index in range(count):
        image.seek(index)
        file = io.BytesIO()
        image.convert("RGB").save(file, "PNG")
        yield file.getvalue()
