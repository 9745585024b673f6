"""Restricts of a search, as https://cloud.google.com/vertex-ai/docs/vector-search/filtering defines them."""

from typing import Any

import numpy as np
import pytest

from tests.local.vertex.conftest import Search, StartSearch

pytestmark = pytest.mark.source("https://cloud.google.com/vertex-ai/docs/vector-search/filtering")

TOKENS = {
    "A": ([], []),
    "B": (["red"], []),
    "C": (["blue"], []),
    "D": (["orange"], []),
    "E": (["red", "blue"], []),
    "F": (["red"], ["blue"]),
    "G": (["red", "blue"], ["blue"]),
    "H": ([], ["blue"]),
}


async def stored(search: Search) -> None:
    """The example datapoints, one colour namespace each."""
    await search.upsert(
        *(
            {
                "datapoint_id": name,
                "feature_vector": [1, 0],
                "restricts": [{"namespace": "color", "allow_list": allow, "deny_list": deny}],
            }
            for name, (allow, deny) in TOKENS.items()
        )
    )


@pytest.mark.parametrize(
    ("allow", "deny", "expected"),
    [
        ([], [], "ABCDEFGH"),
        (["red"], [], "BEFG"),
        (["blue"], [], "CE"),
        (["orange"], [], "D"),
        (["red", "blue"], [], "BCE"),
        (["red"], ["blue"], "BF"),
        ([], ["red"], "ACDH"),
        (["violet"], [], ""),
    ],
)
async def test_allow_and_deny(search: Search, allow: list[str], deny: list[str], expected: str) -> None:
    """Allowed tokens join by OR, denied ones exclude, on either side; no namespace fails an allow list."""
    await stored(search)
    restrict = [{"namespace": "color", "allow_list": allow, "deny_list": deny}]
    assert sorted(await search.ids(feature_vector=[1, 0], restricts=restrict)) == list(expected)


async def test_namespaces_join_by_and(search: Search) -> None:
    """A datapoint must pass every namespace of the query."""
    for name, color, shape in (("rs", "red", "square"), ("rc", "red", "circle"), ("bc", "blue", "circle")):
        restricts = [
            {"namespace": "color", "allow_list": [color]},
            {"namespace": "shape", "allow_list": [shape]},
        ]
        await search.upsert({"datapoint_id": name, "feature_vector": [1, 0], "restricts": restricts})
    query = [
        {"namespace": "color", "allow_list": ["red"]},
        {"namespace": "shape", "allow_list": ["circle", "triangle"]},
    ]
    assert await search.ids(feature_vector=[1, 0], restricts=query) == ["rc"]


@pytest.mark.source("google/cloud/aiplatform/v1/index.proto, IndexDatapoint.NumericRestriction")
@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("LESS", "a"),
        ("LESS_EQUAL", "ab"),
        ("EQUAL", "b"),
        ("GREATER_EQUAL", "bc"),
        ("GREATER", "c"),
        ("NOT_EQUAL", "ac"),
    ],
)
async def test_numbers(search: Search, op: str, expected: str) -> None:
    """Each operator compares the datapoint's value with the query's; without the namespace none holds."""
    for name, value in (("a", 1), ("b", 2), ("c", 3), ("none", None)):
        restricts = [{"namespace": "cost", "value_int": value}] if value else []
        await search.upsert({"datapoint_id": name, "feature_vector": [1, 0], "numeric_restricts": restricts})
    query = [{"namespace": "cost", "value_int": 2, "op": op}]
    assert sorted(await search.ids(feature_vector=[1, 0], numeric_restricts=query)) == list(expected)


@pytest.mark.source("local/vertex/README.md: what differs")
@pytest.mark.parametrize("kind", ["value_int", "value_float", "value_double"])
async def test_numbers_keep_their_type(search: Search, kind: str) -> None:
    """A query's number meets only datapoints whose number is of the same type."""
    for name in ("value_int", "value_float", "value_double"):
        restricts = [{"namespace": "cost", name: 2}]
        await search.upsert({"datapoint_id": name, "feature_vector": [1, 0], "numeric_restricts": restricts})
    query = [{"namespace": "cost", kind: 1, "op": "GREATER"}]
    assert await search.ids(feature_vector=[1, 0], numeric_restricts=query) == [kind]


@pytest.mark.source("https://cloud.google.com/vertex-ai/docs/vector-search/filtering")
@pytest.mark.parametrize(
    "more",
    [
        {"feature_vector": [1, 0], "rrf": {"alpha": 0.5}},
        {"feature_vector": [1, 0], "rrf": {"alpha": 0}},
        {},
        {"per_crowding_attribute_neighbor_count": 1},
    ],
)
async def test_restricts_hold_for_every_ranking(search: Search, more: dict[str, Any]) -> None:
    """A datapoint that the restricts exclude is found by no ranking, however near it is."""
    for name, weight in (("yes", 1.0), ("no", 9.0)):
        await search.upsert(
            {
                "datapoint_id": name,
                "feature_vector": [weight, 0],
                "restricts": [{"namespace": "acl", "allow_list": [name]}],
                "sparse_embedding": {"values": [weight], "dimensions": [3]},
                "crowding_tag": {"crowding_attribute": "f"},
            }
        )
    restrict = [{"namespace": "acl", "allow_list": ["yes"]}]
    sparse = {"values": [1.0], "dimensions": [3]}
    assert await search.ids(restricts=restrict, sparse_embedding=sparse, **more) == ["yes"]


@pytest.mark.source("a plain loop over all datapoints, which the test holds against it")
async def test_against_a_plain_walk(start_search: StartSearch) -> None:
    """Among 2,000 datapoints, changed and removed again, results equal a loop that checks each one."""
    random = np.random.default_rng(7)
    truth: dict[str, tuple[np.ndarray, set[str]]] = {}
    async with start_search(dimensions="8") as search:
        for _ in range(8):
            batch = {}
            for number in random.integers(0, 1000, 500):
                tokens = {f"u{n}" for n in random.integers(0, 20, 3)}
                batch[f"d{number}"] = (random.normal(size=8).astype(np.float32), tokens)
            truth |= batch
            await search.upsert(*(as_datapoint(name, *value) for name, value in batch.items()))
            gone = list(random.choice(sorted(truth), 100, replace=False))
            await search.remove(*gone)
            truth = {name: value for name, value in truth.items() if name not in gone}
        for allowed in (["u1"], ["u2", "u3", "u4"], [f"u{n}" for n in range(20)]):
            wanted = random.normal(size=8).astype(np.float32)
            right = [name for name, (_, tokens) in truth.items() if tokens & set(allowed)]
            right.sort(key=lambda name: -float(truth[name][0] @ wanted))
            restrict = [{"namespace": "acl", "allow_list": allowed}]
            found = await search.ids(25, feature_vector=wanted.tolist(), restricts=restrict)
            assert found == right[:25]


def as_datapoint(name: str, vector: np.ndarray, tokens: set[str]) -> dict[str, Any]:
    """A datapoint with tokens in the namespace acl."""
    restricts = [{"namespace": "acl", "allow_list": sorted(tokens)}]
    return {"datapoint_id": name, "feature_vector": vector.tolist(), "restricts": restricts}
