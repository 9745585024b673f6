"""Structured logs: one JSON object a line, as Cloud Logging reads them.

An event is a name and numbers. Question text, document text, tokens and e-mail addresses are never
logged; a person appears as a pseudonym.
"""

import hashlib
import logging
import sys
from functools import cache
from typing import Any

import structlog

_SEVERITIES = {
    "critical": "CRITICAL",
    "error": "ERROR",
    "warning": "WARNING",
    "info": "INFO",
    "debug": "DEBUG",
}


def _severity(_logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["severity"] = _SEVERITIES.get("error" if method == "exception" else method, "DEFAULT")
    event["message"] = event.pop("event", "")
    return event


@cache
def _configure() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _severity,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> Any:
    """A logger whose lines carry `logger=name` and whatever is bound to the request."""
    _configure()
    return structlog.get_logger().bind(logger=name)


def bind(**values: str) -> None:
    """Add values to every line of the current request."""
    structlog.contextvars.bind_contextvars(**values)


def bound(name: str) -> str:
    """The value that is bound to the current request under this name; empty when there is none."""
    return str(structlog.contextvars.get_contextvars().get(name, ""))


def unbind_all() -> None:
    """Forget what earlier requests bound; called at the start of each."""
    structlog.contextvars.clear_contextvars()


def pseudonym(value: str) -> str:
    """A short stable stand-in for a person or an address in a log line: 12 hex digits of SHA-256."""
    return hashlib.sha256(value.encode()).hexdigest()[:12]
