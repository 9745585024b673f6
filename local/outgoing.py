"""HTTP clients: one that tasks and jobs are sent with, one for this machine."""

import ssl
from functools import cache
from typing import Any

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


def loopback_client(**options: Any) -> httpx.AsyncClient:
    """A client for plain HTTP on this machine: past any proxy, and without the certificates.

    Reading those costs 50 ms and 5 MB, which every start and every command would pay.
    """
    return httpx.AsyncClient(verify=_no_tls(), trust_env=False, **options)


@cache
def _no_tls() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
