"""What search reads, through the local Firestore, counted in documents and calls."""

from dataclasses import replace

import pytest

from local.firestore.server import FirestoreServer
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_library import FirestoreLibrary
from shared.ingestion.interfaces import FileRecord, StoredChunk
from shared.limits import meter
from shared.limits.meter import Meter
from shared.models import Chunk, Locator

IDS = ("f1.a", "f1.b")
RECORD = FileRecord("f1", ("main",), "a.txt", "indexed", chunks=IDS, texts="first")


@pytest.fixture
async def library(db: Database) -> FirestoreLibrary:
    """A reader of the store, which holds a file of two chunks."""
    await FirestoreChunks(db, 5.0).put([chunk("f1.a"), chunk("f1.b")])
    await FirestoreFiles(db, 5.0).change("f1", lambda _: RECORD)
    return FirestoreLibrary(db, 5.0)


def chunk(name: str, page: int = 1) -> StoredChunk:
    """A chunk that stands on a page."""
    return StoredChunk(name, "f1", Chunk(name[-1], f"text of {name}", "a.txt", Locator(page=page), 0))


async def reads(library: FirestoreLibrary, server: FirestoreServer) -> tuple[list[int | None], int, int]:
    """The pages that the two chunks stand on, and what it took to know: documents, calls."""
    counting, before = Meter(), server.control.calls.copy()
    meter.begin(counting)
    passages, files = await library.read(IDS, ("f1",))
    assert [passages[name].text for name in passages] == [f"text of {name}" for name in passages]
    assert set(files) == {"f1"}
    calls = (server.control.calls - before).total()
    return [one.locator.page for one in passages.values()], counting.items["firestore:read"], calls


async def test_texts_are_read_once_and_the_record_each_time(
    library: FirestoreLibrary, server: FirestoreServer
) -> None:
    """The second time one document instead of three."""
    assert await reads(library, server) == ([1, 1], 3, 1)
    assert await reads(library, server) == ([1, 1], 1, 1)


async def test_a_record_without_other_texts_costs_no_reading(
    library: FirestoreLibrary, db: Database, server: FirestoreServer
) -> None:
    """Rights, a reason, a lease: the record is another one, what the file says is not."""
    await reads(library, server)
    await FirestoreFiles(db, 5.0).change("f1", lambda _: replace(RECORD, principals=("anyone",)))
    assert await reads(library, server) == ([1, 1], 1, 1)


async def test_after_a_change_of_the_index_a_chunk_that_moved_is_read_with_the_records(
    library: FirestoreLibrary, db: Database, server: FirestoreServer
) -> None:
    """No question waits for a second round trip; after that, texts are known again."""
    await reads(library, server)
    await FirestoreFiles(db, 5.0).change("f1", lambda _: replace(RECORD, texts="second"), [chunk("f1.b", 2)])
    library.as_of("another")
    assert await reads(library, server) == ([1, 2], 3, 1)
    assert await reads(library, server) == ([1, 2], 1, 1)


async def test_a_chunk_that_moved_is_read_again_though_nothing_was_told(
    library: FirestoreLibrary, db: Database, server: FirestoreServer
) -> None:
    """The mark of its file's texts was written in the same commit, which tells; then it is known again."""
    await reads(library, server)
    await FirestoreFiles(db, 5.0).change("f1", lambda _: replace(RECORD, texts="second"), [chunk("f1.b", 2)])
    assert await reads(library, server) == ([1, 2], 1 + 3, 2)
    assert await reads(library, server) == ([1, 2], 1, 1)


async def test_texts_of_a_file_that_is_gone_are_not_given(
    library: FirestoreLibrary, db: Database, server: FirestoreServer
) -> None:
    """However well they are known: without a record there is no passage, and no second look for one."""
    await reads(library, server)
    await FirestoreFiles(db, 5.0).change("f1", lambda _: None)
    before = server.control.calls.copy()
    assert await library.read(IDS, ("f1",)) == ({}, {})
    assert (server.control.calls - before).total() == 1


async def test_texts_go_when_there_are_too_many(library: FirestoreLibrary, server: FirestoreServer) -> None:
    """The least recently used first."""
    library._texts.room = len("text of f1.aa.txt")
    await reads(library, server)
    assert await reads(library, server) == ([1, 1], 2, 1)
