"""The HTTP client that tasks and jobs are sent with."""

import ssl
from functools import cache

import httpx


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates takes a tenth of a second: once a process."""
    return httpx.create_ssl_context()


def http_client() -> httpx.AsyncClient:
    """A client that goes straight to its target, on a new connection each time.

    A kept connection that the target closes meanwhile would look like a failed attempt.
    """
    return httpx.AsyncClient(
        verify=_tls(), trust_env=False, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0)
    )
