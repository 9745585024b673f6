"""Numbers, questions and spans on Google's clients: Firestore with our own indexes, and Cloud Trace's API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.runner.spans import Spans
from local.standin import HttpServer, Options
from local.tasks.server import TasksServer
from shared.answers.interfaces import Feedback, Message
from shared.errors import AppError, Unavailable
from shared.gcp.cloud_trace import CloudTrace
from shared.gcp.firestore_conversations import FirestoreConversations
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_numbers import FirestoreNumbers
from shared.gcp.firestore_questions import FirestoreQuestions
from shared.gcp.probes import GrpcProbe, HttpProbe
from shared.limits.prices import load
from shared.models import Person, Usage
from shared.observing import spans
from shared.observing.questions import Questions
from shared.settings import TracingSettings

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALICE = Person("1234567890", "alice@example.com", "example.com")
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def no_request() -> Any:
    """The test leaves no trace behind."""
    yield
    spans.forget()


async def test_many_processes_add_up(db: Database) -> None:
    """Twenty processes of two functions at once: each series is the sum, whatever its labels look like."""
    series = 'docent_refusals_total{code="a\\"b.c`d"}'
    stores = [FirestoreNumbers(db, 5.0, name) for name in ("chat", "auth") for _ in range(10)]
    await asyncio.gather(*(store.add({series: 1, "docent_hops_total": 0.25}) for store in stores))
    assert dict(await stores[0].sums()) == {series: 20, "docent_hops_total": 5.0}


async def test_more_series_than_a_commit_takes(db: Database) -> None:
    """A thousand series go in several commits."""
    store = FirestoreNumbers(db, 5.0, "chat")
    await store.add({f'docent_answers_total{{outcome="{n}"}}': 1 for n in range(1000)})
    assert sum((await store.sums()).values()) == 1000


async def test_a_failed_addition_is_not_repeated(server: FirestoreServer, db: Database) -> None:
    """It would count twice; whoever adds hears of it."""
    store = FirestoreNumbers(db, 5.0, "chat")
    server.control.faults = [Fault(method="Commit", status="UNAVAILABLE")]
    with pytest.raises(Unavailable):
        await store.add({"docent_answers_total": 1})
    assert server.control.calls["Commit"] == 1


async def ask(db: Database, name: str, age: float, **more: Any) -> None:
    """Alice's question `name`, `age` hours ago."""
    message = Message(
        id=name,
        asked_at=NOW - timedelta(hours=age),
        question=f"What of {name}?",
        answer="The text of a document.",
        sources=[{"file_id": "f1", "chunk_id": "f1.1"}, {"file_id": "f1", "chunk_id": "f1.2"}],
        **{"declined": False, "degraded": False, "usage": Usage()} | more,
    )
    await FirestoreConversations(db, 5.0).append(f"of-{name}", ALICE, message)


@pytest.mark.usefixtures("no_request")
async def test_the_worst_questions_are_found(db: Database) -> None:
    """Unanswered, unsupported, slowest and dearest of all conversations; nobody's name, no answer's text."""
    prices = load()
    trace = spans.begin("POST /chat", TRACE)
    trace.mark("first_token")
    await ask(db, "slow", 1)
    spans.forget()
    await ask(db, "declined", 2, declined=True)
    await ask(db, "dear", 3, usage=Usage(1000, 100, 0, "gemini-3.5-flash-lite"))
    await ask(db, "dearer", 4, usage=Usage(1000, 900, 0, "gemini-3.5-flash-lite"))
    await ask(db, "wrong", 5, unsupported=[{"start": 0, "end": 9}])
    await ask(db, "long ago", 24 * 40, declined=True)
    log = FirestoreQuestions(db, 5.0, prices.cost)
    questions = Questions(log, lambda: NOW)
    found = {
        kind: [one.id for one in await questions.worst(kind, 30)]
        for kind in ("unanswered", "degraded", "unsupported", "slowest", "dearest")
    }
    assert found == {
        "unanswered": ["declined"],
        "degraded": [],
        "unsupported": ["wrong"],
        "slowest": ["slow"],
        "dearest": ["dearer", "dear"],
    }
    (dearest, *_) = await questions.worst("dearest", 30)
    assert dearest.cost == 1000 * 300 + 900 * 2500
    assert dearest.sources == ("f1",)
    shown = repr(await log.since(NOW - timedelta(days=30), 100))
    for hidden in (ALICE.subject, ALICE.email, "The text of a document"):
        assert hidden not in shown


@pytest.mark.usefixtures("no_request")
async def test_a_request_leads_to_its_question(db: Database) -> None:
    """By the request's id, with how long it took to the first words."""
    trace = spans.begin("POST /chat", TRACE)
    trace.mark("first_token")
    await ask(db, "one", 1)
    spans.forget()
    await ask(db, "two", 1)
    (found,) = await FirestoreQuestions(db, 5.0, load().cost).of_request(TRACE)
    assert (found.id, found.request_id) == ("one", TRACE)
    assert found.seconds is not None
    assert found.first_token is not None


async def test_opinions_come_with_their_questions(db: Database) -> None:
    """Newest first, by rating, page by page; of a deleted conversation nothing is left."""
    conversations = FirestoreConversations(db, 5.0)
    for hours, rating in ((1, "down"), (2, "up"), (3, "down")):
        await ask(db, f"q{hours}", hours)
        opinion = Feedback(f"q{hours}", f"of-q{hours}", rating, "why", NOW - timedelta(hours=hours))
        await conversations.rate(ALICE, opinion)
    log = FirestoreQuestions(db, 5.0, load().cost)
    assert [one.message_id for one in await log.opinions("", None, 10)] == ["q1", "q2", "q3"]
    first = await log.opinions("down", None, 1)
    rest = await log.opinions("down", first[0].at, 10)
    assert [one.message_id for one in (*first, *rest)] == ["q1", "q3"]
    await conversations.delete("of-q3")
    assert set(await log.asked([*first, *rest])) == {"q1"}


@pytest.fixture
async def control_page() -> AsyncIterator[tuple[Spans, str]]:
    """What takes spans on a laptop, and its address."""
    kept = Spans()

    async def write(request: Request) -> Response:
        assert Spans.takes(request.url.path)
        return kept.write(await request.json())

    server = HttpServer(Starlette(routes=[Route("/{path:path}", write, methods=["POST"])]))
    yield kept, f"http://127.0.0.1:{await server.start()}"
    await server.stop()


@pytest.mark.usefixtures("no_request")
async def test_a_trace_is_kept_with_its_hops(
    control_page: tuple[Spans, str], server: FirestoreServer, db: Database
) -> None:
    """Root, own work and each call below one another, with times and failures, as the service saw them."""
    kept, url = control_page
    trace = spans.begin("POST /chat", TRACE, "00f067aa0ba902b7")
    with spans.span("search", candidates=100):
        await db.client.document("c/d").get()
    server.control.faults = [Fault(method="RunQuery", status="INTERNAL")]
    with pytest.raises(exceptions.InternalServerError):
        [one async for one in db.client.collection("c").stream(retry=None)]
    while not all(call.ended and call.status for call in trace.calls[1:]):
        await asyncio.sleep(0)
    trace.finish()
    store = CloudTrace("docent-test", TracingSettings(url=url))
    await store.write("chat", [trace])
    await store.close()
    root, search, read, query = kept.of(TRACE)
    assert (root["kind"], root["parent"], root["function"]) == ("SERVER", "00f067aa0ba902b7", "chat")
    assert (search["name"], search["parent"]) == ("search", root["id"])
    assert (read["name"], read["kind"], read["parent"]) == (
        "firestore/BatchGetDocuments",
        "CLIENT",
        search["id"],
    )
    assert (query["name"], query["parent"], query["status"]) == ("firestore/RunQuery", root["id"], "INTERNAL")
    assert root["began"] <= search["began"] <= read["began"]
    assert search["seconds"] <= root["seconds"]
    assert read["seconds"] > 0


@pytest.mark.usefixtures("no_request")
async def test_spans_that_are_refused_are_an_error_of_ours(control_page: tuple[Spans, str]) -> None:
    """What Cloud Trace would not take, and nobody there: AppErrors, nothing kept."""
    kept, url = control_page
    trace = spans.begin("GET /x", "not-an-id")
    trace.finish()
    for address in (url, "http://127.0.0.1:9"):
        store = CloudTrace("p", TracingSettings(url=address))
        with pytest.raises(AppError):
            await store.write("chat", [trace])
        await store.close()
    assert kept.of("") == []


@pytest.mark.parametrize("status", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED"])
async def test_a_probe_tells_a_service_that_is_ill(status: str) -> None:
    """A queue that refuses a stranger is well; one that fails, or is not there, is not."""
    server = TasksServer(Options())
    await server.start()
    probe = GrpcProbe(server.exports()["TASKS_HOST"], "/google.cloud.tasks.v2.CloudTasks/GetQueue")
    await probe()
    server.control.faults = [Fault(status=status)]
    with pytest.raises(Unavailable):
        await probe()
    await probe()
    await server.stop()
    with pytest.raises(Unavailable):
        await probe()


@pytest.mark.parametrize(
    ("status", "ill"), [(200, 0), (307, 0), (401, 0), (404, 0), (501, 0), (429, 1), (503, 1)]
)
async def test_a_probe_over_http_tells_refusals_from_failures(status: int, ill: int) -> None:
    """Who says "you may not" is there; who says "not now" is not well."""

    async def answer(_: Request) -> Response:
        return Response(status_code=status)

    server = HttpServer(Starlette(routes=[Route("/", answer)]))
    probe = HttpProbe(f"http://127.0.0.1:{await server.start()}/")
    with pytest.raises(Unavailable) if ill else nullcontext():
        await probe()
    await probe.close()
    await server.stop()
