"""One question over HTTP, timed: a bare client, so that asking costs this machine little."""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

LIMIT = 120.0


@dataclass
class Heard:
    """What came back, and when, in seconds from sending the request."""

    status: int = 0
    first_byte: float = 0.0
    first_token: float = 0.0
    """Of text; 0 when there was none."""
    whole: float = 0.0
    text: str = ""
    request_id: str = ""
    declined: bool = False

    @property
    def answered(self) -> bool:
        """Whether this is an answer with text."""
        return self.status == 200 and bool(self.text)


async def ask(address: str, question: str, token: str) -> Heard:
    """Ask at POST /chat, as server-sent events. Raises OSError and TimeoutError."""
    async with asyncio.timeout(LIMIT):
        return await _asked(address, question, token)


async def _asked(address: str, question: str, token: str) -> Heard:
    place = urlsplit(address)
    body = json.dumps({"message": question}).encode()
    head = (
        f"POST /chat HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    heard = Heard()
    try:
        writer.write(head.encode() + body)
        await _read_head(reader, heard)
        heard.first_byte = time.perf_counter() - began
        await _read_events(reader, heard, began)
    finally:
        writer.close()
    heard.whole = time.perf_counter() - began
    return heard


async def _read_head(reader: asyncio.StreamReader, heard: Heard) -> None:
    line = await reader.readline()
    if not line:
        raise ConnectionResetError("no answer")
    heard.status = int(line.split()[1])
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "x-request-id":
            heard.request_id = value.strip()


async def _read_events(reader: asyncio.StreamReader, heard: Heard, began: float) -> None:
    """Lines of the body; the sizes of chunks between them are passed over."""
    while line := await reader.readline():
        if not line.startswith(b"data: "):
            continue
        data = json.loads(line[6:])
        if not isinstance(data, dict):
            continue
        if text := data.get("text"):
            heard.first_token = heard.first_token or time.perf_counter() - began
            heard.text += text
        heard.declined = heard.declined or bool(data.get("declined"))
