"""How many round trips to Google an asker waits for, counted at the stand-ins.

Every call is given the same virtual round trip, so that what runs at the same time overlaps; the hops are the
longest chain of calls of which each began after the one before had ended.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from tests.e2e.test_degraded import until

pytestmark = pytest.mark.timeout(600)

ROUND_TRIP = 0.5
MODEL = "streamGenerateContent"


@pytest.fixture(scope="module")
def alice(stack: Any) -> Iterator[httpx.Client]:
    """Alice, whose Drive grant and keys this instance knows by now."""
    with stack.client("alice@example.com") as client:
        client.post("/chat", json={"message": "What are the core hours?"}).raise_for_status()
        yield client


@pytest.fixture
def slow(stack: Any) -> Iterator[None]:
    """Every call of every service takes a round trip."""
    address = f"{stack.base}/local/control/round-trip"
    httpx.put(address, json={"seconds": ROUND_TRIP}, trust_env=False).raise_for_status()
    yield
    httpx.put(address, json={"seconds": 0}, trust_env=False).raise_for_status()


def calls_of(stack: Any, answer: httpx.Response) -> list[dict[str, Any]]:
    """The calls that an answered request made of Google, when the last of them has ended."""
    address = f"{stack.base}/local/control/traces?request={answer.headers['x-request-id']}"

    def traces() -> list[dict[str, Any]]:
        found = httpx.get(address, trust_env=False, timeout=60).json()
        listed = found["traces"] if isinstance(found, dict) else found
        return [one for one in listed if one["service"] != "functions"]

    assert until(lambda: all(one["seconds"] is not None for one in traces()))
    return traces()


def chain(calls: Sequence[dict[str, Any]]) -> list[str]:
    """The longest chain of calls that followed each other, each with when it began and ended.

    What is written is written beside: only the first Commit, which counts the question, is waited for.
    """
    found, end = list[str](), float("-inf")
    for one in sorted(calls, key=lambda call: call["began"] + call["seconds"]):
        if one["began"] >= end and (one["method"] != "Commit" or not found):
            end = one["began"] + one["seconds"]
            found.append(f"{one['method']} {one['began']:.3f}-{end:.3f}")
    return found


# questions that no other test asks: a kept answer would need no model
@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize(
    "question",
    [
        "What may a hotel in Zurich cost per night, at most?",
        "What does any reseller have to pay for a Merrow Pro?",
    ],
)
def test_a_fresh_question_waits_for_four_round_trips_before_the_model(
    alice: httpx.Client, stack: Any, question: str
) -> None:
    """Who asks; the question's vector; the index; texts and rights; also where a table is among them."""
    answer = alice.post("/chat", json={"message": question})
    assert not answer.json()["declined"]
    calls = calls_of(stack, answer)
    (model,) = [one for one in calls if one["method"] == MODEL]
    before = [one for one in calls if one["began"] + one["seconds"] <= model["began"]]
    assert "FindNeighbors" in {one["method"] for one in before}
    assert len(chain(before)) <= 4, "\n".join(chain(before))


@pytest.mark.usefixtures("slow")
def test_a_cached_answer_waits_for_one_round_trip(alice: httpx.Client, stack: Any) -> None:
    """No embedding, no index, no model; what is written is written after the answer."""
    question = {"message": "What may a hotel in London cost per night?"}
    first = alice.post("/chat", json=question).json()
    answer = alice.post("/chat", json=question)
    assert answer.json()["answer"] == first["answer"]
    calls = calls_of(stack, answer)
    assert not {one["method"] for one in calls} & {MODEL, "predict", "FindNeighbors"}
    assert len(chain([one for one in calls if one["method"] != "Commit"])) == 1
