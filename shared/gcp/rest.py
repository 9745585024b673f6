"""HTTP clients for Google's REST APIs, and what fetches the tokens of the function's own account through one.

To read the certificates that are trusted takes 30 ms of CPU and half a MB, so it is done once a process.
google.auth's own (google.auth.transport.requests) imports a second HTTP library, for one call an hour.
"""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import httpx
from google.auth.exceptions import TransportError
from google.auth.transport import Request

_TOKEN_LIMIT = 10.0
"""Seconds for a token, where google.auth names no other."""


@cache
def certificates() -> ssl.SSLContext:
    """The certificates that are trusted: those of the environment (SSL_CERT_FILE), else certifi's."""
    return httpx.create_ssl_context()


def client(**options: Any) -> httpx.AsyncClient:
    """An asynchronous client of its own, with the certificates of all."""
    return httpx.AsyncClient(verify=certificates(), **options)


class Answer(NamedTuple):
    """google.auth.transport.Response."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class TokenRequest(Request):
    """google.auth.transport.Request: what `credentials.refresh` calls, in a thread."""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_options: Any,
    ) -> Answer:
        """The answer. Raises TransportError when there is none."""
        try:
            with httpx.Client(verify=certificates(), timeout=timeout or _TOKEN_LIMIT) as http:
                answer = http.request(method, url, content=body, headers=headers, follow_redirects=True)
        except httpx.HTTPError as error:
            away: Any = TransportError
            raise away(f"no token: {type(error).__name__}") from error
        return Answer(answer.status_code, answer.headers, answer.content)
