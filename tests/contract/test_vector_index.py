"""The vector index: what ingestion writes, search finds, by meaning and by words, through Google's client."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.firestore.server import FirestoreServer
from local.standin import Options
from local.vertex.server import VertexServer
from shared.gcp import clients
from shared.gcp.firestore_vectors import FirestoreContents, FirestoreIndex, FirestoreNeighbors
from shared.gcp.vector_calls import VectorCalls
from shared.gcp.vector_index import VectorContents, VectorIndex, VectorSearch
from shared.ingestion.interfaces import Datapoint, Index, IndexReader
from shared.models import SparseVector
from shared.search.interfaces import HybridQuery, Neighbor, NeighborFinder
from shared.search.lexicon import question_vector, text_vector
from shared.settings import FirestoreSettings, ProjectSettings, VectorSettings

LOCATION = "projects/p/locations/us-central1"
INDEX, ENDPOINT = f"{LOCATION}/indexes/1", f"{LOCATION}/indexEndpoints/1"
TERRAFORM = Path(__file__).parents[2] / "terraform"
EVERYBODY = {"principal": ("anyone",), "collection": ("main",)}


@dataclass
class Both:
    """The side that writes and the side that answers."""

    index: Index
    finder: NeighborFinder
    contents: IndexReader

    async def put(
        self, name: str, vector: list[float], text: str = "", principal: str = "anyone", folder: str = "none"
    ) -> None:
        """Index one chunk; its file is what stands before the dot."""
        file_id = name.rpartition(".")[0]
        restricts = {
            "principal": (principal,),
            "collection": ("main",),
            "folder": (folder,),
            "file": (file_id,),
        }
        point = Datapoint(name, vector, restricts, file_id, text_vector(text))
        await self.index.upsert([point])

    async def find(
        self,
        vector: list[float],
        words: dict[str, float],
        limit: int = 10,
        per_file: int = 10,
        allow: Mapping[str, Sequence[str]] = EVERYBODY,
    ) -> list[Neighbor]:
        """What somebody without rights of their own finds, unless `allow` says more."""
        query = HybridQuery(vector, question_vector(words))
        return list(await self.finder.find(query, allow, limit, per_file))


@pytest.fixture(params=["vertex", "firestore"])
async def both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    """The adapters of either backend on an empty index."""
    async with _on_vertex() if request.param == "vertex" else _on_firestore(monkeypatch) as made:
        yield made


@asynccontextmanager
async def _on_vertex() -> AsyncIterator[Both]:
    """Vector Search: a local Vertex, with an index of four dimensions."""
    declared = [{"index": INDEX, "endpoint": ENDPOINT, "deployed_index_id": "docent", "dimensions": 4}]
    server = VertexServer(Options(settings={"indexes": json.dumps(declared), "preload": "no"}))
    await server.start()
    exported = server.exports()
    settings = VectorSettings(
        index=INDEX,
        endpoint=ENDPOINT,
        deployed_index="docent",
        index_host=exported["VECTOR_INDEX_HOST"],
        match_host=exported["VECTOR_MATCH_HOST"],
    )
    writing, asking = VectorCalls(settings.index_host), VectorCalls(settings.match_host)
    yield Both(
        VectorIndex(writing, settings), VectorSearch(asking, settings), VectorContents(asking, settings)
    )
    await writing.close()
    await asking.close()
    await server.stop()


@asynccontextmanager
async def _on_firestore(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    """A local Firestore with the indexes that Terraform declares, and no others."""
    server = FirestoreServer(Options(settings={"firestore_indexes": str(TERRAFORM)}))
    await server.start()
    for name, value in server.exports().items():
        monkeypatch.setenv(name, value)
    db = clients.firestore(ProjectSettings(google_cloud_project="docent-test"), FirestoreSettings())
    yield Both(FirestoreIndex(db, 5.0), FirestoreNeighbors(db, 5.0), FirestoreContents(db, 5.0))
    await db.close()
    await server.stop()


NORTH, NEAR_NORTH, EAST = [1.0, 0.0, 0.0, 0.0], [0.8, 0.6, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]


async def test_what_is_near_and_what_has_the_words_are_both_found(both: Both) -> None:
    """One question finds the nearest chunk and the one that has its rare word; each with its cosine."""
    await both.put("a.1", NORTH, "about kettles")
    await both.put("b.1", EAST, "order SO-51101 was shipped")
    await both.put("c.1", EAST, "nothing of it")
    found = await both.find(NEAR_NORTH, {"so-51101": 5.0}, limit=2)
    assert {one.chunk_id for one in found} == {"a.1", "b.1"}
    assert {one.chunk_id: one.similarity for one in found}["a.1"] == pytest.approx(0.8)


async def test_a_question_without_words_is_asked_by_meaning_alone(both: Both) -> None:
    """An empty sparse vector is not sent: the index would refuse it."""
    await both.put("a.1", NORTH, "")
    assert [one.chunk_id for one in await both.find(NEAR_NORTH, {})] == ["a.1"]


async def test_the_words_of_a_chunk_do_not_pass_the_first_sieve(both: Both) -> None:
    """What is shared with somebody else is found neither by meaning nor by words."""
    await both.put("a.1", NORTH, "SO-51101", principal="user:bob@example.com")
    assert await both.find(NORTH, {"so-51101": 5.0}) == []


async def test_one_file_does_not_crowd_out_the_others(both: Both) -> None:
    """At most so many of a file, counted over both lists."""
    for number in range(4):
        await both.put(f"a.{number}", NORTH, "kettle")
    await both.put("b.1", EAST, "kettle")
    found = await both.find(NORTH, {"kettl": 1.0}, limit=5, per_file=2)
    assert sorted(one.chunk_id.rpartition(".")[0] for one in found) == ["a", "a", "b"]


async def test_rights_change_and_the_words_stay(both: Both) -> None:
    """Replacing the restricts leaves the vectors, dense and sparse."""
    await both.put("a.1", EAST, "kettle")
    await both.put("b.1", NORTH, "parking")
    await both.index.restrict(["a.1"], {"principal": ("anyone",), "collection": ("other",)})
    assert [one.chunk_id for one in await both.find(NORTH, {"kettl": 1.0})] == ["b.1"]
    await both.index.restrict(["a.1"], {"principal": ("anyone",), "collection": ("main",)})
    found = await both.find(NORTH, {"kettl": 1.0}, limit=2)
    assert {one.chunk_id for one in found} == {"a.1", "b.1"}


async def test_what_was_removed_is_not_found(both: Both) -> None:
    """Removing takes both vectors out; removing again is no error."""
    await both.put("a.1", NORTH, "kettle")
    await both.index.remove(["a.1"])
    await both.index.remove(["a.1"])
    assert await both.find(NORTH, {"kettl": 1.0}) == []


async def test_a_place_and_a_person_both_restrict(both: Both) -> None:
    """In a folder, a file or a collection, by meaning and by words, one finds what is there and one's own."""
    await both.put("a.1", NORTH, "kettle", folder="plans")
    await both.put("b.1", NORTH, "kettle", folder="plans", principal="user:bob@example.com")
    await both.put("c.1", NORTH, "kettle")
    bob = ("anyone", "user:bob@example.com")
    for allow, expected in (
        ({"principal": bob, "folder": ("plans",)}, ["a.1", "b.1"]),
        ({"principal": ("anyone",), "folder": ("plans",), "collection": ("main",)}, ["a.1"]),
        ({"principal": ("anyone",), "folder": ("plans",), "collection": ("other",)}, []),
        ({"file": ("b",)}, ["b.1"]),
        ({"principal": bob}, ["a.1", "b.1", "c.1"]),
    ):
        found = await both.find(NORTH, {"kettl": 1.0}, allow=allow)
        assert sorted(one.chunk_id for one in found) == expected


async def test_what_was_written_can_be_read_back(both: Both) -> None:
    """A datapoint comes back with both vectors and its restricts; one that is not there does not."""
    await both.put("a.1", NEAR_NORTH, "kettle and water")
    found = await both.contents.read(["a.1", "a.2"])
    assert list(found) == ["a.1"]
    assert found["a.1"].vector == pytest.approx(NEAR_NORTH)
    assert found["a.1"].sparse.dimensions == text_vector("kettle and water").dimensions
    assert found["a.1"].sparse.values == pytest.approx(text_vector("kettle and water").values)
    assert found["a.1"].restricts["collection"] == ("main",)


def test_the_product_of_both_sides_is_bm25() -> None:
    """With f = 2, n = 4 and a weight of 3: 3 x 2 x 2.2 / (2 + 1.2 (0.25 + 0.75 x 4 / 110))."""
    text, question = text_vector("kettle kettle boil water"), question_vector({"kettl": 3.0})
    weights = dict(zip(text.dimensions, text.values, strict=True))
    assert isinstance(text, SparseVector)
    product = sum(
        value * weights[place] for place, value in zip(question.dimensions, question.values, strict=True)
    )
    assert product == pytest.approx(3 * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 4 / 110)))
