"""GETs of files, which every file that is read costs two of, by urllib3, which keeps connections.

google-api-python-client and httpx take several times as long to make such a request as to send it: of CPU,
650 microseconds by httpx and 240 by urllib3 for an answer of 2 kB, in one run on one machine.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from shared.gcp.rest import certificates
from shared.gcp.tracing import TRACEPARENT, traceparent
from shared.observing import spans

REDIRECTS = 5
"""As many are followed; to another host over TLS alone, and without the token."""
_PIECE = 1 << 18
"""Bytes read at once: of most files all there is."""
_OK, _UNAUTHORIZED = 200, 401
_MOVED = (301, 302, 303, 307, 308)
_ONCE_MORE = Retry(total=None, connect=0, read=1, redirect=0, status=0, other=0, backoff_factor=0)
"""A kept connection may have been closed at this very moment; then a GET is sent once more, at once."""
_AT_ONCE = 64
"""Connections to a host that are kept."""
Headers = Mapping[str, str]


class BrokenOff(OSError):
    """There is no answer, or the connection broke before its end."""


class DriveHttp:
    """`token` gives an access token, another one when told which was refused; `timeout` is of one silence.

    Raises BrokenOff.
    """

    def __init__(self, token: Callable[[str], str], timeout: float) -> None:
        self._token = token
        self._pools = PoolManager(
            maxsize=_AT_ONCE, timeout=Timeout(connect=timeout, read=timeout), ssl_context=certificates()
        )

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._pools.clear()

    @contextmanager
    def get(self, url: str, headers: Headers) -> Iterator[BaseHTTPResponse]:
        """An answer, whose body is read within the block; what is left of it ends the connection."""
        token = self._token("")
        answer = self._sent(url, headers, token)
        if answer.status == _UNAUTHORIZED:
            answer.close()
            answer = self._sent(url, headers, self._token(token))
        try:
            yield answer
        finally:
            answer.close()

    def _sent(self, url: str, headers: Headers, token: str) -> BaseHTTPResponse:
        first = url
        for _ in range(REDIRECTS + 1):
            told = told_to(url, first, headers, token)
            if told is None:
                break
            try:
                answer = self._pools.request(
                    "GET", url, headers=told, redirect=False, retries=_ONCE_MORE, preload_content=False
                )
            except HTTPError as error:
                raise BrokenOff from error
            if answer.status not in _MOVED:
                return answer
            answer.close()
            url = urljoin(url, answer.headers.get("location", ""))
        raise BrokenOff


def told_to(url: str, first: str, headers: Headers, token: str) -> dict[str, str] | None:
    """What the host of `url` is told of a request to `first`: another one no secrets, none without TLS."""
    place = urlsplit(url)[:2]
    if place == urlsplit(first)[:2]:
        return {**headers, "Authorization": f"Bearer {token}"}
    if place[0] != "https":
        return None
    return {name: value for name, value in headers.items() if name == "Range"}


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


def pieces(answer: BaseHTTPResponse) -> Iterator[bytes]:
    """The body of an answer. Raises BrokenOff, also when it is shorter than was said."""
    try:
        yield from answer.stream(_PIECE, decode_content=False)
    except HTTPError as error:
        raise BrokenOff from error


def _refused(answer: BaseHTTPResponse, content: bytes, url: str) -> Exception:
    from googleapiclient.errors import HttpError
    from httplib2 import Response

    told = {name.lower(): value for name, value in answer.headers.items()}
    refusal: Exception = HttpError(Response({**told, "status": str(answer.status)}), content, uri=url)
    return refusal
