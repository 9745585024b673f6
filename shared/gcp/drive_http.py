"""GETs of files, which every file that is read costs two of, on connections that are kept.

To make such a request, google-api-python-client and httpx take several times as long as to send it. A
connection is used by one thread at a time.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from shared.gcp.rest import certificates
from shared.gcp.tracing import TRACEPARENT, traceparent
from shared.observing import spans

REDIRECTS = 5
"""As many are followed; to another host over TLS alone, and without the token."""
_PIECE = 1 << 18
"""Bytes read at once: of most files all there is."""
_OK, _UNAUTHORIZED = 200, 401
_MOVED = (301, 302, 303, 307, 308)
_Place = tuple[str, str]
_Answered = tuple[HTTPConnection, HTTPResponse, _Place]
Headers = Mapping[str, str]


class BrokenOff(OSError):
    """There is no answer, or the connection broke before its end."""


class DriveHttp:
    """`token` gives an access token, another one when told which was refused; `timeout` is of one silence.

    Raises BrokenOff.
    """

    def __init__(self, token: Callable[[str], str], timeout: float) -> None:
        self._token, self._timeout = token, timeout
        self._idle: dict[_Place, list[HTTPConnection]] = {}

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    @contextmanager
    def get(self, url: str, headers: Headers) -> Iterator[HTTPResponse]:
        """An answer, whose body is read within the block; what is left of it ends the connection."""
        token = self._token("")
        connection, answer, place = self._sent(url, headers, token)
        if answer.status == _UNAUTHORIZED:
            connection.close()
            connection, answer, place = self._sent(url, headers, self._token(token))
        try:
            yield answer
        finally:
            if answer.isclosed() and connection.sock is not None:
                self._idle[place].append(connection)
            else:
                connection.close()

    def _sent(self, url: str, headers: Headers, token: str) -> _Answered:
        first = _place(urlsplit(url))
        for _ in range(REDIRECTS + 1):
            parts = urlsplit(url)
            if _place(parts) == first:
                told = {**headers, "Authorization": f"Bearer {token}"}
            elif parts.scheme == "https":
                told = {**headers}
            else:
                break
            connection, answer, place = self._answered(parts, told)
            if answer.status not in _MOVED:
                return connection, answer, place
            connection.close()
            url = urljoin(url, answer.headers.get("location", ""))
        raise BrokenOff

    def _answered(self, parts: SplitResult, headers: dict[str, str]) -> _Answered:
        """The answer of a host; on a new connection when the server has closed the kept one meanwhile."""
        connection = self._connection(parts)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        kept = connection.sock is not None
        while True:
            try:
                connection.request("GET", path, headers=headers)
                return connection, connection.getresponse(), _place(parts)
            except (OSError, HTTPException) as error:
                connection.close()
                if not kept or isinstance(error, TimeoutError):
                    raise BrokenOff from error
                kept = False

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        """A connection to that host, the one that was used last."""
        idle = self._idle.setdefault(_place(parts), [])
        try:
            return idle.pop()
        except IndexError:
            return _made(parts, self._timeout)


class JsonGet:
    """A call of one of Drive's methods, as google-api-python-client would make it."""

    def __init__(self, http: DriveHttp, method: str, url: str, headers: Headers) -> None:
        self._http, self._method, self._url, self._headers = http, method, url, headers

    def execute(self, num_retries: int = 0) -> Any:
        """The answer. Raises googleapiclient.errors.HttpError for one that is none."""
        del num_retries  # as in HttpRequest; drive_calls does the retries
        call = spans.call("drive", self._method)
        header = traceparent(call)
        told = {TRACEPARENT: header} if header else {}
        status = ""
        try:
            with self._http.get(self._url, {**self._headers, **told}) as answer:
                content = b"".join(pieces(answer))
            if answer.status != _OK:
                status = str(answer.status)
                raise _refused(answer, content, self._url)
            return json.loads(content)
        except BrokenOff:
            status = BrokenOff.__name__
            raise
        finally:
            if call is not None:
                call.end(status)


def pieces(answer: HTTPResponse) -> Iterator[bytes]:
    """The body of an answer. Raises BrokenOff, also when it is shorter than was said."""
    said = answer.headers.get("content-length")
    due = int(said) if said else None
    try:
        while piece := answer.read(_PIECE):
            yield piece
            due = None if due is None else due - len(piece)
    except (OSError, HTTPException) as error:
        raise BrokenOff from error
    if due:
        raise BrokenOff


def _refused(answer: HTTPResponse, content: bytes, url: str) -> Exception:
    from googleapiclient.errors import HttpError
    from httplib2 import Response

    refusal: Exception = HttpError(
        Response({**answer.headers, "status": str(answer.status)}), content, uri=url
    )
    return refusal


def _place(parts: SplitResult) -> _Place:
    return parts.scheme, parts.netloc


def _made(parts: SplitResult, timeout: float) -> HTTPConnection:
    if parts.scheme == "https":
        return HTTPSConnection(parts.netloc, timeout=timeout, context=certificates())
    return HTTPConnection(parts.netloc, timeout=timeout)
