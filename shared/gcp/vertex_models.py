"""Calls of Google's models on Vertex AI: JSON there, and JSON or a stream of it back.

google-genai makes a model of its classes of each answer and each piece of a stream, and loading it takes
longer than all the rest of a cold start; Docent sends two kinds of requests and reads a handful of fields.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from google.auth.exceptions import GoogleAuthError
from pydantic_core import from_json

from shared.errors import AppError, Unavailable, Upstream
from shared.gcp.failures import own_failure
from shared.gcp.http_calls import Answer, HttpCalls
from shared.gcp.own_account import TokenRequest
from shared.settings import GenAISettings

Json = dict[str, Any]
_DATA = b"data: "
_BAD, _ABSENT = 400, 404


class NoSuchModel(Upstream):
    """The settings name a model that is not there, as when it was retired."""


class VertexModels:
    """The models of one project and place. `account` is what google.auth found.

    Raises what an HTTP status means (failures.py), Unavailable when nobody is reached.
    """

    def __init__(self, project: str, settings: GenAISettings, account: Any) -> None:
        place = f"projects/{project}/locations/{settings.location}/publishers/google/models"
        base = (settings.base_url or _address(settings.location)).rstrip("/")
        self._http = HttpCalls(f"{base}/v1/{place}", "vertex", settings.timeout)
        self._account, self._renewing = account, asyncio.Lock()
        self._headers = {"content-type": "application/json", "x-server-timeout": f"{settings.timeout:.0f}"}

    async def ask(self, model: str, method: str, body: Mapping[str, Any]) -> Json:
        """The answer."""
        async with _translated(), self._sent(model, method, "", body) as answer:
            return _object(await answer.whole())

    async def stream(self, model: str, body: Mapping[str, Any]) -> AsyncIterator[Json]:
        """The pieces of a generated answer, as they come; an empty one first, when the model has begun.

        Closing it closes the connection.
        """
        async with _translated(), self._sent(model, "streamGenerateContent", "?alt=sse", body) as answer:
            yield {}
            held = b""
            async for piece in answer.pieces():
                *lines, held = (held + piece).split(b"\n")
                for line in lines:
                    if line.startswith(_DATA):
                        yield _object(line.removeprefix(_DATA))
            if held.startswith(_DATA):
                yield _object(held.removeprefix(_DATA))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    @asynccontextmanager
    async def _sent(
        self, model: str, method: str, query: str, body: Mapping[str, Any]
    ) -> AsyncIterator[Answer]:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = await self._authorized()
        target = f"/{model}:{method}{query}"
        async with self._http.call("POST", target, headers, content, name=method) as answer:
            if answer.status == _ABSENT:
                raise NoSuchModel("The model has no such thing; the settings name one that is not there.")
            if answer.status >= _BAD:
                raise own_failure("The model", answer.status)
            yield answer

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


def _object(text: bytes) -> Json:
    """One answer or piece; an error may come as a piece of a stream that began well."""
    try:
        # vectors are long lists of numbers, which json takes six times as long to read
        found: Json = from_json(text)
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
    except (GoogleAuthError, OSError) as error:
        raise Unavailable("The model cannot be reached.", retry_after=5) from error
