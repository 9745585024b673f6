"""Finished traces, written to Cloud Trace (API v2, `projects.traces.batchWrite`).

https://cloud.google.com/trace/docs/reference/v2/rest/v2/projects.traces/batchWrite
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.errors import Unavailable
from shared.gcp.failures import http_failure
from shared.gcp.own_account import TokenRequest, credentials
from shared.gcp.rest import client
from shared.loopback import is_loopback
from shared.observing.spans import Span, Trace
from shared.settings import TracingSettings

if TYPE_CHECKING:
    import httpx

_SCOPE = "https://www.googleapis.com/auth/trace.append"
_CODES = {"CANCELLED": 1, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "UNAVAILABLE": 14}
_UNKNOWN = 2


class CloudTrace:
    """TraceStore on Cloud Trace: one request for all spans of some traces."""

    def __init__(self, project: str, settings: TracingSettings) -> None:
        self._project, self._settings = project, settings
        self._url = f"{settings.url.rstrip('/')}/v2/projects/{project}/traces:batchWrite"

    async def write(self, function: str, traces: Sequence[Trace]) -> None:
        """Write them once. Raises Unavailable, Upstream, Timeout, TooMany, NotAllowed."""
        import httpx

        spans = [self._span(function, trace, span) for trace in traces for span in trace.spans]
        try:
            answer = await self._http.post(self._url, json={"spans": spans}, headers=await self._headers())
        except httpx.HTTPError as error:
            raise Unavailable("Cloud Trace cannot be reached.") from error
        if answer.is_error:
            raise http_failure("Cloud Trace", answer.status_code)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _span(self, function: str, trace: Trace, span: Span) -> dict[str, Any]:
        told = {"service.name": function, **span.attributes}
        return {
            "name": f"projects/{self._project}/traces/{trace.id}/spans/{span.id}",
            "spanId": span.id,
            **({"parentSpanId": span.parent} if span.parent else {}),
            "displayName": {"value": span.name[:128]},
            "startTime": _time(span.began),
            "endTime": _time(span.ended or span.began),
            "spanKind": span.kind,
            "attributes": {"attributeMap": {name: _attribute(value) for name, value in told.items()}},
            **({"status": _status(span.status)} if span.status else {}),
        }

    @cached_property
    def _http(self) -> "httpx.AsyncClient":
        return client(trust_env=False, timeout=self._settings.timeout)

    async def _headers(self) -> dict[str, str]:
        """Nothing is shown to this machine; Google wants the function's own account."""
        if is_loopback(urlsplit(self._url).netloc):
            return {}
        return await asyncio.to_thread(self._authorization)

    def _authorization(self) -> dict[str, str]:
        if not self._credentials.valid:
            self._credentials.refresh(TokenRequest())
        return {"Authorization": f"Bearer {self._credentials.token}"}

    @cached_property
    def _credentials(self) -> Any:
        return credentials([_SCOPE])


def _time(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{_second(seconds)}.{rest:09d}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    """A second as it is written; many spans begin and end in one."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _attribute(value: str | int) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"stringValue": {"value": value[:256]}}


def _status(status: str) -> dict[str, Any]:
    """A gRPC code by its number; whatever else went wrong is "unknown", with its word."""
    return {"code": _CODES.get(status, _UNKNOWN), "message": status}
