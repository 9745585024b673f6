"""Server-sent events: named events with JSON data, pings between them, nothing left running behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.observing import spans

PING_SECONDS = 15.0
FIRST = "token"
"""The event whose first coming is what a person waits for."""
_PING = b": ping\n\n"
_AHEAD = 64
"""Events that may wait for the writer."""
_END, _LEFT = "end", "left"
"""What a stream may end with, beside a failure: there are no more events, or nobody reads them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: a name and data that JSON can hold."""

    name: str
    data: object

    def encoded(self) -> bytes:
        """The event on the wire (WHATWG HTML, "Server-sent events")."""
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return f"event: {self.name}\ndata: {data}\n\n".encode()


_Handed = Event | Exception | str


class EventStream(Response):
    """An answer of events as they come; a comment every `ping` seconds keeps intermediaries awake.

    What is ready at the same moment is written at once: a write costs more than to make what is written. When
    the reader leaves, whoever makes the events is cancelled. When that fails, the answer has no end.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[Event], ping: float = PING_SECONDS) -> None:
        self._events, self._ping = events, ping
        self.status_code, self.background = 200, None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI says
        """Answer until there are no more events, or nobody reads them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        handed: asyncio.Queue[_Handed] = asyncio.Queue(_AHEAD)
        working = [
            asyncio.create_task(_pump(self._events, handed)),
            asyncio.create_task(_until_left(receive, handed)),
        ]
        try:
            more = True
            while more:
                pieces, last = await self._ready(handed)
                more = last is None
                if pieces or last is _END:
                    body = b"".join(pieces)
                    await send({"type": "http.response.body", "body": body, "more_body": last is not _END})
                if isinstance(last, Exception):
                    raise last
        finally:
            for task in working:
                task.cancel()
            await asyncio.wait(working)

    async def _ready(self, handed: "asyncio.Queue[_Handed]") -> "tuple[list[bytes], Exception | str | None]":
        """What there is to write, a ping when nothing came, and what ends the stream if something does."""
        try:
            async with asyncio.timeout(self._ping):
                one = await handed.get()
        except TimeoutError:
            return [_PING], None
        pieces: list[bytes] = []
        while isinstance(one, Event):
            pieces.append(one.encoded())
            if handed.empty():
                return pieces, None
            one = handed.get_nowait()
        return pieces, one


def event_stream(events: AsyncIterator[Event], ping: float = PING_SECONDS) -> EventStream:
    """Answer with `events` as they come."""
    return EventStream(events, ping)


async def _pump(events: AsyncIterator[Event], handed: "asyncio.Queue[_Handed]") -> None:
    """Hand the events over, and then how they ended."""
    try:
        async with aclosing(events):  # type: ignore[type-var]
            async for event in events:
                if event.name == FIRST:
                    spans.mark("first_token")
                await handed.put(event)
    except Exception as error:  # noqa: BLE001 - whoever writes the answer raises it
        await handed.put(error)
    else:
        await handed.put(_END)


async def _until_left(receive: Receive, handed: "asyncio.Queue[_Handed]") -> None:
    """Say when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    await handed.put(_LEFT)
