"""The text in pictures by Document AI's OCR, with its confidence. processors.process of the v1 REST API."""

import asyncio
import base64
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from google.auth.exceptions import GoogleAuthError

from shared.errors import Unavailable
from shared.gcp.failures import own_failure
from shared.gcp.own_account import TokenRequest
from shared.gcp.rest import client
from shared.gcp.tracing import hooks
from shared.models import Transcript
from shared.settings import Misconfigured, OcrSettings

TRIES = 4
"""Tries of one picture on 429 and 5xx; the waits between them double from a second."""
_PROCESSOR = re.compile(r"projects/[^/]+/locations/([a-z0-9-]+)/processors/[^/]+(/processorVersions/[^/]+)?")
_AGAIN = {408, 429, 500, 502, 503, 504}
_SAME_LINE = 0.5


class DocumentAi:
    """Transcriber on Document AI. Raises Misconfigured for a processor's name that is none."""

    def __init__(self, settings: OcrSettings, credentials: Any) -> None:
        found = _PROCESSOR.fullmatch(settings.ocr_processor)
        if found is None:
            raise Misconfigured(
                "With OCR_ENGINE=documentai OCR_PROCESSOR is projects/PROJECT/locations/PLACE/processors/ID."
            )
        base = settings.documentai_url or f"https://{found[1]}-documentai.googleapis.com"
        self._url = f"{base.rstrip('/')}/v1/{settings.ocr_processor}:process"
        self._credentials = credentials
        self._client = client(timeout=settings.ocr_timeout, event_hooks=hooks("documentai", "process"))

    async def transcribe(self, image: bytes, mime_type: str) -> Transcript:
        """The lines as Document AI reads them, cells of a row joined; nothing is rewritten.

        Raises Unavailable, Timeout, TooMany, Upstream, NotAllowed, NotFound.
        """
        content = base64.b64encode(image).decode("ascii")
        request = {"rawDocument": {"content": content, "mimeType": mime_type}, "skipHumanReview": True}
        document = (await self._asked(request)).get("document", {})
        pages = document.get("pages", [])
        text = "\n".join(_page(page, document.get("text", "")) for page in pages)
        sure = [_confidence(page) for page in pages]
        return Transcript(text, min(sure) if sure and text.strip() else None)

    async def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        for attempt in range(TRIES):
            last = attempt + 1 == TRIES
            try:
                token = await asyncio.to_thread(self._token)
                answer = await self._client.post(
                    self._url, json=request, headers={"Authorization": f"Bearer {token}"}
                )
            except (httpx.HTTPError, GoogleAuthError) as error:
                if last:
                    raise Unavailable("Document AI cannot be reached.", retry_after=30) from error
            else:
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
                if last or answer.status_code not in _AGAIN:
                    raise own_failure("Document AI", answer.status_code)
            await asyncio.sleep(2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
        raise AssertionError

    def _token(self) -> str:
        """An access token that is good now; blocking."""
        if not self._credentials.valid:
            self._credentials.refresh(TokenRequest())
        return str(self._credentials.token)


def _page(page: Mapping[str, Any], text: str) -> str:
    """The lines of a page in Document AI's order; those side by side are the cells of one row."""
    rows: list[list[tuple[float, float, str]]] = []
    for line in page.get("lines", []):
        layout = line.get("layout", {})
        top, bottom = _extent(layout)
        words = " ".join(_said(layout, text).split())
        if not words:
            continue
        if rows and _beside(rows[-1][-1], top, bottom):
            rows[-1].append((top, bottom, words))
        else:
            rows.append([(top, bottom, words)])
    return "\n".join(" | ".join(words for _, _, words in row) for row in rows)


def _beside(before: tuple[float, float, str], top: float, bottom: float) -> bool:
    shared = min(before[1], bottom) - max(before[0], top)
    return shared > _SAME_LINE * min(before[1] - before[0], bottom - top) > 0


def _said(layout: Mapping[str, Any], text: str) -> str:
    """What a layout's anchor names of the text; a start that is left out is 0."""
    segments: Sequence[Mapping[str, Any]] = layout.get("textAnchor", {}).get("textSegments", [])
    return "".join(text[int(one.get("startIndex", 0)) : int(one.get("endIndex", 0))] for one in segments)


def _extent(layout: Mapping[str, Any]) -> tuple[float, float]:
    corners = layout.get("boundingPoly", {}).get("normalizedVertices", [])
    heights = [float(one.get("y", 0)) for one in corners] or [0.0]
    return min(heights), max(heights)


def _confidence(page: Mapping[str, Any]) -> float:
    """The mean of the lines', each weighing as much as its text is long."""
    weighed = [
        (float(line["layout"].get("confidence", 0)), _length(line["layout"]))
        for line in page.get("lines", [])
        if "layout" in line
    ]
    length = sum(each for _, each in weighed)
    if not length:
        return float(page.get("layout", {}).get("confidence", 0))
    return sum(sure * each for sure, each in weighed) / length


def _length(layout: Mapping[str, Any]) -> int:
    segments = layout.get("textAnchor", {}).get("textSegments", [])
    return sum(int(one.get("endIndex", 0)) - int(one.get("startIndex", 0)) for one in segments)
