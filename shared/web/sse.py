"""Server-sent events: named events with JSON data, pings between them, nothing left running behind."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

import anyio
from anyio.abc import ObjectSendStream
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
    sending, receiving = anyio.create_memory_object_stream[Event](0)
    async with anyio.create_task_group() as tasks, receiving:
        tasks.start_soon(_pump, events, sending)
        while True:
            item: Event | None = None
            with anyio.move_on_after(ping) as waited:
                try:
                    item = await receiving.receive()
                except anyio.EndOfStream:
                    break
            yield _PING if waited.cancelled_caught or item is None else item.encoded()
        tasks.cancel_scope.cancel()


async def _pump(events: AsyncIterator[Event], sending: ObjectSendStream[Event]) -> None:
    async with sending, aclosing(events):  # type: ignore[type-var]
        async for event in events:
            if event.name == FIRST:
                spans.mark("first_token")
            await sending.send(event)
