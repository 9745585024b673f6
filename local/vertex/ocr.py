"""Text of an image, by the OCR model inside the rapidocr wheel, in a process of its own.

The engine takes 400 MB while it works, so it runs in a child that ends after a minute without work. Nothing
is downloaded: detection, direction and recognition models are in the wheel. The child speaks frames on
stdin and stdout: four bytes of length, big endian, then the image, respectively the text or an error in JSON.
"""

import asyncio
import contextlib
import json
import struct
import sys
from pathlib import Path

from local.httperrors import ApiError, invalid

IDLE_SECONDS = 60.0
READ_SECONDS = 120.0


class ImageReader:
    """Reads one image at a time; the child, a module that speaks the frames, is started by the first."""

    def __init__(self, engine: str = "local.vertex.ocr_engine") -> None:
        self._engine = engine
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def read(self, image: bytes) -> str:
        """The text in reading order, lines kept, cells of a row joined by ` | `.

        Raises ApiError 400 for what is no image, 503 when the engine fails or takes too long.
        """
        async with self._turn:
            if self._idle:
                self._idle.cancel()
            try:
                reply = await asyncio.wait_for(self._exchange(image), READ_SECONDS)
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, OSError) as error:
                await self.close()
                raise ApiError(503, f"The local image reader failed: {type(error).__name__}.") from error
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._kill)
        if "error" in reply:
            raise invalid(f"Unable to process input image: {reply['error']}")
        return reply["text"]

    async def close(self) -> None:
        """End the child."""
        if self._idle:
            self._idle.cancel()
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.communicate()

    def _kill(self) -> None:
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()  # the child ends when its input does
            self._child = None

    async def _exchange(self, image: bytes) -> dict[str, str]:
        if self._child is None or self._child.returncode is not None:
            root = Path(__file__).parents[2]
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._engine,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=root,
            )
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise ConnectionError("the child has no pipes")
        stdin.write(struct.pack(">I", len(image)) + image)
        await stdin.drain()
        (length,) = struct.unpack(">I", await stdout.readexactly(4))
        reply: dict[str, str] = json.loads(await stdout.readexactly(length))
        return reply
