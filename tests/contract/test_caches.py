"""Caches in Firestore, through Google's client, and the same promises by the fake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.firestore.server import FirestoreServer
from shared.gcp.firestore_caches import FirestoreCaches, FirestorePastQuestions, VersionedFiles
from shared.gcp.firestore_claims import FirestoreClaims
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_limits import FirestoreCounters
from shared.ingestion.interfaces import FileRecord
from shared.limits.interfaces import CacheStore, Claim, Entry
from tests.fakes.limits import FakeCache

ROOT = Path(__file__).parents[2]
NOW = datetime.now(UTC)
ENTRY = Entry("e", b"value", NOW, NOW + timedelta(hours=1), "1")


@pytest.fixture(params=["fake", "firestore"])
def caches(request: pytest.FixtureRequest, db: Database) -> CacheStore:
    """Both stores."""
    return FakeCache() if request.param == "fake" else FirestoreCaches(db, 5.0)


async def test_what_was_kept_is_found_by_layer(caches: CacheStore) -> None:
    """As it was, in its own layer only."""
    await caches.put("answers", ENTRY)
    found, _ = await caches.get("answers", "e")
    assert found is not None
    assert (found.value, found.subject) == (b"value", "1")
    assert (await caches.get("embeddings", "e"))[0] is None
    assert (await caches.get("answers", ""))[0] is None


async def test_clearing_counts_and_empties(caches: CacheStore) -> None:
    """The layers named, and no other; the generation says so."""
    for number in range(5):
        await caches.put("answers", replace(ENTRY, id=str(number)))
    await caches.put("embeddings", ENTRY)
    assert await caches.clear(["answers"]) == 5
    entry, generation = await caches.get("embeddings", "e")
    assert entry is not None
    assert generation.cleared == {"answers": 1}
    assert (await caches.get("answers", "1"))[0] is None


async def test_a_layer_is_measured(caches: CacheStore) -> None:
    """Entries, bytes, and the oldest; nothing of an empty one."""
    await caches.put("answers", ENTRY)
    await caches.put("answers", replace(ENTRY, id="f", created_at=NOW - timedelta(days=1)))
    found = await caches.measure("answers")
    assert (found.entries, found.bytes) == (2, 10)
    assert found.oldest == NOW - timedelta(days=1)
    assert (await caches.measure("embeddings")).oldest is None


async def test_what_has_expired_is_not_found(db: Database) -> None:
    """Firestore deletes late, so that is looked at."""
    store = FirestoreCaches(db, 5.0)
    await store.put("answers", replace(ENTRY, expire_at=NOW - timedelta(seconds=1)))
    assert (await store.get("answers", "e"))[0] is None


async def test_entry_and_generation_are_one_round_trip(server: FirestoreServer, db: Database) -> None:
    """A kept entry and the mark of its generation are read in one BatchGetDocuments."""
    store = FirestoreCaches(db, 5.0)
    await store.put("answers", ENTRY)
    server.control.calls.clear()
    await store.get("answers", "e")
    assert server.control.calls == {"BatchGetDocuments": 1}


async def test_what_is_kept_and_the_claim_it_ends_are_one_commit(
    server: FirestoreServer, db: Database
) -> None:
    """Who waits for the claim to go finds the entry when it is gone."""
    claim = Claim("e", "1", 5)
    await FirestoreCounters(db, 5.0).claim((), NOW + timedelta(hours=1), claim)
    server.control.calls.clear()
    await FirestoreCaches(db, 5.0).put("answers", ENTRY, release="e")
    assert server.control.calls == {"Commit": 1}
    assert await FirestoreClaims(db, 5.0).claimed("e") is None


async def test_every_visible_change_of_a_file_changes_the_index_mark(db: Database) -> None:
    """Content, rights, name; but not a lease, which no reader sees."""
    files, store = VersionedFiles(db, 5.0), FirestoreCaches(db, 5.0)
    marks: list[str] = []
    record = FileRecord("f", ("main",), "Leave.txt", "indexed", chunks=("f.1",))
    changes: list[FileRecord | None] = [
        record,
        replace(record, lease="worker"),
        replace(record, chunks=("f.2",)),
        replace(record, chunks=("f.2",), principals=("user:bob@example.com",)),
        replace(record, chunks=("f.2",), principals=("user:bob@example.com",), name="Holidays.txt"),
        None,
    ]
    for change in changes:
        await files.change("f", lambda _, to=change: to)  # type: ignore[misc]
        marks.append((await store.get("answers", ""))[1].index)
    assert marks[0] == marks[1]
    assert len(set(marks)) == len(marks) - 1


async def test_past_questions_are_the_newest_without_repeats(db: Database) -> None:
    """Over all conversations; a repeat in another spelling is one question."""
    for number, question in enumerate(["What now?", "Who pays?", " what  else", "What now"]):
        message = db.client.document(f"conversations/c{number % 2}/messages/m{number}")
        await message.set({"question": question, "asked_at": NOW + timedelta(seconds=number)})
    found = await FirestorePastQuestions(db, 5.0).recent(10)
    assert {"Who pays?", " what  else"} < set(found)
    assert len(found) == 3
