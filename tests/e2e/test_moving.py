"""A collection is exported, removed and imported again, and answers as before."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import CHECKOUT
from tests.e2e.test_degraded import until

pytestmark = pytest.mark.timeout(600)

QUESTIONS = [
    json.loads(line)["question"]
    for line in (CHECKOUT / "local" / "demo" / "questions.jsonl").read_text("utf-8").splitlines()[:6]
]


def told(alice: httpx.Client, question: str) -> tuple[str, list[dict[str, Any]]]:
    """An answer and its sources."""
    answer = alice.post("/chat", json={"message": question}).raise_for_status().json()
    return answer["answer"], answer["sources"]


def carried_out(alice: httpx.Client, path: str, body: dict[str, str]) -> dict[str, Any]:
    """An export or import, when it is done."""
    begun = alice.post(path, json=body).raise_for_status().json()["transfer"]

    def found() -> dict[str, Any]:
        return dict(alice.get(f"/ingest/transfers/{begun['id']}").json()["transfer"])

    assert until(lambda: found()["ended_at"] is not None)
    assert found()["state"] == "done"
    return found()


def test_exported_removed_and_imported_it_answers_the_same(
    make_stack: Callable[..., Any], read_in: Path
) -> None:
    """In between it answers nothing; it comes back without an embedding, each answer and source as before."""
    stack = make_stack(snapshot=read_in)
    stack.start()
    with stack.client("alice@example.com") as alice:
        before = [told(alice, question) for question in QUESTIONS]
        assert all(sources for _, sources in before)
        exported = carried_out(alice, "/ingest/export", {"collection": "main"})
        assert alice.delete("/collections/main").status_code == 202
        assert until(lambda: alice.get("/ingest/status").json()["collections"] == [])
        assert [told(alice, f"{question} ")[1] for question in QUESTIONS] == [[]] * len(QUESTIONS)
        embedded = stack.calls()["vertex"]["texts_embedded"]
        imported = carried_out(alice, "/ingest/import", {"source": exported["location"]})
        assert imported["chunks"] == exported["chunks"] > 0
        assert stack.calls()["vertex"]["texts_embedded"] == embedded
        assert [told(alice, question) for question in QUESTIONS] == before
