"""What can be seen of the running functions, by whom, and what cannot."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.control.faults import Fault
from tests.functions.running import ADMIN, PROJECT, Running, SignedIn, subject_of

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
QUESTION = "What does the Zanzibar contract say of salaries?"


@pytest.fixture
def question(docent: Running) -> Iterator[str]:
    """A question of Alice's that had no answer, with a down-vote; its request's id."""
    request_id, now = secrets.token_hex(16), datetime.now(UTC)
    conversation = docent.database.document("conversations/zanzibar")
    conversation.set({"subject": subject_of("alice@example.com"), "updated_at": now})
    message = conversation.collection("messages").document("m1")
    message.set(
        {
            "asked_at": now,
            "question": QUESTION,
            "answer": "Text of a document that the administrator may not read.",
            "declined": True,
            "sources": [{"file_id": "f1", "chunk_id": "f1.1"}],
            "request_id": request_id,
            "seconds": 2.5,
            "usage": {"model": "gemini-3.5-flash-lite", "prompt_tokens": 1000, "output_tokens": 100},
        }
    )
    opinion = docent.database.document("feedback/m1")
    opinion.set(
        {
            "subject": subject_of("alice@example.com"),
            "conversation_id": "zanzibar",
            "rating": "down",
            "comment": "It is in the contract.",
            "at": now,
        }
    )
    yield request_id
    for document in (message, conversation, opinion):
        document.delete()


def lines(docent: Running) -> list[dict[str, Any]]:
    """All log lines of the functions."""
    return [json.loads(line) for line in docent.logs().splitlines() if line.startswith("{")]


def lines_of(docent: Running, request_id: str) -> list[dict[str, Any]]:
    """Those of one request."""
    return [line for line in lines(docent) if line.get("request_id") == request_id]


def within(seconds: float, look: Callable[[], bool]) -> bool:
    """Whether something becomes so in time."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def events(docent: Running, admin: SignedIn, **query: Any) -> list[dict[str, Any]]:
    """The newest entries of the audit trail."""
    answer = docent.send("health", "/audit", headers=admin.bearer, params=query)
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def test_a_request_id_leads_to_its_log_lines_trace_and_audit_entries(
    docent: Running, alice: SignedIn, admin: SignedIn
) -> None:
    """Alice is refused something and told an id; from it alone an administrator finds all three."""
    refused = docent.send("health", "/stats", headers=alice.bearer)
    request_id = refused.json()["request_id"]
    assert refused.headers["x-request-id"] == request_id
    told = {"request.refused", "request.finished"}  # the last line is written after the answer
    assert within(10, lambda: told <= {line["message"] for line in lines_of(docent, request_id)})
    mine = lines_of(docent, request_id)
    (finished,) = (line for line in mine if line.get("route") == "/stats")
    assert finished | {"status": 403, "method": "GET", "severity": "INFO"} == finished
    assert finished["hops"] >= 1
    assert {line["logging.googleapis.com/trace"] for line in mine} == {
        f"projects/{PROJECT}/traces/{request_id}"
    }
    hops = {one.method for one in docent.firestore.control.traces if one.request == request_id}
    assert "BatchGetDocuments" in hops
    found = docent.send("health", f"/stats/requests/{request_id}", headers=admin.bearer).json()
    assert [entry["event"] for entry in found["audit"]] == ["permission.denied"]
    assert found["logs"].startswith("https://console.cloud.google.com/logs/query")
    assert request_id in found["logs"]
    assert request_id in found["trace"]


def test_a_front_ends_trace_is_the_requests(docent: Running, alice: SignedIn) -> None:
    """The id that Google's front end gave is the one in the answer, the logs and the calls of Firestore."""
    trace = secrets.token_hex(16)
    headers = alice.bearer | {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    assert docent.send("auth", "/auth/sessions", headers=headers).headers["x-request-id"] == trace
    assert within(10, lambda: bool(lines_of(docent, trace)))
    assert any(call.request == trace for call in docent.firestore.control.traces)


@pytest.mark.usefixtures("question")
def test_a_whole_runs_logs_hold_no_words_of_anybodys(
    docent: Running, alice: SignedIn, admin: SignedIn
) -> None:
    """Whatever is asked, in bodies, paths, queries and headers: one JSON object a line, and none of it."""
    secret = "Zanzibar contract"
    requests = [
        ("chat", "/chat", "POST", {"json": {"message": QUESTION}, "headers": alice.bearer}),
        ("chat", "/chat", "POST", {"content": f"{{{secret}", "headers": alice.bearer}),
        ("chat", f"/files/{secret}/access", "GET", {"headers": alice.bearer}),
        ("chat", "/files/f/access?person=carol@partner.example", "GET", {"headers": admin.bearer}),
        ("auth", f"/auth/login?return_to=/{secret}", "GET", {}),
        ("auth", "/auth/callback?code=abc&state=alice@example.com", "GET", {}),
        ("auth", "/nowhere/alice@example.com", "GET", {"headers": alice.cookie}),
        ("ingest", "/ingest/files/alice@example.com/reindex", "POST", {"headers": admin.bearer}),
        ("health", "/stats/questions?kind=unanswered", "GET", {"headers": admin.bearer}),
        ("health", "/stats/feedback", "GET", {"headers": admin.bearer}),
        ("health", "/audit?person=alice@example.com", "GET", {"headers": admin.bearer}),
    ]
    with docent.failing(method="RunQuery", status="INTERNAL"):
        for function, path, method, options in requests:
            docent.send(function, path, method, **options)
    for function, path, method, options in requests:
        docent.send(function, path, method, **options)
    printed = docent.logs()
    for words in (secret, QUESTION, alice.access, alice.refresh, admin.access, "It is in the contract"):
        assert words not in printed
    assert not ADDRESS.findall(printed)
    for line in lines(docent):
        assert {"severity", "message", "time", "logger"} <= set(line), line
    assert not [line for line in printed.splitlines() if line and not line.startswith("{")]


def test_metrics_add_up_over_functions(docent: Running, alice: SignedIn, admin: SignedIn) -> None:
    """What auth and chat answered is told by health, as OpenMetrics, after a few seconds."""
    wanted = {
        'docent_requests_total{function="auth",route="/auth/sessions",method="GET",status="200"}': 3,
        'docent_requests_total{function="chat",route="/collections",method="GET",status="401"}': 2,
    }

    def told() -> dict[str, float]:
        answer = docent.send("health", "/metrics", headers=admin.bearer)
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        rows = [row.rsplit(" ", 1) for row in answer.text.splitlines() if not row.startswith("#")]
        return {name: float(value) for name, value in rows}

    before = told()
    for _ in range(3):
        docent.send("auth", "/auth/sessions", headers=alice.bearer)
    for _ in range(2):
        docent.send("chat", "/collections")

    def arrived() -> bool:
        now = told()
        return all(now.get(name, 0) - before.get(name, 0) >= count for name, count in wanted.items())

    assert within(20, arrived)
    now = told()
    assert now['docent_up{dependency="database"}'] == 1
    assert now['docent_up{dependency="queue"}'] == 0
    assert now['docent_access_denials_total{code="not-signed-in"}'] >= 2
    assert now['docent_hop_duration_seconds_count{service="firestore"}'] > 0
    assert "docent_queue_depth" in now
    stats = docent.send("health", "/stats", headers=admin.bearer).json()
    assert stats["access_denials"] >= 2


def test_health_tells_what_is_ill_and_names_nobody(docent: Running) -> None:
    """A stranger hears which dependency and how slow; no project, host, person, file or collection."""
    docent.database.document("collections/payroll").set({"name": "Payroll", "folder_id": "root"})
    answer = docent.send("health", "/health")
    found = {one["name"]: one for one in answer.json()["checks"]}
    assert found["database"]["ok"]
    assert found["session keys"]["ok"]
    assert found["sign-in"]["ok"]
    assert (found["queue"]["ok"], found["queue"]["fault"]) == (False, "unreachable")
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    for name in (PROJECT, "127.0.0.1", "Payroll", "payroll", "example.com"):
        assert name not in answer.text
    docent.database.document("collections/payroll").delete()


def test_a_slow_database_is_called_slow_in_time(docent: Running) -> None:
    """The answer comes after the deadline and says which dependency it waited for; liveness does not wait."""
    docent.firestore.control.faults = [Fault(times=0, delay=4.0)]
    try:
        assert docent.send("health", "/health/live").json() == {"status": "alive"}
        # A busy machine may make any of them slow for a moment; for good it is the database alone.
        assert within(40, lambda: _faults(docent) == {"database": "slow", "session keys": "", "sign-in": ""})
    finally:
        docent.firestore.control.faults = []


def _faults(docent: Running) -> dict[str, str]:
    told = ("database", "session keys", "sign-in")
    checks = docent.send("health", "/health").json()["checks"]
    return {one["name"]: one["fault"] for one in checks if one["name"] in told}


def test_questions_are_looked_at_without_who_asked(docent: Running, admin: SignedIn, question: str) -> None:
    """The administrator sees the question, its cost and its request; neither the asker nor the answer."""
    for kind in ("unanswered", "slowest", "dearest"):
        answer = docent.send(
            "health", "/stats/questions", headers=admin.bearer, params={"kind": kind, "limit": 1}
        )
        (found,) = answer.json()["questions"]
        assert (found["question"], found["request_id"]) == (QUESTION, question)
        assert found["cost_dollars"] == pytest.approx(0.00055, abs=0.00005)
        for hidden in (subject_of("alice@example.com"), "alice", "Text of a document", "zanzibar"):
            assert hidden not in answer.text
    newest = events(docent, admin, event="questions.read", limit=1)[0]
    assert newest["details"] == {"kind": "dearest"}


@pytest.mark.usefixtures("question")
def test_down_votes_become_cases(docent: Running, admin: SignedIn) -> None:
    """A line a vote, as benchmark sets have them: visible to whoever asked, by the trail's name for them."""
    listed = docent.send("health", "/stats/feedback?rating=down", headers=admin.bearer).json()
    assert [one["comment"] for one in listed["feedback"]] == ["It is in the contract."]
    answer = docent.send("health", "/stats/feedback/cases", headers=admin.bearer)
    (case,) = [json.loads(line) for line in answer.text.splitlines()]
    assert (case["id"], case["question"], case["cited"]) == ("m1", QUESTION, ["f1"])
    assert re.fullmatch(r"[0-9a-f]{20}", *case["visible_to"])
    assert "Text of a document" not in answer.text
    assert events(docent, admin, limit=1)[0]["event"] == "feedback.exported"


@pytest.mark.usefixtures("alice")
def test_limits_are_set_for_one_person_and_recorded(docent: Running, admin: SignedIn) -> None:
    """The administrator sees what everybody spent and gives Alice limits of her own; it is in the trail."""
    subject = subject_of("alice@example.com")
    people = docent.send("health", "/stats/people", headers=admin.bearer).json()["people"]
    assert {ADMIN, "alice@example.com"} <= {one["email"] for one in people}
    path = f"/stats/people/{subject}"
    change = {"minute": 3, "budget_dollars": 1.5}
    assert docent.send("health", path, "PATCH", headers=admin.bearer, json=change).status_code == 204
    stored = docent.database.collection("rate_limits").document(subject).get().to_dict()
    assert (stored["set_minute"], stored["set_budget"]) == (3, 1_500_000)
    people = docent.send("health", "/stats/people", headers=admin.bearer).json()["people"]
    (own,) = (one["limits"] for one in people if one["subject"] == subject)
    assert own == {"minute": 3, "hour": None, "day": None, "budget_dollars": 1.5}
    entry = events(docent, admin, event="limits.changed", limit=1)[0]
    assert entry["details"] == {"minute": 3, "budget": 1_500_000}
    nobody = docent.send("health", "/stats/people/nobody", "PATCH", headers=admin.bearer, json=change)
    assert nobody.status_code == 404
    docent.send("health", path, "PATCH", headers=admin.bearer, json={"minute": 0, "budget_dollars": 0})


def test_limits_and_days_are_told(docent: Running, admin: SignedIn) -> None:
    """Rates by tier with what is left for everybody, budgets, and each of the last 30 days."""
    found = docent.send("health", "/stats/limits", headers=admin.bearer).json()
    assert found["enabled"]
    assert {"window": "minute", "most": 10} in found["tiers"]["standard"]
    (minute,) = (one for one in found["organisation"] if one["window"] == "minute")
    assert (minute["most"], minute["left"] <= 600) == (600, True)
    assert found["budgets"]["person"] is None
    days = docent.send("health", "/cost/summary", headers=admin.bearer).json()["days"]
    assert (len(days), days[-1]["day"]) == (30, datetime.now(UTC).date().isoformat())


@pytest.mark.parametrize(
    "path",
    [
        "/stats/questions",
        "/stats/questions?kind=all",
        "/stats/questions?kind=slowest&days=0",
        "/stats/questions?kind=slowest&limit=201",
        "/stats/questions?kind=slowest&cursor=x",
        "/stats/feedback?rating=sideways",
        "/stats/feedback?cursor=yesterday",
        "/stats/people?limit=0",
        "/stats/requests/1234",
        "/stats/requests/..%2F..%2Fusers",
    ],
)
def test_what_makes_no_sense_is_refused(docent: Running, admin: SignedIn, path: str) -> None:
    """A problem that names the parameter, and nothing looked up."""
    answer = docent.send("health", path, headers=admin.bearer)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/metrics"),
        ("GET", "/stats"),
        ("GET", "/stats/questions?kind=slowest"),
        ("GET", "/stats/feedback"),
        ("GET", "/stats/feedback/cases"),
        ("GET", "/stats/people"),
        ("GET", "/stats/limits"),
        ("PATCH", "/stats/people/1"),
        ("GET", f"/stats/requests/{'a' * 32}"),
    ],
)
def test_nobody_but_administrators_looks(docent: Running, alice: SignedIn, method: str, path: str) -> None:
    """403 for Alice on each."""
    assert docent.send("health", path, method, headers=alice.bearer, json={}).status_code == 403


@pytest.fixture
def spent(docent: Running) -> Iterator[None]:
    """Of a budget of 1,000 dollars a month 850 are gone."""
    now = datetime.now(UTC)
    month = now.year * 12 + now.month
    page = docent.database.document("rate_limits/organisation.0")
    before = page.get().to_dict()
    page.set({f"money_{month % 2}": (month << 36) + 850_000_000}, merge=True)
    shard = docent.database.document(f"usage_days/{now:%Y-%m-%d}.2")
    kept = shard.get().to_dict()
    shard.set({"day": f"{now:%Y-%m-%d}", "cost": 850_000_000_000, "saved": 0})
    yield
    for document, values in ((page, before), (shard, kept)):
        document.delete()
        if values:
            document.set(values)


@pytest.mark.usefixtures("spent")
def test_a_budget_that_is_nearly_spent_is_announced(
    docent: Running, alice: SignedIn, admin: SignedIn
) -> None:
    """At 85 % the next question leaves a warning in the log, once, and the administrator is told."""
    for _ in range(2):
        docent.send("chat", "/chat", "POST", headers=alice.bearer, json={"message": "Is there money?"})

    def warned() -> list[dict[str, Any]]:
        return [line for line in lines(docent) if line["message"] == "budget.warned"]

    assert within(10, lambda: bool(warned()))
    (line,) = warned()
    assert (line["severity"], line["budget"], line["share"]) == ("WARNING", "organisation", 0.85)
    summary = docent.send("health", "/cost/summary", headers=admin.bearer).json()
    assert summary["budget"] == {"state": "warned", "share": pytest.approx(0.85, abs=0.01)}
