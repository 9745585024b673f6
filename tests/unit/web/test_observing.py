"""Each request leaves a record: a span, a line, numbers; whatever becomes of it."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared import log
from shared.models import Person
from shared.observing import spans
from shared.observing.reporter import Reporter
from shared.observing.spans import Trace
from shared.web.app import make_app
from shared.web.guard import Access, Guard, route
from shared.web.sse import Event, event_stream

SENDER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Recorder(Reporter):
    """Keeps what is finished."""

    def __init__(self) -> None:
        super().__init__("test")
        self.traces: list[Trace] = []

    def finished(self, trace: Trace) -> None:
        """Keep."""
        self.traces.append(trace)


@dataclass
class Services:
    """Services that are observed."""

    reporter: Reporter | None = field(default_factory=Recorder)


class Nobody:
    """No sessions."""

    async def person(self, token: str) -> Person:
        """Never asked."""
        raise NotImplementedError(token)


async def _calls(_: Request) -> Response:
    for service in ("firestore", "vertex"):
        made = spans.call(service, "Do")
        assert made is not None
        made.end()
    unfinished = spans.call("drive", "files.get")
    assert unfinished is not None
    return JSONResponse({})


async def _fails(_: Request) -> Response:
    raise RuntimeError("What does Alice earn?")


async def _streams(_: Request) -> Response:
    async def events() -> AsyncIterator[Event]:
        yield Event("meta", {})
        yield Event("token", {"text": "a"})
        yield Event("token", {"text": "b"})

    return event_stream(events())


ROUTES = [
    route("/things/{id}", _calls, access=Access.PUBLIC),
    route("/fails", _fails, access=Access.PUBLIC),
    route("/streams", _streams, access=Access.PUBLIC),
    route("/health/live", _calls, access=Access.PUBLIC),
]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """What is recorded; nothing after the test."""
    yield Recorder()
    spans.forget()
    log.unbind_all()


@pytest.fixture
async def client(recorder: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that is observed."""
    app = make_app(ROUTES, Services(recorder), Guard(Nobody()))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://docent"
    ) as made:
        yield made


async def test_a_request_is_a_span_over_its_calls(
    client: httpx.AsyncClient, recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named by method and route, never by path; below the sender's span; one line sums it up."""
    answer = await client.get("/things/alice@example.com", headers={"traceparent": SENDER})
    (trace,) = recorder.traces
    assert (trace.id, trace.root.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert answer.headers["x-request-id"] == trace.id
    assert trace.root.name == "GET /things/{id}"
    assert [(call.service, call.parent, call.status) for call in trace.calls] == [
        ("firestore", trace.root.id, ""),
        ("vertex", trace.root.id, ""),
        ("drive", trace.root.id, "unfinished"),
    ]
    printed = capsys.readouterr().out
    (line,) = [json.loads(one) for one in printed.splitlines()]
    told = {"message": "request.finished", "route": "/things/{id}", "status": 200, "hops": 3}
    assert line | told == line
    assert "alice" not in printed


async def test_a_failure_is_a_failed_span(client: httpx.AsyncClient, recorder: Recorder) -> None:
    """Its status is told, its words are not."""
    await client.get("/fails")
    (trace,) = recorder.traces
    assert trace.root.status == "500"
    assert trace.root.attributes["http.response.status_code"] == 500
    assert "Alice" not in repr(trace)


async def test_the_first_words_are_timed(client: httpx.AsyncClient, recorder: Recorder) -> None:
    """Of a stream that answers; of nothing else."""
    await client.get("/streams")
    await client.get("/things/1")
    streamed, plain = recorder.traces
    assert 0 < streamed.marks["first_token"] <= streamed.root.seconds
    assert not plain.marks


async def test_a_sender_who_samples_nothing_is_heard(client: httpx.AsyncClient, recorder: Recorder) -> None:
    """Without a header everything is kept."""
    await client.get("/things/1", headers={"traceparent": SENDER.removesuffix("01") + "00"})
    await client.get("/things/1")
    await client.get("/things/1", headers={"traceparent": "nonsense"})
    assert [trace.sampled for trace in recorder.traces] == [False, True, True]


async def test_liveness_says_nothing(client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    """A route that is asked every few seconds fills no log."""
    await client.get("/health/live")
    assert capsys.readouterr().out == ""


async def test_requests_side_by_side_keep_their_own(client: httpx.AsyncClient, recorder: Recorder) -> None:
    """What one calls is not in the trace of another, and nothing is left when they are over."""
    import anyio

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(client.get, "/things/1")
    assert [len(trace.calls) for trace in recorder.traces] == [3] * 20
    assert len({trace.id for trace in recorder.traces}) == 20
    assert spans.current() is None
