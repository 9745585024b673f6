"""Structured logs: one JSON object a line, as Cloud Logging reads them.

An event is a name and numbers. Question text, document text, tokens and e-mail addresses are never
logged; a person appears as a pseudonym. What an exception says may quote what somebody wrote, so its
type and place are logged and its words are not, unless they are ours. What libraries log comes as their own
constant sentence, without what they would put into it.

The special fields are those of https://cloud.google.com/logging/docs/structured-logging.
"""

import hashlib
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from functools import cache
from typing import Any

import structlog

from shared.errors import AppError
from shared.observing import spans
from shared.settings import project_id

_SEVERITIES = {
    "critical": "CRITICAL",
    "error": "ERROR",
    "warning": "WARNING",
    "info": "INFO",
    "debug": "DEBUG",
}
_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_TOKENS = ("eyJ", "ya29.", "GOCSPX-", "1//0")
_TOKEN = re.compile(rf"\b(?:{'|'.join(map(re.escape, _TOKENS))})[\w.~/+-]{{8,}}")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_SPEECHLESS = frozenset((int, float, bool, type(None)))
"""Values that can hold no text."""
_Event = structlog.typing.EventDict


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


def redacted(value: object) -> object:
    """The value, with e-mail addresses and tokens in its texts blotted out: a second line of defence."""
    match value:
        case str():
            # most texts have nothing that either could begin with, and looking for that costs next to nothing
            plain = _ADDRESS.sub("[address]", value) if "@" in value else value
            return _TOKEN.sub("[token]", plain) if any(one in plain for one in _TOKENS) else plain
        case dict():
            return {str(redacted(key)): redacted(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redacted(one) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return type(value).__name__


def take_over() -> None:
    """Let warnings and errors of libraries come out as lines like ours, and nothing else of theirs."""
    root = logging.getLogger()
    kept = [one for one in root.handlers if type(one) is not logging.StreamHandler]
    if not any(isinstance(one, _Handler) for one in kept):
        kept.append(_Handler(logging.WARNING))
    root.handlers[:] = kept
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        # servers keep handlers of their own, which print addresses with their queries
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in ("uvicorn", "gunicorn"):
            logger.handlers[:], logger.propagate = [], True


class _Handler(logging.Handler):
    """Prints a library's record as a line of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the template, not what was put into it; both only if they are text."""
        event: dict[str, Any] = {"logger": record.name, "event": str(record.msg).partition("\n")[0][:300]}
        if record.exc_info and record.exc_info[1] is not None:
            event["exc_info"] = record.exc_info
        method = record.levelname.lower()
        try:
            for step in _processors():
                event = step(None, method, event)
            sys.stdout.write(f"{event}\n")
        except ValueError:
            # stdout was closed: the process is ending
            return


def _traced(_logger: object, _method: str, event: _Event) -> _Event:
    """The fields by which Cloud Logging joins a line to its trace."""
    identity, project = str(event.get("request_id", "")), project_id()
    if project and _TRACE_ID.fullmatch(identity):
        event["logging.googleapis.com/trace"] = f"projects/{project}/traces/{identity}"
        if span := spans.current_span():
            event["logging.googleapis.com/spanId"] = span
            event["logging.googleapis.com/trace_sampled"] = True
    return event


def _timed(_logger: object, _method: str, event: _Event) -> _Event:
    event["time"] = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return event


def _excused(_logger: object, _method: str, event: _Event) -> _Event:
    """An exception as its types and places; Error Reporting groups by `stack_trace`."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if isinstance(given, tuple):
        error = given[1]
    if error is not None:
        event["stack_trace"] = _stack(error)
    return event


def _stack(error: BaseException) -> str:
    """The traceback without local values and without foreign words, causes first as Python prints them."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = f"{_stack(before)}\n\n" if before is not None else ""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    words = f": {error.detail}" if isinstance(error, AppError) else ": (its words are not logged)"
    return f"{earlier}Traceback (most recent call last):\n{frames}{type(error).__qualname__}{words}"


def _severity(_logger: object, method: str, event: _Event) -> _Event:
    event["severity"] = _SEVERITIES.get("error" if method == "exception" else method, "DEFAULT")
    event["message"] = event.pop("event", "")
    return event


def _safe(_logger: object, _method: str, event: _Event) -> _Event:
    return {name: value if type(value) in _SPEECHLESS else redacted(value) for name, value in event.items()}


def _noted(_logger: object, _method: str, event: _Event) -> _Event:
    """Whoever counts events hears of it."""
    spans.note(str(event["message"]), {name: value for name, value in event.items() if name != "stack_trace"})
    return event


@cache
def _processors() -> tuple[Any, ...]:
    return (
        structlog.contextvars.merge_contextvars,
        _traced,
        _timed,
        _excused,
        _severity,
        _safe,
        _noted,
        structlog.processors.JSONRenderer(),
    )


@cache
def _configure() -> None:
    structlog.configure(
        processors=list(_processors()),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
