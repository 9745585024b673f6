"""Spans and log lines of a request, as the control page has them."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.runner.spans import KEPT, Spans

pytestmark = pytest.mark.source(
    "https://cloud.google.com/trace/docs/reference/v2/rest/v2/projects.traces/batchWrite"
)

TRACE, OTHER = "a" * 32, "b" * 32


def span(trace: str = TRACE, number: int = 1, **changes: Any) -> dict[str, Any]:
    """A span as the API takes it."""
    name = f"{number:016x}"
    return {
        "name": f"projects/p/traces/{trace}/spans/{name}",
        "spanId": name,
        "displayName": {"value": "firestore/Commit"},
        "startTime": f"2026-11-22T10:00:{number % 60:02d}.500000123Z",
        "endTime": f"2026-11-22T10:00:{number % 60:02d}.750000123Z",
        "spanKind": "CLIENT",
        "attributes": {"attributeMap": {"service.name": {"stringValue": {"value": "chat"}}}},
    } | changes


def test_spans_come_back_by_request_in_their_order() -> None:
    """With times in seconds, and the function that wrote them."""
    kept = Spans()
    answer = kept.write({"spans": [span(number=2), span(OTHER, 3), span(number=1)]})
    assert answer.status_code == 200
    first, second = kept.of(TRACE)
    assert (first["id"], second["id"]) == (f"{1:016x}", f"{2:016x}")
    assert (first["function"], first["seconds"]) == ("chat", pytest.approx(0.25))
    assert len(kept.of("")) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "projects/p/traces/short/spans/1"},
        {"spanId": "f" * 16},
        {"startTime": "yesterday"},
        {"endTime": None},
        {"displayName": {}},
    ],
)
def test_one_bad_span_and_none_is_kept(wrong: dict[str, Any]) -> None:
    """400 with Google's error body."""
    kept = Spans()
    answer = kept.write({"spans": [span(), span() | wrong]})
    assert answer.status_code == 400
    assert json.loads(bytes(answer.body))["error"]["status"] == "INVALID_ARGUMENT"
    assert kept.of("") == []


def test_only_the_newest_are_kept() -> None:
    """However long it runs, memory is bounded."""
    kept = Spans()
    for start in range(0, KEPT + 1000, 1000):
        kept.write({"spans": [span(number=start + one) for one in range(1000)]})
    assert len(kept.of("")) == KEPT


def test_lines_of_a_request_are_found_in_all_logs(tmp_path: Path) -> None:
    """In the order of time, with the function's name; what only mentions the id is passed over."""
    (tmp_path / "chat.log").write_text(
        f'{{"request_id": "{TRACE}", "time": "2", "message": "b"}}\nnoise {TRACE}\n{{"broken {TRACE}\n'
    )
    (tmp_path / "auth.log").write_text(
        f'{{"request_id": "{TRACE}", "time": "1", "message": "a"}}\n'
        f'{{"request_id": "{OTHER}", "of": "{TRACE}", "message": "c"}}\n'
    )
    found = Spans(tmp_path).lines(TRACE)
    assert [(line["function"], line["message"]) for line in found] == [("auth", "a"), ("chat", "b")]
    assert Spans(tmp_path).lines("") == []
