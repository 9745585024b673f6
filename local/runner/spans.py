"""Spans that the functions wrote, as Cloud Trace would keep them; and their log lines, by request.

Taken is `projects.traces.batchWrite` of the Cloud Trace API v2. One span without a name, ids or times, and
all of the request is refused with INVALID_ARGUMENT.
"""

import json
import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

KEPT = 5000
"""Spans that are remembered, the newest."""
_TAIL = 4 * 1024 * 1024
"""Bytes of the end of each log that are looked through."""
_NAME = re.compile(r"projects/[^/]+/traces/([0-9a-f]{32})/spans/([0-9a-f]{16})")
_WRITE = re.compile(r"/v2/projects/[^/]+/traces:batchWrite")


class Spans:
    """What the functions did, by request. `logs` is the folder of their logs."""

    def __init__(self, logs: Path | None = None) -> None:
        self._logs = logs
        self._spans: deque[dict[str, Any]] = deque(maxlen=KEPT)

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a path is that of a write."""
        return _WRITE.fullmatch(path) is not None

    def write(self, body: Mapping[str, Any]) -> Response:
        """Keep the spans of a request, all or none."""
        try:
            found = [_span(one) for one in body["spans"]]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            said = f"A span is not complete: {type(error).__name__} {error}"
            problem = {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}
            return JSONResponse({"error": problem}, 400)
        self._spans.extend(found)
        return JSONResponse({})

    def of(self, request: str) -> list[dict[str, Any]]:
        """The spans of a request, in the order of their beginning; of all without one."""
        found = (one for one in self._spans if request in ("", one["request"]))
        return sorted(found, key=lambda one: float(one["began"]))

    def lines(self, request: str) -> list[dict[str, Any]]:
        """The log lines of a request, of all functions, in the order of their times."""
        if self._logs is None or not request:
            return []
        found = [
            line | {"function": path.stem}
            for path in sorted(self._logs.glob("*.log"))
            for line in _json_lines(path, request)
        ]
        return sorted(found, key=lambda line: str(line.get("time", "")))


def _span(given: Mapping[str, Any]) -> dict[str, Any]:
    name = _NAME.fullmatch(given["name"])
    if name is None or name[2] != given["spanId"]:
        raise ValueError("name")
    attributes = {
        key: value.get("intValue") or value.get("stringValue", {}).get("value", "")
        for key, value in given.get("attributes", {}).get("attributeMap", {}).items()
    }
    began, ended = _seconds(given["startTime"]), _seconds(given["endTime"])
    return {
        "request": name[1],
        "id": name[2],
        "parent": given.get("parentSpanId", ""),
        "function": attributes.pop("service.name", ""),
        "name": given["displayName"]["value"],
        "kind": given.get("spanKind", ""),
        "began": began,
        "seconds": ended - began,
        "status": given.get("status", {}).get("message", ""),
        "attributes": attributes,
    }


def _seconds(time: str) -> float:
    """Seconds since the epoch; a time has nanoseconds, of which Python reads the first six digits."""
    head, _, rest = time.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}.{rest[:6] or '0'}+00:00").timestamp()


def _json_lines(path: Path, request: str) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        text = file.read().decode("utf-8", "replace")
    found = []
    for line in text.splitlines():
        if request in line and line.startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if value.get("request_id") == request:
                found.append(value)
    return found
