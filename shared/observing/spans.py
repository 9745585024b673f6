"""What a request spends its time on: spans and calls of Google, in the words of OpenTelemetry.

A Trace belongs to one request and travels in its context, so whoever does a part of the work finds it.
Outside a request nothing is recorded. Names and ids are W3C Trace Context's; kinds and attributes
follow OpenTelemetry's semantic conventions (docs/decisions/015-spans-of-our-own.md).
"""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["SERVER", "CLIENT", "INTERNAL"]
MOST_SPANS = 400
"""Spans kept of one request; a task that makes thousands of calls counts the rest without telling each."""


@dataclass(slots=True)
class Span:
    """One stretch of work. Times are nanoseconds since 1970; `ended` is 0 while it goes on.

    `status` is "" for success, else a gRPC code's name, an HTTP status or an exception's type: never a text.
    """

    name: str
    id: str
    parent: str
    kind: Kind
    began: int
    ended: int = 0
    status: str = ""
    attributes: dict[str, str | int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return ((self.ended or time.time_ns()) - self.began) / 1e9

    def end(self, status: str = "") -> None:
        """Note that it is over; the first word counts."""
        if not self.ended:
            self.ended, self.status = time.time_ns(), status


@dataclass(slots=True)
class Call(Span):
    """A call of one of Google's services: a hop."""

    service: str = ""
    method: str = ""


@dataclass(slots=True)
class Trace:
    """What one request did. `id` is the request id; `parent` the span of whoever sent it, or ""."""

    id: str
    parent: str = ""
    sampled: bool = True
    spans: list[Span] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    """Seconds from the beginning to the first time that something happened, by its name."""
    events: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    """What was logged: names and numbers."""

    @property
    def root(self) -> Span:
        """The span of the request itself."""
        return self.spans[0]

    def start(self, span: Span) -> Span:
        """Keep a span, unless there are too many already."""
        if len(self.spans) < MOST_SPANS:
            self.spans.append(span)
        return span

    def mark(self, name: str) -> None:
        """Note when something happened for the first time."""
        self.marks.setdefault(name, self.root.seconds)

    def finish(self, status: str = "") -> None:
        """End the request and whatever of it never ended."""
        for span in self.spans[1:]:
            span.end("unfinished")
        self.root.end(status)


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_parent: ContextVar[str] = ContextVar("parent", default="")


def current() -> Trace | None:
    """The trace of the request that this code works for, or None."""
    return _trace.get()


def current_span() -> str:
    """The id of the span that this code runs in, "" outside a request."""
    return _parent.get() if _trace.get() is not None else ""


def begin(name: str, trace_id: str, parent: str = "", *, sampled: bool = True) -> Trace:
    """Record what runs in this context from now on as the request `trace_id`."""
    trace = Trace(trace_id, parent, sampled)
    root = trace.start(Span(name, new_id(), parent, "SERVER", time.time_ns()))
    _trace.set(trace)
    _parent.set(root.id)
    return trace


def forget() -> None:
    """Record nothing in this context from now on: for work that outlives its request."""
    _trace.set(None)


@contextmanager
def span(name: str, **attributes: str | int) -> Iterator[None]:
    """A stretch of our own work, around the calls that it makes."""
    trace = _trace.get()
    if trace is None:
        yield
        return
    made = Span(name, new_id(), _parent.get(), "INTERNAL", time.time_ns(), attributes=attributes)
    trace.start(made)
    before = _parent.set(made.id)
    try:
        yield
    except BaseException as error:
        made.end(type(error).__name__)
        raise
    finally:
        made.end()
        _parent.reset(before)


def call(service: str, method: str) -> Call | None:
    """A call of Google that begins now, to be ended by whoever hears its answer; None outside a request."""
    trace = _trace.get()
    if trace is None:
        return None
    attributes: dict[str, str | int] = {"rpc.service": service, "rpc.method": method}
    name = f"{service}/{method}"
    made = Call(name, new_id(), _parent.get(), "CLIENT", time.time_ns(), 0, "", attributes, service, method)
    trace.calls.append(made)
    trace.start(made)
    return made


def mark(name: str) -> None:
    """Note when something happened for the first time in this request."""
    trace = _trace.get()
    if trace is not None:
        trace.mark(name)


def note(event: str, fields: Mapping[str, object]) -> None:
    """Note an event of this request, for whoever counts events."""
    trace = _trace.get()
    if trace is not None:
        trace.events.append((event, fields))


def facts() -> dict[str, str | float]:
    """What is known of this request so far, for whoever keeps what came of it: its id and its seconds."""
    trace = _trace.get()
    if trace is None:
        return {}
    told: dict[str, str | float] = {"request_id": trace.id, "seconds": trace.root.seconds}
    return told | {f"{name}_seconds": seconds for name, seconds in trace.marks.items()}


def new_id() -> str:
    """The id of a span; no secret, and made too often to ask the system for each."""
    return f"{random.getrandbits(64):016x}"
