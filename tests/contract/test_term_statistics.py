"""The statistics of terms on Firestore, through Google's client."""

import asyncio

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import AppError
from shared.gcp import firestore_statistics
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_statistics import FirestoreStatistics, _packed, _statistics
from shared.search import lexicon
from shared.search.interfaces import TermStatistics
from shared.search.lexicon import Lexicon, dimension

NONE = TermStatistics()


def store(db: Database) -> FirestoreStatistics:
    """A reader that has not read yet."""
    return FirestoreStatistics(db, 5.0)


async def test_files_are_added_up_over_shards(db: Database) -> None:
    """Counts of many files, added at once, come back as their sum."""
    writer = Lexicon(store(db))
    await asyncio.gather(*(writer.count(["kettle and water", "water"], []) for _ in range(12)))
    known = await store(db).load()
    assert known.chunks == 24
    assert known.counts[dimension("water")] == 24
    assert known.counts[dimension("kettl")] == 12


async def test_what_goes_is_subtracted(db: Database) -> None:
    """A removed chunk's terms count no longer; nothing falls below zero."""
    writer = Lexicon(store(db))
    await writer.count(["kettle", "water"], [])
    await writer.count([], ["kettle"])
    await writer.count([], ["kettle"])
    known = await store(db).load()
    assert known.chunks == 0
    assert dimension("kettl") not in known.counts
    assert known.counts[dimension("water")] == 1


async def test_a_busy_instance_counts_many_files_at_once(server: FirestoreServer, db: Database) -> None:
    """While files are worked on nothing is written; the last one to finish writes for all."""
    writer = Lexicon(store(db))
    async with writer.working():
        for _ in range(20):
            async with writer.working():
                await writer.count(["kettle"], [])
        assert server.control.calls["Commit"] == 0
    assert server.control.calls["Commit"] == 1
    assert (await store(db).load()).counts[dimension("kettl")] == 20
    async with writer.working():
        for _ in range(lexicon.TOGETHER):
            await writer.count(["water"], [])
        assert server.control.calls["Commit"] == 2


async def test_what_could_not_be_counted_is_counted_later(server: FirestoreServer, db: Database) -> None:
    """Work on files goes on without, and the next one to finish writes what there is."""
    writer = Lexicon(store(db))
    server.control.faults.append(Fault(method="Commit", status="PERMISSION_DENIED", times=1))
    async with writer.working():
        await writer.count(["kettle"], [])
    async with writer.working():
        await writer.count(["kettle"], [])
    assert (await store(db).load()).counts[dimension("kettl")] == 2


async def test_an_instance_may_take_away_what_another_added(db: Database) -> None:
    """Whichever shards they count in, the sum is right."""
    shards = [store(db) for _ in range(2)]
    for number, one in enumerate(shards):
        one._shard = number
    adding, taking = map(Lexicon, shards)
    await adding.count(["kettle", "water", "kettle"], [])
    await taking.count([], ["kettle", "water"])
    known = await store(db).load()
    assert (known.chunks, dict(known.counts)) == (1, {dimension("kettl"): 1})


async def test_an_empty_database_has_empty_statistics(db: Database) -> None:
    """Before anything is ingested."""
    assert await store(db).load() == NONE


async def test_statistics_are_read_once_for_many_questions(server: FirestoreServer, db: Database) -> None:
    """Questions share what was read, so that a question costs no round trip for it."""
    shared = store(db)
    await asyncio.gather(*(shared.load() for _ in range(5)))
    assert server.control.calls["BatchGetDocuments"] == 1


async def test_an_unreachable_firestore_is_an_error_of_ours(server: FirestoreServer, db: Database) -> None:
    """No SDK's exception leaves the adapter."""
    server.control.faults.append(Fault(method="BatchGetDocuments", status="PERMISSION_DENIED", times=0))
    with pytest.raises(AppError):
        await store(db).load()


def test_a_large_vocabulary_fits_into_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit, terms that occur once are forgotten, and the others keep their counts."""
    monkeypatch.setattr(firestore_statistics, "_LARGEST", 20_000)
    counts = {number * 199_999: 1 + (number % 10 == 0) for number in range(10_000)}
    packed = _packed(counts)
    assert len(packed) <= 20_000
    kept = _statistics({"chunks": 1, "counts": packed}).counts
    assert kept == {place: 2 for place, count in counts.items() if count == 2}
