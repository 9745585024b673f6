"""The stores of ingestion: the fakes that unit tests trust and the Firestore adapters keep one contract."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import Conflict, NotFound, Timeout, Unavailable
from shared.gcp import clients
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_folders import FirestoreChannels, FirestoreFolders, FirestoreMemberships
from shared.gcp.firestore_runs import FirestoreCollections, FirestoreRuns, FirestoreStates
from shared.ingestion.drive import Grant
from shared.ingestion.interfaces import (
    ChunkStore,
    Collection,
    CollectionStore,
    FileRecord,
    RecordStore,
    StoredChunk,
)
from shared.ingestion.runs import (
    Channel,
    ChannelStore,
    Folder,
    FolderStore,
    Run,
    RunStore,
    StateStore,
    Walk,
)
from shared.models import Chunk, Locator
from shared.settings import FirestoreSettings, ProjectSettings
from tests.fakes.drive import Fuse
from tests.fakes.ingestion import FakeChunks, FakeRecords
from tests.fakes.runs import FakeChannels, FakeCollections, FakeFolders, FakeRuns, FakeStates

TIMEOUT = 5.0
NOW = datetime(2026, 1, 1, 12, 30, 15, 250_000, tzinfo=UTC)
FULL = FileRecord(
    id="1AbC_d-E",
    collections=("main", "team"),
    name="Kjærgård & Söhne.txt",
    state="partial",
    mime_type="text/plain",
    link="https://d/x",
    modified="2026-01-01T00:00:00Z",
    reason="Page 3 could not be read.",
    content="c",
    rights="r",
    wanted="c/r",
    attempt=3,
    queued_at=NOW,
    next_try=NOW + timedelta(hours=1),
    folders=("root", "people"),
    principals=("anyone", "user:alice@example.com"),
    chunks=("1AbC_d-E.aa", "1AbC_d-E.bb"),
    staged=("1AbC_d-E.cc",),
    stale=("1AbC_d-E.dd",),
    pages=12,
    characters=4_000,
    warnings=("Page 3 could not be read.",),
    grants=(Grant("user", "alice@example.com", "writer", expires=NOW, source="root"), Grant("anyone")),
    via=(),
    expires_at=NOW,
    target="target",
    resource_key="0-abc",
    around=("anyone",),
    embedded_characters=5_000,
)


@dataclass
class Stores:
    """One implementation of each interface."""

    records: RecordStore
    chunks: ChunkStore
    collections: CollectionStore
    runs: RunStore
    states: StateStore
    folders: FolderStore
    channels: ChannelStore


@pytest.fixture
def firestore(db: Database) -> Stores:
    """The adapters, with Google's client, on the local Firestore."""
    return Stores(
        FirestoreFiles(db, TIMEOUT),
        FirestoreChunks(db, TIMEOUT),
        FirestoreCollections(db, TIMEOUT),
        FirestoreRuns(db, TIMEOUT),
        FirestoreStates(db, TIMEOUT),
        FirestoreFolders(db, TIMEOUT),
        FirestoreChannels(db, TIMEOUT),
    )


@pytest.fixture(params=["fake", "firestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Each implementation in turn."""
    if request.param == "firestore":
        adapters: Stores = request.getfixturevalue("firestore")
        return adapters
    chunks = FakeChunks(Fuse())
    return Stores(
        FakeRecords(Fuse(), chunks),
        chunks,
        FakeCollections(),
        FakeRuns(),
        FakeStates(),
        FakeFolders(Fuse()),
        FakeChannels(),
    )


def stored(key: str, text: str = "Some text.", **place: object) -> StoredChunk:
    """A chunk of the file, with a place."""
    locator = Locator(**place)  # type: ignore[arg-type]
    return StoredChunk(f"{FULL.id}.{key}", FULL.id, Chunk(key, text, "Title > Part", locator, 4))


async def test_a_record_comes_back_as_it_was_put(stores: Stores) -> None:
    """Every field, times to the millisecond, tuples as tuples."""
    await stores.records.change(FULL.id, lambda _: FULL)
    assert await stores.records.get(FULL.id) == FULL
    assert await stores.records.get("absent") is None
    assert list(await stores.records.ids("main")) == list(await stores.records.ids("team")) == [FULL.id]
    assert list(await stores.records.ids("other")) == []
    light = (await stores.records.get_many([FULL.id, "absent"]))[FULL.id]
    assert (light.name, light.collections, light.rights) == (FULL.name, FULL.collections, FULL.rights)


async def test_a_change_sees_the_record_and_may_delete_it(stores: Stores) -> None:
    """None before the first, the last one after; returning None deletes."""
    seen: list[FileRecord | None] = []

    def change(record: FileRecord | None) -> FileRecord | None:
        seen.append(record)
        return FULL if record is None else None

    assert await stores.records.change(FULL.id, change) == FULL
    assert await stores.records.change(FULL.id, change) is None
    assert seen == [None, FULL]
    assert await stores.records.get(FULL.id) is None


async def test_a_change_that_raises_changes_nothing(stores: Stores) -> None:
    """What the change raises comes through, and neither record nor chunk is written."""
    await stores.records.change(FULL.id, lambda _: FULL)

    def refuse(_: FileRecord | None) -> FileRecord | None:
        raise Conflict("Another worker has this file.")

    with pytest.raises(Conflict, match="Another worker"):
        await stores.records.change(FULL.id, refuse, [stored("aa")])
    assert await stores.records.get(FULL.id) == FULL
    assert await stores.chunks.get([f"{FULL.id}.aa"]) == {}


async def test_a_flip_moves_chunks_with_the_record(stores: Stores) -> None:
    """The record and the places of its chunks change in one step."""
    await stores.chunks.put([stored("aa", page=1)])
    moved = stored("aa", page=2)
    await stores.records.change(FULL.id, lambda _: FULL, [moved])
    assert await stores.chunks.get([moved.id]) == {moved.id: moved}


async def test_twenty_changes_at_once_all_happen(stores: Stores) -> None:
    """Concurrent changes of one record are done one after the other, none lost."""
    await stores.records.change(FULL.id, lambda _: replace(FULL, attempt=0))

    def more(record: FileRecord | None) -> FileRecord | None:
        assert record is not None
        return replace(record, attempt=record.attempt + 1)

    await asyncio.gather(*(stores.records.change(FULL.id, more) for _ in range(20)))
    record = await stores.records.get(FULL.id)
    assert record is not None
    assert record.attempt == 20


async def test_counts_are_by_state_and_collection(stores: Stores) -> None:
    """Every state is there, also with none; other collections do not count."""
    for number, (collection, state) in enumerate(
        [("main", "indexed"), ("main", "indexed"), ("main", "failed"), ("other", "indexed")]
    ):
        name = f"f{number}"
        record = replace(FULL, id=name, collections=(collection,), state=state)  # type: ignore[arg-type]
        await stores.records.change(name, lambda _, record=record: record)  # type: ignore[misc]
    assert await stores.records.counts("main") == {
        "pending": 0,
        "indexed": 2,
        "partial": 0,
        "skipped": 0,
        "failed": 1,
    }


async def test_chunks_come_back_with_their_places(stores: Stores) -> None:
    """Every kind of place, many at once, absent ones left out."""
    kinds = [
        stored("a", page=3, heading=("Leave", "Annual")),
        stored("b", sheet="Preise & Co", range="A1:D9"),
        stored("c", slide=4),
        stored("d", part="attachment 1: offer.txt"),
        stored("e"),
    ]
    many = [stored(f"n{number}", f"Text {number}.") for number in range(450)]
    await stores.chunks.put([*kinds, *many])
    ids = [chunk.id for chunk in (*kinds, *many)]
    assert await stores.chunks.get([*ids, "absent"]) == {chunk.id: chunk for chunk in (*kinds, *many)}
    await stores.chunks.delete([*ids, "absent"])
    assert await stores.chunks.get(ids) == {}


async def test_collections_are_kept_by_id(stores: Stores) -> None:
    """Create, replace, list in order; one that is leaving or absent is NotFound."""
    first, second = Collection("b", "Second", "f2"), Collection("a", "First", "f1")
    for one in (first, second, replace(first, name="Renamed")):
        await stores.collections.put(one)
    assert await stores.collections.get("b") == replace(first, name="Renamed")
    assert [one.id for one in await stores.collections.all()] == ["a", "b"]
    await stores.collections.put(replace(first, leaving=True))
    assert [one.id for one in await stores.collections.all()] == ["a"]
    assert await stores.collections.leaving() == [replace(first, leaving=True)]
    for name in ("b", "absent"):
        with pytest.raises(NotFound):
            await stores.collections.get(name)
    await stores.collections.delete("b")
    assert await stores.collections.leaving() == []


async def test_the_latest_run_is_the_newest(stores: Stores) -> None:
    """By its start, of the collection asked for."""
    runs = [
        Run("1", "main", "done", NOW, NOW + timedelta(minutes=1), listed=20, queued=3),
        Run("2", "main", "listing", NOW + timedelta(minutes=2)),
        Run("3", "other", "done", NOW + timedelta(minutes=3)),
    ]
    for run in runs:
        await stores.runs.put(run)
    assert await stores.runs.get("1") == runs[0]
    assert await stores.runs.latest("main") == runs[1]
    assert await stores.runs.latest("absent") is None


async def test_a_run_comes_back_with_how_far_it_came(stores: Stores) -> None:
    """Tokens, feeds, folders to look into, the walk; a change applies to what is stored."""
    run = Run("1", "main", "listing", NOW, tokens={"user": "7"}, unread=("user",), recheck=("f",), steps=4)
    run = replace(run, walk=Walk(("a", "b"), "token", ("c",)), worker="w", leased_until=NOW, begun=True)
    await stores.runs.put(run)
    assert await stores.runs.get("1") == run
    assert (await stores.runs.change("1", lambda one: replace(one, steps=one.steps + 1))).steps == 5
    assert await stores.runs.get("1") == replace(run, steps=5)
    with pytest.raises(NotFound):
        await stores.runs.change("absent", lambda one: one)


async def test_what_steps_found_is_kept_by_step(stores: Stores) -> None:
    """A step noted twice counts once; a range of steps is read."""
    for step, ids in ((0, ["a"]), (1, ["b", "c"]), (1, ["b", "c"]), (2, ["d"])):
        await stores.runs.note("1", step, ids)
    assert sorted(await stores.runs.noted("1", 1, 3)) == ["b", "c", "d"]
    assert sorted(await stores.runs.noted("1", 0, 1)) == ["a"]
    assert list(await stores.runs.noted("2", 0, 9)) == []


async def test_the_state_of_a_collection_is_changed_in_one_step(stores: Stores) -> None:
    """Empty before the first; concurrent changes are done one after the other."""
    assert (await stores.states.get("main")).tokens == {}

    async def more(number: int) -> None:
        await stores.states.change(
            "main", lambda state: replace(state, tokens={**state.tokens, f"f{number}": "1"})
        )

    await asyncio.gather(*map(more, range(6)))
    assert len((await stores.states.get("main")).tokens) == 6


async def test_folders_are_kept_by_id(stores: Stores) -> None:
    """Put, replaced, forgotten; absent ones are left out."""
    grants = (Grant("domain", "example.com", expires=NOW),)
    first = Folder("a", "Añejo", ("root",), True, "r", grants, ("anyone",))
    second = Folder("b", "B")
    await stores.folders.put([first, second])
    await stores.folders.put([replace(second, name="B2")])
    assert await stores.folders.get(["a", "b", "c"]) == {"a": first, "b": replace(second, name="B2")}
    await stores.folders.delete(["a", "absent"])
    assert await stores.folders.get(["a"]) == {}


async def test_channels_are_kept_by_id(stores: Stores) -> None:
    """Put, listed, forgotten."""
    channel = Channel("c", "user", "res", "digest", NOW)
    await stores.channels.put(channel)
    assert await stores.channels.get("c") == channel
    assert list(await stores.channels.all()) == [channel]
    await stores.channels.delete("c")
    assert await stores.channels.get("c") is None


async def test_records_are_found_by_place_and_by_what_is_due(stores: Stores) -> None:
    """Below a folder, shortcuts, expired rights, tries to come, lost tasks; and pages in order of id."""
    plain = replace(FULL, expires_at=None, target="", next_try=None, state="indexed", folders=("root",))
    later = NOW + timedelta(hours=1)
    records = {
        "a": replace(plain, expires_at=NOW),
        "b": replace(plain, state="failed", next_try=NOW, folders=("root", "people")),
        "c": replace(plain, state="pending", queued_at=NOW - timedelta(hours=1)),
        "d": replace(plain, state="pending", queued_at=later, target="t"),
        "e": replace(plain, state="failed", next_try=later, expires_at=later),
    }
    for name, record in records.items():
        one = replace(record, id=name)
        await stores.records.change(name, lambda _, one=one: one)  # type: ignore[misc]
    assert list(await stores.records.below("people")) == ["b"]
    assert list(await stores.records.shortcuts()) == ["d"]
    due = stores.records.due
    assert sorted(await due("main", NOW, NOW, NOW - timedelta(minutes=15))) == ["a", "b", "c"]
    assert "e" in await due("main", NOW, NOW + timedelta(days=9), NOW - timedelta(minutes=15))
    assert list(await due("other", NOW, NOW, NOW)) == []
    page = await stores.records.page("main", "", "b", 2)
    assert [record.id for record in page] == ["c", "d"]
    assert [record.id for record in await stores.records.page("team", "failed", "", 9)] == ["b", "e"]


async def test_groups_of_a_person(db: Database) -> None:
    """Those that list the address, and those that nobody could look into."""
    groups = FirestoreMemberships(db, TIMEOUT)
    await groups.save("staff@example.com", ["alice@example.com", "bob@example.com"])
    await groups.save("board@example.com", ["honora@example.com"])
    await groups.save("elsewhere@example.org", None)
    assert sorted(await groups.groups_of("alice@example.com")) == [
        "elsewhere@example.org",
        "staff@example.com",
    ]
    assert await groups.certain_groups_of("alice@example.com") == {"staff@example.com"}
    assert set(await groups.read_times()) == {
        "staff@example.com",
        "board@example.com",
        "elsewhere@example.org",
    }
    await groups.save("staff@example.com", [])
    assert await groups.groups_of("alice@example.com") == ("elsewhere@example.org",)


async def test_many_are_changed_each_by_itself(stores: Stores) -> None:
    """New, existing and unchanged ones, and one that is not to be made; chunks come with what is changed."""
    await stores.records.change("known", lambda _: replace(FULL, id="known", attempt=1))
    await stores.records.change("same", lambda _: replace(FULL, id="same"))
    done = await stores.records.change_each(
        {
            "new": lambda _: replace(FULL, id="new"),
            "known": lambda record: record and replace(record, attempt=2),
            "same": lambda record: record,
            "none": lambda record: record,
        },
        {name: [stored(f"moved {name}")] for name in ("new", "known", "same")},
    )
    ids = [stored(f"moved {name}").id for name in ("known", "new", "same")]
    assert sorted(await stores.chunks.get(ids)) == ids[:2]
    found = {name: await stores.records.get(name) for name in done}
    assert found == done
    assert [name for name, record in found.items() if record is None] == ["none"]
    assert found["known"] == replace(FULL, id="known", attempt=2)


async def test_a_database_that_is_away_is_unavailable(firestore: Stores, server: FirestoreServer) -> None:
    """No SDK exception leaves the adapters: Unavailable, with a time to come back."""
    server.control.faults.append(Fault(method="*", status="PERMISSION_DENIED", times=0))
    with pytest.raises(Exception, match="lacks a role"):
        await firestore.collections.get("main")
    await server.stop()
    server.control.faults.clear()
    with pytest.raises((Unavailable, Timeout)) as caught:
        await FirestoreCollections(
            clients.firestore(ProjectSettings(google_cloud_project="docent-test"), FirestoreSettings()), 0.3
        ).get("main")
    assert caught.value.retry_after
