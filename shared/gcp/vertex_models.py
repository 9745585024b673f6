"""Calls of Google's models on Vertex AI: JSON there, and JSON or a stream of it back.

google-genai makes a model of its classes of each answer and each piece of a stream, and loading it takes
longer than all the rest of a cold start; Docent sends two kinds of requests and reads a handful of fields.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
from google.auth.exceptions import GoogleAuthError

from shared.errors import AppError, Unavailable, Upstream
from shared.gcp.failures import own_failure
from shared.gcp.rest import TokenRequest, client
from shared.gcp.tracing import hooks
from shared.settings import GenAISettings

Json = dict[str, Any]
_CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=60)
_DATA = "data: "
_BAD, _ABSENT = 400, 404


class NoSuchModel(Upstream):
    """The settings name a model that is not there, as when it was retired."""


class VertexModels:
    """The models of one project and place. `account` is what google.auth found.

    Raises what an HTTP status means (failures.py), Unavailable when nobody is reached.
    """

    def __init__(self, project: str, settings: GenAISettings, account: Any) -> None:
        place = f"projects/{project}/locations/{settings.location}/publishers/google/models"
        self._base = f"{(settings.base_url or _address(settings.location)).rstrip('/')}/v1/{place}"
        self._account, self._renewing = account, asyncio.Lock()
        self._headers = {"content-type": "application/json", "x-server-timeout": f"{settings.timeout:.0f}"}
        self._urls: dict[str, httpx.URL] = {}
        self._timeout = {"timeout": httpx.Timeout(settings.timeout).as_dict()}
        self._http = client(limits=_CONNECTIONS, event_hooks=hooks("vertex"))

    async def ask(self, model: str, method: str, body: Mapping[str, Any]) -> Json:
        """The answer."""
        async with _translated(), self._sent(f"{model}:{method}", body) as answer:
            return _object(await answer.aread())

    async def stream(self, model: str, body: Mapping[str, Any]) -> AsyncIterator[Json]:
        """The pieces of a generated answer, as they come; an empty one first, when the model has begun.

        Closing it closes the connection.
        """
        path = f"{model}:streamGenerateContent?alt=sse"
        async with _translated(), self._sent(path, body) as answer, aclosing(answer.aiter_lines()) as lines:  # type: ignore[type-var]
            yield {}
            async for line in lines:
                if line.startswith(_DATA):
                    yield _object(line.removeprefix(_DATA))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def _sent(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = await self._authorized()
        # the client's own way to make a request costs more than to send it
        url = self._urls.get(path) or self._urls.setdefault(path, httpx.URL(f"{self._base}/{path}"))
        request = httpx.Request("POST", url, headers=headers, content=content, extensions={**self._timeout})
        answer = await self._http.send(request, stream=True)
        try:
            if answer.status_code >= _BAD:
                if answer.status_code == _ABSENT:
                    raise NoSuchModel("The model has no such thing; the settings name one that is not there.")
                raise own_failure("The model", answer.status_code)
            yield answer
        finally:
            await answer.aclose()

    async def _authorized(self) -> dict[str, str]:
        if not self._account.valid:
            async with self._renewing:
                if not self._account.valid:
                    await asyncio.to_thread(self._renew)
        headers = dict(self._headers)
        self._account.apply(headers)
        return headers

    def _renew(self) -> None:
        self._account.refresh(TokenRequest())


def _address(location: str) -> str:
    """Where Google's models answer for a place: everywhere, in one of two continents, in a region."""
    if location == "global":
        return "https://aiplatform.googleapis.com"
    if location in ("us", "eu"):
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-aiplatform.googleapis.com"


def _object(text: str | bytes) -> Json:
    """One answer or piece; an error may come as a piece of a stream that began well."""
    try:
        found: Json = json.loads(text)
    except ValueError:
        raise Unavailable("The model broke off.", retry_after=5) from None
    if failed := found.get("error"):
        raise own_failure("The model", int(failed.get("code") or 500))
    return found


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except AppError:
        raise
    except (httpx.HTTPError, GoogleAuthError, OSError) as error:
        raise Unavailable("The model cannot be reached.", retry_after=5) from error
