"""HTTP clients for Google's REST APIs.

To read the certificates that are trusted takes 30 ms of CPU and half a MB, so it is done once a process.
"""

import ssl
from functools import cache
from typing import Any

import httpx


@cache
def certificates() -> ssl.SSLContext:
    """The certificates that are trusted: those of the environment (SSL_CERT_FILE), else certifi's."""
    return httpx.create_ssl_context()


def client(**options: Any) -> httpx.AsyncClient:
    """An asynchronous client of its own, with the certificates of all."""
    return httpx.AsyncClient(verify=certificates(), **options)
