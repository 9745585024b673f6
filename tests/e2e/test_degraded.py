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


def test_who_stops_an_answer_stops_the_spending(alice: httpx.Client, fault: Any, stack: Any) -> None:
    """The request ends when the reader leaves, and with it the call of the model, which takes a minute."""
    fault(delay=60)
    body = {"message": f"{QUESTION} Thanks."}
    with alice.stream("POST", "/chat", json=body, headers=STREAM) as answer:
        assert next(answer.iter_lines()) == "event: meta"
        request = answer.headers["x-request-id"]
        assert until(lambda: calls_of(stack, request, "vertex", "streamGenerateContent"))
        assert not ended(stack, request)
    assert until(lambda: ended(stack, request))


def ended(stack: Any, request: str) -> bool:
    """Whether the function is done with a request."""
    return all(one["seconds"] is not None for one in calls_of(stack, request, "functions", "chat"))


def calls_of(stack: Any, request: str, service: str, method: str) -> list[dict[str, Any]]:
    """The calls that a request made of a method."""
    path = f"{stack.base}/local/control/traces?request={request}"
    found = httpx.get(path, trust_env=False, timeout=30).json()
    traces = found["traces"] if isinstance(found, dict) else found
    return [one for one in traces if (one["service"], one["method"]) == (service, method)]


def until(true: Any) -> bool:
    """Whether it becomes true within half a minute."""
    end = time.monotonic() + 30
    waiting = threading.Event()
    while not true():
        if time.monotonic() > end:
            return False
        waiting.wait(0.1)
    return True
