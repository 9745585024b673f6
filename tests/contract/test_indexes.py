"""Which index answers, and the work on the other, in Firestore; and two indexes beside each other there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.firestore.server import FirestoreServer
from local.standin import Options
from shared.errors import Conflict, NotFound
from shared.gcp import clients
from shared.gcp.firestore_caches import FirestoreCaches
from shared.gcp.firestore_indexes import FirestoreBuilds, FirestoreIndexStates
from shared.gcp.firestore_vectors import FirestoreContents, FirestoreIndex, FirestoreNeighbors
from shared.gcp.limits import genai_of
from shared.gcp.vector_backend import backends
from shared.ingestion.builds import Build
from shared.ingestion.indexes import IndexState, Slot
from shared.ingestion.interfaces import Datapoint
from shared.models import SparseVector
from shared.search.interfaces import HybridQuery
from shared.settings import FirestoreSettings, GenAISettings, Misconfigured, ProjectSettings

TERRAFORM = Path(__file__).parents[2] / "terraform"
FIRST, SECOND = Slot("", "firestore vectors a 4"), Slot("k", "firestore vectors_b b 3")


@pytest.fixture
async def db(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Google's client on a local Firestore with the indexes that Terraform declares."""
    server = FirestoreServer(Options(settings={"firestore_indexes": str(TERRAFORM)}))
    await server.start()
    for name, value in server.exports().items():
        monkeypatch.setenv(name, value)
    made = clients.firestore(ProjectSettings(google_cloud_project="docent-test"), FirestoreSettings())
    yield made
    await made.close()
    await server.stop()


async def test_a_switch_makes_kept_answers_void(db: Any) -> None:
    """The state comes back whole; only when another index answers does the caches' mark change."""
    states, caches = FirestoreIndexStates(db, 5), FirestoreCaches(db, 5)
    assert await states.get() is None
    assert await states.answering() == ""
    begun = IndexState(FIRST, SECOND, "building", "k", "k", "b1")
    assert await states.change(lambda _: begun) == begun == await states.get()
    before = (await caches.get("answers", ""))[1].index
    await states.change(lambda one: replace(one or begun, phase="complete", behind=2))
    assert (await caches.get("answers", ""))[1].index == before
    await states.change(lambda one: replace(one or begun, active=SECOND, other=FIRST))
    assert await states.answering() == SECOND.space
    assert (await caches.get("answers", ""))[1].index != before

    def refused(_: IndexState | None) -> IndexState:
        raise Conflict

    with pytest.raises(Conflict):
        await states.change(refused)


async def test_builds_are_kept(db: Any) -> None:
    """What is put is read back whole, a change is applied to what is stored."""
    builds = FirestoreBuilds(db, 5)
    one = Build("b1", "build", "k", SECOND.space, "queued", datetime(2026, 1, 1, tzinfo=UTC), missed=("f1",))
    await builds.put(one)
    assert await builds.get("b1") == one
    assert await builds.change("b1", lambda it: replace(it, chunks=5)) == replace(one, chunks=5)
    assert await builds.get("absent") is None
    with pytest.raises(NotFound):
        await builds.change("absent", lambda it: it)


async def test_two_indexes_in_firestore_know_nothing_of_each_other(db: Any) -> None:
    """The same chunk with vectors of two models: each index finds, reads and removes its own."""
    names, vectors = ("vectors", "vectors_b"), ([1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    rights = {"principal": ("anyone",), "file": ("a",)}
    for name, vector in zip(names, vectors, strict=True):
        await FirestoreIndex(db, 5, name).upsert([Datapoint("a.1", vector, rights, "a")])
    for name, vector in zip(names, vectors, strict=True):
        found = await FirestoreNeighbors(db, 5, name).find(HybridQuery(vector, SparseVector()), rights, 5, 5)
        assert [(one.chunk_id, one.similarity) for one in found] == [("a.1", pytest.approx(1.0))]
        assert (await FirestoreContents(db, 5, name).read(["a.1"]))["a.1"].vector == vector
    await FirestoreIndex(db, 5, "vectors").remove(["a.1"])
    assert not await FirestoreContents(db, 5, "vectors").read(["a.1"])
    assert await FirestoreContents(db, 5, "vectors_b").read(["a.1"])


def test_the_settings_name_the_same_index_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next index keeps its name when the settings call it the first; what cannot be is refused."""
    monkeypatch.setenv("SEARCH_BACKEND", "firestore")
    (only,) = backends()
    monkeypatch.setenv("NEXT_EMBEDDING_MODEL", "gemini-embedding-2")
    first, second = backends()
    assert first.space == only.space == "firestore vectors gemini-embedding-001 768"
    assert genai_of(GenAISettings(), second.space).embedding_model == "gemini-embedding-2"
    monkeypatch.setenv("NEXT_SEARCH_VECTORS", "vectors")
    monkeypatch.setenv("SEARCH_VECTORS", "vectors_b")
    monkeypatch.setenv("GENAI_EMBEDDING_MODEL", "gemini-embedding-2")
    assert backends()[0].space == second.space
    monkeypatch.setenv("NEXT_SEARCH_VECTORS", "vectors_b")
    with pytest.raises(Misconfigured):
        backends()
    monkeypatch.setenv("NEXT_EMBEDDING_DIMENSIONS", "1024")
    with pytest.raises(Misconfigured, match="768"):
        backends()
    monkeypatch.setenv("NEXT_SEARCH_BACKEND", "vertex")
    with pytest.raises(Misconfigured, match="NEXT_VECTOR_"):
        backends()
