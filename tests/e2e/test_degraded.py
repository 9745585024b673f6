"""The model down, blocked, limited, out of tokens, cut off, left: over HTTP, by the stand-in's faults."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.timeout(600)

QUESTION = "What may a hotel in Lisbon cost per night?"
STREAM = {"Accept": "text/event-stream"}
MODEL = "*treamGenerateContent"


@pytest.fixture(scope="module")
def alice(stack: Any) -> Iterator[httpx.Client]:
    """Alice, over the sample Drive."""
    with stack.client("alice@example.com") as client:
        yield client


@pytest.fixture
def fault(stack: Any) -> Iterator[Any]:
    """Arms a fault of the model's; all are gone after the test, and so is what the cache kept."""
    control = f"{stack.base}/local/control/faults"

    def arm(**values: object) -> None:
        body = {"service": "vertex", "method": MODEL, "times": 0, **values}
        httpx.post(control, json=body, trust_env=False).raise_for_status()

    yield arm
    httpx.delete(control, trust_env=False).raise_for_status()


def ask(client: httpx.Client, number: int) -> list[tuple[str, Any]]:
    """The events of an answer that no cache holds: white space and a number make it another question."""
    body = {"message": f"{QUESTION} ({number})"}
    events = client.post("/chat", json=body, headers=STREAM).text.strip().split("\n\n")
    lines = [event.split("\n") for event in events if not event.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]


@pytest.mark.parametrize(
    ("number", "values"),
    [
        (1, {"status": "503"}),
        (2, {"status": "429"}),
        (3, {"status": "403"}),
        (4, {"status": "blocked:SAFETY"}),
        (5, {"status": "finish:MAX_TOKENS"}),
        (6, {"status": "finish:SAFETY"}),
        (7, {"status": "cut"}),
        (8, {"drop": True}),
    ],
)
def test_without_the_model_the_best_passages_are_quoted(
    alice: httpx.Client, fault: Any, number: int, values: dict[str, object]
) -> None:
    """Marked, with their sources, and the stream ends as every other does."""
    fault(**values)
    events = ask(alice, number)
    names = [name for name, _ in events]
    assert names[0] == "meta"
    assert names[-1] == "done"
    assert "error" not in names
    assert names.count("done") == names.count("sources") == 1
    assert events[-1][1]["degraded"]
    text = "".join(data["text"] for name, data in events if name == "token")
    assert "\u201c" in text
    assert "[1]" in text


def test_who_stops_an_answer_stops_the_spending(alice: httpx.Client, fault: Any) -> None:
    """When the reader leaves, the answer ends and is kept as it stands; the model would take a minute."""
    fault(delay=60)
    body = {"message": f"{QUESTION} Thanks."}
    with alice.stream("POST", "/chat", json=body, headers=STREAM) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: meta"
        name = json.loads(next(lines).removeprefix("data: "))["conversation_id"]
        assert alice.get(f"/chat/conversations/{name}").status_code == 404
    assert until(lambda: alice.get(f"/chat/conversations/{name}").status_code == 200)
    (message,) = alice.get(f"/chat/conversations/{name}").json()["messages"]
    assert message["answer"] == ""


def until(true: Any) -> bool:
    """Whether it becomes true within half a minute."""
    end = time.monotonic() + 30
    waiting = threading.Event()
    while not true():
        if time.monotonic() > end:
            return False
        waiting.wait(0.1)
    return True
