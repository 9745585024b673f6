"""Server-sent events as they are written: together where they are ready, with pings, and with their end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.types import Message

from shared.web.sse import Event, event_stream


class Reader:
    """Whoever reads an answer: what was written, and when they leave."""

    def __init__(self, heard: Callable[[bytes], None] = lambda _: None) -> None:
        self.written: list[bytes] = []
        self.ended = False
        self.left = asyncio.Event()
        self._heard = heard

    async def receive(self) -> Message:
        """As ASGI: nothing more comes until the reader leaves."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """As ASGI."""
        assert not self.ended
        if message["type"] == "http.response.body":
            self.written.append(message["body"])
            self.ended = not message["more_body"]
            self._heard(message["body"])


def read(events: AsyncIterator[Event], reader: Reader, ping: float = 15.0) -> Awaitable[None]:
    """Answer with these events."""
    return event_stream(events, ping)({}, reader.receive, reader.send)


async def test_a_slow_stream_is_kept_awake_and_ends() -> None:
    """Pings come while nothing else does; the events are all there, in order."""
    waiting = asyncio.Event()

    async def events() -> AsyncIterator[Event]:
        yield Event("a", 1)
        await waiting.wait()
        yield Event("b", 2)

    reader = Reader(lambda piece: waiting.set() if piece == b": ping\n\n" else None)
    await read(events(), reader, ping=0.01)
    assert reader.written[0] == b"event: a\ndata: 1\n\n"
    assert b": ping\n\n" in reader.written
    assert reader.written[-1] == b"event: b\ndata: 2\n\n"
    assert reader.ended


async def test_what_is_ready_at_once_is_written_at_once() -> None:
    """Two events and a third that took its time are two writes, the second with the end."""

    async def events() -> AsyncIterator[Event]:
        yield Event("a", 1)
        yield Event("b", 2)
        for _ in range(5):
            await asyncio.sleep(0)
        yield Event("c", 3)

    reader = Reader()
    await read(events(), reader)
    assert reader.written == [b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n", b"event: c\ndata: 3\n\n"]
    assert reader.ended


async def test_many_events_wait_for_their_writer_only_so_long() -> None:
    """However many there are at once, all come in order."""

    async def events() -> AsyncIterator[Event]:
        for number in range(1_000):
            yield Event("n", number)

    reader = Reader()
    await read(events(), reader)
    told = b"".join(reader.written).decode().split("\n\n")[:-1]
    assert told == [f"event: n\ndata: {number}" for number in range(1_000)]
    assert len(reader.written) > 10


async def test_when_the_reader_leaves_nothing_goes_on() -> None:
    """Whoever makes the events is cancelled, and has cleaned up before the answer is over."""
    tidy = []
    began = asyncio.Event()

    async def events() -> AsyncIterator[Event]:
        try:
            yield Event("a", 1)
            began.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidy.append("up")

    reader = Reader()
    answering = asyncio.ensure_future(read(events(), reader))
    await began.wait()
    reader.left.set()
    await answering
    assert tidy == ["up"]
    assert not reader.ended
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stream_that_fails_has_no_end() -> None:
    """What came before is written; the failure is raised, so that the server cuts the connection."""

    async def events() -> AsyncIterator[Event]:
        yield Event("a", 1)
        raise LookupError("gone")

    reader = Reader()
    with pytest.raises(LookupError, match="gone"):
        await read(events(), reader)
    assert reader.written == [b"event: a\ndata: 1\n\n"]
    assert not reader.ended
