"""One call of a service as the control remembers it, and the id of the request that it belongs to."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*")
"""W3C Trace Context, 3.2: version, trace id, parent id, flags."""
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/.*)?")
"""Google's older header: TRACE_ID/SPAN_ID;o=OPTIONS."""
_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass
class Call:
    """A call from its arrival on; `seconds` is None while it is under way."""

    service: str
    method: str
    request: str = ""
    """The trace id or request id that the client sent; empty when it sent none."""
    detail: str = ""
    began: float = field(default_factory=time.time)
    """Seconds since the epoch."""
    seconds: float | None = None
    status: str = ""
    """The gRPC code's name, or the HTTP status."""
    received: int = 0
    sent: int = 0
    """Bytes of messages and bodies, without headers."""
    fault: str = ""
    """What was injected: a status, `drop` or `delay`."""


def request_of(headers: Iterable[tuple[str, str | bytes]]) -> str:
    """The id of the request that a call belongs to, from HTTP headers or gRPC metadata; empty if none.

    traceparent goes before x-cloud-trace-context before x-request-id.
    """
    found = {name: value for name, value in headers if name in _READERS}
    for name, pattern in _READERS.items():
        value = found.get(name, "")
        match = pattern.fullmatch(value if isinstance(value, str) else value.decode("latin-1"))
        if match:
            return match[1] if match.groups() else match[0]
    return ""


_READERS = {"traceparent": _TRACEPARENT, "x-cloud-trace-context": _CLOUD_TRACE, "x-request-id": _ID}
