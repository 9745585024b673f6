"""From the request id on the page to everything that is known of the request."""

import time
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.timeout(600)

_OTHERS = ("functions", "signin")
"""Services whose calls have no span of ours: what passes the gateway, and the browser's own."""
ALICE, CAROL = "alice@example.com", "carol@partner.example"


def told(stack: Stack, what: str, request: str) -> list[dict[str, Any]]:
    """What the control page has of a request."""
    answer = httpx.get(
        f"{stack.base}/local/control/{what}", params={"request": request}, timeout=30, trust_env=False
    )
    (found,) = answer.json().values()
    return list(found)


def spans_of_all(stack: Stack, request: str) -> list[dict[str, Any]]:
    """The spans of a request, when chat and whatever it called have told theirs, each in its own time."""
    deadline = time.monotonic() + 120
    while True:
        spans, calls = told(stack, "spans", request), told(stack, "traces", request)
        whole = any(one["kind"] == "SERVER" and one["function"] == "chat" for one in spans)
        if whole and {one["method"] for one in calls if one["service"] not in _OTHERS} <= hops_of(spans):
            return spans
        assert time.monotonic() < deadline, (spans, calls)
        time.sleep(0.1)


def hops_of(spans: list[dict[str, Any]]) -> set[str]:
    """The methods that were called."""
    return {span["name"].partition("/")[2] for span in spans if span["kind"] == "CLIENT"}


def test_an_answers_request_id_leads_to_its_lines_spans_and_hops(stack: Stack) -> None:
    """A span for each call that the services saw, below the request's own; one line that sums it up."""
    # a question that no other test asks: a kept vector or answer would save hops
    request = stack.ask(ALICE, "What are the core hours, please?").body["request_id"]
    spans = spans_of_all(stack, request)
    (root,) = (span for span in spans if span["kind"] == "SERVER" and span["function"] == "chat")
    assert root["name"] == "POST /chat"
    assert {"predict", "FindNeighbors", "streamGenerateContent", "BatchGetDocuments"} <= hops_of(spans)
    (line,) = (one for one in told(stack, "logs", request) if one.get("route") == "/chat")
    assert (line["message"], line["status"]) == ("request.finished", 200)
    with stack.client(ALICE) as admin:
        found = admin.get(f"/stats/requests/{request}").json()
        assert [one["request_id"] for one in found["questions"]] == [request]
        assert found["trace"] == f"{stack.base}/local/control/?request={request}"
        assert admin.get(found["logs"]).json()["lines"]


def test_a_denial_leads_to_its_audit_entry(stack: Stack) -> None:
    """Carol is told an id with her refusal; Alice finds in it what was denied, and no name."""
    with stack.client(CAROL) as carol:
        refused = carol.get("/stats")
    assert refused.status_code == 403
    with stack.client(ALICE) as admin:
        answer = admin.get(f"/stats/requests/{refused.json()['request_id']}")
    assert [entry["event"] for entry in answer.json()["audit"]] == ["permission.denied"]
    assert CAROL not in answer.text


def test_everything_on_this_machine_is_well(stack: Stack) -> None:
    """Each dependency answers its probe, and the metrics say so."""
    answer = httpx.get(f"{stack.base}/health", timeout=30, trust_env=False).json()
    assert answer["status"] == "ok", answer
    assert [one["name"] for one in answer["checks"]] == [
        "database",
        "session keys",
        "sign-in",
        "model",
        "index",
        "drive",
        "queue",
    ]
    with stack.client(ALICE) as admin:
        metrics = admin.get("/metrics").text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
    }
    assert found["docent_up", "index"] == 1
    assert found["docent_files", "indexed"] > 0
    for name in ("docent_ingest_lag_seconds", "docent_queue_depth", "docent_cost_dollars_today"):
        assert (name,) in found
    assert found["docent_used_today", "gemini-embedding-001:token"] > 0
