"""Changes of the ledger that are written only if nobody was there first, counted in calls to Firestore."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.gcp import clients
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_files import FirestoreFiles
from shared.ingestion.interfaces import FileRecord, StoredChunk
from shared.models import Chunk, Locator
from shared.settings import FirestoreSettings, ProjectSettings


def ledger() -> FirestoreFiles:
    """The ledger as an instance of a function has it."""
    project = ProjectSettings(google_cloud_project="docent-test")
    return FirestoreFiles(clients.firestore(project, FirestoreSettings()), timeout=5.0)


def counted(record: FileRecord | None) -> FileRecord:
    """One more attempt."""
    known = record or FileRecord("f7", ("main",), "a.txt", "pending")
    return replace(known, attempt=known.attempt + 1)


async def attempts(of: FirestoreFiles, name: str = "f7") -> int:
    """What was counted."""
    record = await of.get(name)
    assert record is not None
    return record.attempt


async def test_a_lost_change_is_tried_again(server: FirestoreServer) -> None:
    """An ABORTED read and an ABORTED commit are both tried again; the change happens once."""
    for method in ("BatchGetDocuments", "Commit"):
        server.control.faults.append(Fault(method=method, status="ABORTED", times=2))
        await ledger().change("f7", counted)
        assert not server.control.faults
    assert await attempts(ledger()) == 2


async def test_a_connection_that_is_lost_for_a_moment_is_no_failure(server: FirestoreServer) -> None:
    """Neither at the read nor at the commit."""
    for method in ("BatchGetDocuments", "Commit"):
        server.control.faults.append(Fault(method=method, status="UNAVAILABLE", times=1))
        await ledger().change("f7", counted)
    assert await attempts(ledger()) == 2


async def test_what_this_instance_wrote_last_is_changed_in_one_call(server: FirestoreServer) -> None:
    """A commit and no read; and what another instance wrote meanwhile is seen, nothing of it lost."""
    mine, other = ledger(), ledger()
    await mine.change("f7", counted)
    before = server.control.calls.copy()
    await mine.change("f7", counted)
    assert server.control.calls - before == {"Commit": 1}
    await other.change("f7", counted)
    changed = await mine.change("f7", counted)
    assert changed is not None
    assert changed.attempt == 4
    assert await mine.get("f7") == changed


async def test_what_is_remembered_decides_nothing_by_itself(server: FirestoreServer) -> None:
    """A change that refuses, or has nothing to do, is asked again with what is stored."""
    mine, other = ledger(), ledger()
    await mine.change("f7", counted)
    await other.change("f7", lambda _: None)
    assert await mine.change("f7", lambda record: record) is None
    before = server.control.calls.copy()
    await mine.change("f7", counted)
    assert (server.control.calls - before)["BatchGetDocuments"] == 1


async def test_many_changes_take_two_calls_a_hundred(server: FirestoreServer) -> None:
    """And what somebody else changes in between is read again and changed all the same."""
    other, mine = ledger(), ledger()
    await other.change("f7", counted)
    read, before = mine._swaps.wire.read, server.control.calls.copy()

    async def and_somebody_else(paths: Sequence[str], limit: float) -> dict[str, Any]:
        found = await read(paths, limit)
        mine._swaps.wire.read = read  # type: ignore[method-assign]
        await other.change("f7", counted)
        return found

    mine._swaps.wire.read = and_somebody_else  # type: ignore[method-assign]
    await mine.change_each({f"f{number}": counted for number in range(250)})
    calls = server.control.calls - before
    assert calls == {"BatchGetDocuments": 3 + 1, "BatchWrite": 3, "Commit": 1 + 1}
    assert await attempts(mine) == 3


async def test_changes_with_chunks_are_one_commit_and_each_its_own_if_that_is_lost(
    server: FirestoreServer,
) -> None:
    """What this instance wrote last needs no read; one that somebody else changed stops no other."""
    mine, other = ledger(), ledger()
    names = [f"f{number}" for number in range(3)]
    await mine.change_each(dict.fromkeys(names, counted))
    chunk = Chunk("k", "A rule.", "", Locator(), 0)
    for lost in (False, True):
        if lost:
            await other.change("f1", counted)
        before = server.control.calls.copy()
        moved = {name: [StoredChunk(f"{name}.{lost:d}", name, chunk)] for name in names}
        await mine.change_each(dict.fromkeys(names, counted), moved)
        calls = server.control.calls - before
        assert calls == ({"Commit": 4, "BatchGetDocuments": 3} if lost else {"Commit": 1})
    assert [await attempts(mine, name) for name in names] == [3, 4, 3]
    ids = [f"{name}.{lost}" for name in names for lost in (0, 1)]
    project = ProjectSettings(google_cloud_project="docent-test")
    chunks = FirestoreChunks(clients.firestore(project, FirestoreSettings()), timeout=5.0)
    assert sorted(await chunks.get(ids)) == ids
