"""Server-sent events: named events with JSON data, pings between them, nothing left running behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import anyio
from starlette.responses import StreamingResponse

from shared.observing import spans

PING_SECONDS = 15.0
FIRST = "token"
"""The event whose first coming is what a person waits for."""
_PING = b": ping\n\n"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: a name and data that JSON can hold."""

    name: str
    data: object

    def encoded(self) -> bytes:
        """The event on the wire (WHATWG HTML, "Server-sent events")."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"event: {self.name}\ndata: {data}\n\n".encode()


def event_stream(events: AsyncIterator[Event], ping: float = PING_SECONDS) -> StreamingResponse:
    """Answer with `events` as they come; a comment every `ping` seconds keeps intermediaries awake."""
    return StreamingResponse(
        _with_pings(events, ping),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _with_pings(events: AsyncIterator[Event], ping: float) -> AsyncIterator[bytes]:
    """The encoded events; when the reader leaves, the producer is cancelled."""
    handed: asyncio.Queue[Event | None] = asyncio.Queue(1)
    pumping = asyncio.create_task(_pump(events, handed))
    try:
        while True:
            try:
                async with asyncio.timeout(ping):
                    event = await handed.get()
            except TimeoutError:
                yield _PING
                continue
            if event is None:
                break
            yield event.encoded()
        await pumping
    finally:
        pumping.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait((pumping,))


async def _pump(events: AsyncIterator[Event], handed: "asyncio.Queue[Event | None]") -> None:
    """Hand the events over one by one, and None when there are no more."""
    try:
        async with aclosing(events):  # type: ignore[type-var]
            async for event in events:
                if event.name == FIRST:
                    spans.mark("first_token")
                await handed.put(event)
    finally:
        if asyncio.current_task().cancelling() == 0:  # type: ignore[union-attr]
            await handed.put(None)
