"""Documents to lines with places, in a child process that ends when it is idle."""

import asyncio
import json
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.vertex.ocr import ImageReader


class DocumentReader(ImageReader):
    """The image reader with a child that knows pages and places: engine.py beside this file."""

    async def pages(self, document: bytes, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each page as {number, width, height, lines[{text, confidence, box}]}; sizes and boxes are pixels.

        Options: see engine.pages. Raises ApiError 400 for what cannot be read, 503 when the engine fails.
        """
        read: list[dict[str, Any]] = json.loads(
            await self.read(json.dumps(dict(options)).encode() + b"\n" + document)
        )
        return read

    async def _exchange(self, image: bytes) -> dict[str, str]:
        """Send a frame to the child, started if need be, and await its answer."""
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "local.documentai.engine"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            )
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise ConnectionError("the child has no pipes")
        stdin.write(struct.pack(">I", len(image)) + image)
        await stdin.drain()
        (length,) = struct.unpack(">I", await stdout.readexactly(4))
        reply: dict[str, str] = json.loads(await stdout.readexactly(length))
        return reply
