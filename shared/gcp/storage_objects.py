"""ObjectStore on Cloud Storage's JSON API v1.

httpx and not google-cloud-storage: whole objects are put and got, which is two calls of the API, and the
client would add a second to a cold start. Every call can safely be repeated, and is on 429 and 5xx.
"""

import asyncio
import random
import re
from typing import Any
from urllib.parse import quote

import httpx
from google.auth.exceptions import GoogleAuthError

from shared.errors import Invalid, Unavailable
from shared.gcp.failures import http_failure
from shared.gcp.own_account import TokenRequest
from shared.gcp.rest import client
from shared.gcp.tracing import hooks
from shared.settings import ExportSettings

TRIES = 4
"""Tries of one call; the waits between them double from half a second."""
_NAME = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/(\S{1,900})")
_AGAIN = {408, 429, 500, 502, 503, 504}


class StorageObjects:
    """Cloud Storage with the function's own account."""

    def __init__(self, settings: ExportSettings, credentials: Any) -> None:
        self._credentials = credentials
        self._base = (settings.storage_emulator_host or "https://storage.googleapis.com").rstrip("/")
        self._client = client(timeout=settings.export_timeout, event_hooks=hooks("storage", "objects"))

    async def put(self, name: str, data: bytes) -> None:
        """Write an object, replacing. Raises Invalid for a name that is none, NotFound without the bucket."""
        bucket, path = _parsed(name)
        await self._call(
            "POST",
            f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(path, safe='')}",
            content=data,
            headers={"Content-Type": "application/octet-stream"},
        )

    async def get(self, name: str) -> bytes:
        """The whole object. Raises Invalid for a name that is none, NotFound."""
        bucket, path = _parsed(name)
        answer = await self._call("GET", f"/storage/v1/b/{bucket}/o/{quote(path, safe='')}?alt=media")
        return answer.content

    async def _call(
        self, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        for attempt in range(TRIES):
            last = attempt + 1 == TRIES
            try:
                token = await asyncio.to_thread(self._token)
                answer = await self._client.request(
                    method,
                    self._base + path,
                    content=content,
                    headers={**(headers or {}), "Authorization": f"Bearer {token}"},
                )
            except (httpx.HTTPError, GoogleAuthError) as error:
                if last:
                    raise Unavailable("Cloud Storage cannot be reached.", retry_after=5) from error
            else:
                if answer.is_success:
                    return answer
                if last or answer.status_code not in _AGAIN:
                    raise http_failure("Cloud Storage", answer.status_code)
            await asyncio.sleep(0.5 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
        raise AssertionError

    def _token(self) -> str:
        """An access token that is good now; blocking."""
        if not self._credentials.valid:
            self._credentials.refresh(TokenRequest())
        return str(self._credentials.token)


def _parsed(name: str) -> tuple[str, str]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise Invalid("The name of an export is gs://BUCKET/PATH.")
    return found[1], found[2]
