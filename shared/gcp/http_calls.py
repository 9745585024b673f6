"""HTTP/1.1 with one of Google's hosts over connections that are kept open: what a JSON API needs of it.

A general client makes objects of headers, addresses, timeouts and pools for each call, and a scope for each
piece of an answer; of a streamed answer that was the largest part of what a question cost (decision 033).
Here a call is one write, and its answer goes from the parser (llhttp, in C) to whoever waits for it.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from shared.gcp.rest import certificates
from shared.gcp.tracing import TRACEPARENT, traceparent
from shared.observing import spans

_IDLE = 60.0
"""Seconds for which a connection is kept that nobody uses; Google's hosts keep it for longer."""
_MOST_IDLE = 32
_HELD = 256 * 1024
"""Bytes of an answer that wait for their reader before no more are taken from the network."""
_FINAL, _BAD = 200, 400
_PORTS = {"https": 443, "http": 80}


class Answer:
    """An answer whose head has come; its body may still be under way."""

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self.status = connection.status

    async def whole(self) -> bytes:
        """The body. Raises OSError when it does not come whole."""
        return b"".join([piece async for piece in self.pieces()])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, cut anywhere. Raises OSError when it does not come whole."""
        while piece := await self._connection.piece():
            yield piece


class HttpCalls:
    """Calls of the host of `address`, each a span of `service`; not more than `most` at once.

    `timeout` is for each of: to be connected, and to hear the next of an answer.
    """

    def __init__(self, address: str, service: str, timeout: float, most: int = 1_000) -> None:
        place = urlsplit(address)
        self._host, self._tls = place.hostname or "", place.scheme == "https"
        self._port = place.port or _PORTS[place.scheme]
        self._path, self._service, self._timeout = place.path.rstrip("/"), service, timeout
        self._names = f" HTTP/1.1\r\nhost: {place.netloc.rpartition('@')[2]}\r\n"
        self._slots = asyncio.Semaphore(most)
        self._idle: deque[_Connection] = deque()
        self._context: ssl.SSLContext | None = None

    @asynccontextmanager
    async def call(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes = b"", *, name: str
    ) -> AsyncIterator[Answer]:
        """The answer to one request; `target` is what follows the address, `name` the span's.

        Raises OSError when nobody is reached, or the connection breaks; TimeoutError is one.
        """
        call = spans.call(self._service, name)
        request = self._request(method, target, headers, content, traceparent(call))
        status = "unfinished"
        try:
            async with self._slots, self._connected() as connection:
                connection.begin(request)
                await connection.head()
                status = str(connection.status) if connection.status >= _BAD else ""
                yield Answer(connection)
        except OSError as error:
            status = type(error).__name__
            raise
        finally:
            if call is not None:
                call.end(status)

    async def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _request(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes, trace: str
    ) -> bytes:
        told = dict(headers)
        if trace:
            told[TRACEPARENT] = trace
        if content or method != "GET":
            told["content-length"] = str(len(content))
        lines = "".join([f"{name}: {value}\r\n" for name, value in told.items()])
        head = f"{method} {self._path}{target}{self._names}{lines}\r\n"
        if head.count("\r") != len(told) + 3 or head.count("\n") != len(told) + 3:
            raise ValueError("A header or address with a line break in it.")
        return head.encode("ascii") + content

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["_Connection"]:
        connection = self._kept() or await self._made()
        try:
            yield connection
        finally:
            if connection.free() and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
            else:
                connection.close()

    def _kept(self) -> "_Connection | None":
        """The connection that was used last, if it is still good; the others are then no younger."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.free() and now - connection.heard < _IDLE:
                return connection
            connection.close()
        return None

    async def _made(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        if self._tls and self._context is None:
            self._context = await asyncio.to_thread(certificates)
        async with asyncio.timeout(self._timeout):
            _, connection = await loop.create_connection(
                lambda: _Connection(loop, self._timeout), self._host, self._port, ssl=self._context
            )
        return connection


class _Connection(asyncio.Protocol):
    """One connection, and the exchange that goes on over it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: float) -> None:
        self._loop, self._timeout = loop, timeout
        self._transport: asyncio.Transport | None = None
        self._parser: HttpResponseParser | None = None
        self._pieces: list[bytes] = []
        self._held = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._failure: type[OSError] | None = None
        self._done = self._kept = True
        self.heard = loop.time()
        """When something came last."""
        self.status = 0
        """Of the answer, once its head is there."""

    def begin(self, request: bytes) -> None:
        """Send a request; its answer is waited for from now on."""
        self.status, self._done, self._kept = 0, False, False
        self._pieces, self._held = [], 0
        self._parser = HttpResponseParser(self)
        self.heard = self._loop.time()
        self._watch = self._loop.call_later(self._timeout, self._look)
        assert self._transport is not None  # noqa: S101 - asyncio connects before it hands over
        self._transport.write(request)

    async def head(self) -> None:
        """Return when the status is known. Raises OSError."""
        while not self.status:
            await self._more()

    async def piece(self) -> bytes:
        """What came of the body and was not read yet; empty at its end. Raises OSError when it broke off."""
        while not self._pieces:
            if self._done:
                return b""
            await self._more()
        found = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._held = [], 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return found

    def free(self) -> bool:
        """Whether another request may be sent: the last answer came whole and was read, and nobody hung up.

        What was not read of an answer is never to be taken for the next one's.
        """
        gone = self._failure is not None or self._transport is None or self._transport.is_closing()
        return self._done and self._kept and not self._pieces and not gone

    def close(self) -> None:
        """Hang up, whatever is still under way."""
        self._fail(ConnectionAbortedError)

    async def _more(self) -> None:
        """Return when something has changed. Raises OSError when nothing will."""
        if self._failure is not None:
            raise self._failure("The connection broke.")
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: type[OSError]) -> None:
        self._failure = self._failure or failure
        self._rest()
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    def _rest(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        """Give up when nothing came for too long; what waits for its reader is no silence."""
        silent = 0.0 if self._paused else self._loop.time() - self.heard
        if silent >= self._timeout:
            self._fail(TimeoutError)
        else:
            self._watch = self._loop.call_later(self._timeout - silent, self._look)

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.Transport", transport)  # as those of TCP and of TLS are

    def data_received(self, data: bytes) -> None:
        """Something came; what nobody asked for ends the connection."""
        self.heard = self._loop.time()
        if self._parser is None or self._done:
            self._fail(ConnectionAbortedError)
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail(ConnectionAbortedError)
            return
        if self._held > _HELD and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, _: Exception | None) -> None:
        """Nothing comes any more; an answer that had no end is broken."""
        self._fail(ConnectionResetError)

    # what the parser calls

    def on_headers_complete(self) -> None:
        """The head is there; that of a provisional answer is passed over."""
        assert self._parser is not None  # noqa: S101 - it is the parser that calls
        status = self._parser.get_status_code()
        self.status = status if status >= _FINAL else 0

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._pieces.append(body)
        self._held += len(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        assert self._parser is not None  # noqa: S101 - it is the parser that calls
        if self.status:
            self._done, self._kept = True, bool(self._parser.should_keep_alive())
            self._rest()
