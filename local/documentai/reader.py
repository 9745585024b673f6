"""Documents to lines with places, in a child process that ends when it is idle."""

import json
from collections.abc import Mapping
from typing import Any

from local.vertex.ocr import ImageReader


class DocumentReader(ImageReader):
    """The image reader with a child that knows pages and places: engine.py beside this file."""

    def __init__(self) -> None:
        super().__init__("local.documentai.engine")

    async def pages(self, document: bytes, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each page as {number, width, height, lines[{text, confidence, box}]}; sizes and boxes are pixels.

        Options: see engine.pages. Raises ApiError 400 for what cannot be read, 503 when the engine fails.
        """
        read: list[dict[str, Any]] = json.loads(
            await self.read(json.dumps(dict(options)).encode() + b"\n" + document)
        )
        return read
