"""The audit trail's store: the fake that unit tests trust and the Firestore adapter keep one contract."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import Unavailable
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.firestore_database import Database
from shared.identity.audit_chain import GENESIS, authenticated, broken_link
from shared.identity.audit_reading import AuditReader
from shared.identity.interfaces import AuditStore
from shared.identity.records import AuditEntry
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.identity import NOW

INDEXES = Path(__file__).parents[2] / "terraform"
HEAD = partial(authenticated, "p", b"k" * 32)


@pytest.fixture
def firestore(db: Database) -> FirestoreAudit:
    """The adapter, with Google's client, on the local Firestore."""
    return FirestoreAudit(db, 5.0)


@pytest.fixture(params=["fake", "firestore"])
def store(request: pytest.FixtureRequest) -> AuditStore:
    """Both, one after the other."""
    if request.param == "fake":
        return FakeAudit()
    found: AuditStore = request.getfixturevalue("firestore")
    return found


def entry(number: int, event: str = "session.ended", subject: str = "p1") -> AuditEntry:
    """An entry, a microsecond later than the one before it."""
    details = {"count": number, "why": "Größe", "last": True}
    return AuditEntry(f"{number:016x}", NOW + number / 1e6, event, "p0", subject, "r1", details)


async def test_entries_come_back_linked_as_they_were_stored(store: AuditStore) -> None:
    """Every field to the microsecond; in order of time, each with the hash of the one before."""
    entries = [entry(number) for number in range(5)]
    for one in reversed(entries):
        await store.append(one)
    assert await store.waiting() == 5
    head = await store.seal(HEAD)
    links = await store.after(0, 10)
    assert [link.entry for link in links] == entries
    assert broken_link(links, 0, GENESIS) is None
    assert head == await store.head() == HEAD(5, links[-1].hash)
    assert (await store.waiting(), await store.seal(HEAD)) == (0, None)


async def test_an_entry_stored_twice_is_there_once(store: AuditStore) -> None:
    """A write that was repeated because its answer was lost."""
    await store.append(entry(1))
    await store.append(entry(1))
    await store.seal(HEAD)
    assert len(await store.after(0, 10)) == 1


async def test_the_chain_goes_on_where_it_ended(store: AuditStore) -> None:
    """Several batches make one chain."""
    for number in range(3):
        await store.append(entry(number))
        await store.seal(HEAD)
    links = await store.after(0, 10)
    assert [link.seq for link in links] == [1, 2, 3]
    assert broken_link(links, 0, GENESIS) is None
    assert [link.seq for link in await store.after(1, 1)] == [2]


async def test_links_are_found_by_event_and_person(store: AuditStore) -> None:
    """Newest first, before a number; alone and together."""
    for number in range(6):
        await store.append(entry(number, ("a", "b")[number % 2], ("p1", "p2", "p3")[number % 3]))
    await store.seal(HEAD)

    async def found(before: int | None = None, **narrow: object) -> list[int]:
        return [link.seq for link in await store.before(before, 10, **narrow)]  # type: ignore[arg-type]

    assert await found() == [6, 5, 4, 3, 2, 1]
    assert await found(4) == [3, 2, 1]
    assert await found(event="a") == [5, 3, 1]
    assert await found(people=["p1", "p2"]) == [5, 4, 2, 1]
    assert await found(5, event="b", people=["p1"]) == [4]


async def test_writers_and_linkers_at_once_never_fork_the_chain(
    firestore: FirestoreAudit, server: FirestoreServer
) -> None:
    """Forty writers while four link: every entry is in one chain once, and the chain holds."""

    async def link() -> None:
        while len(await firestore.after(0, 50)) < 40:
            await firestore.seal(HEAD)

    writers = (firestore.append(entry(number)) for number in range(40))
    await asyncio.gather(*writers, *(link() for _ in range(4)))
    links = await firestore.after(0, 50)
    assert sorted(one.entry.id for one in links) == [entry(number).id for number in range(40)]
    assert broken_link(links, 0, GENESIS) is None
    assert (await firestore.head()) == HEAD(40, links[-1].hash)
    server.control.calls.clear()
    await firestore.append(entry(99))
    assert dict(server.control.calls) == {"Commit": 1}


async def test_more_than_a_batch_is_linked_in_turns(firestore: FirestoreAudit) -> None:
    """A hundred a transaction."""
    await asyncio.gather(*(firestore.append(entry(number)) for number in range(130)))
    heads = [await firestore.seal(HEAD) for _ in range(3)]
    assert [head.seq if head else None for head in heads] == [100, 130, None]


async def test_a_linker_that_dies_leaves_nothing_half_done(
    firestore: FirestoreAudit, server: FirestoreServer
) -> None:
    """The commit fails: nothing is linked, and the next one links all."""
    for number in range(3):
        await firestore.append(entry(number))
    server.control.faults = [Fault(method="Commit", status="INTERNAL", times=0)]
    with pytest.raises(Unavailable):
        await firestore.seal(HEAD)
    server.control.faults = []
    assert (await firestore.head(), await firestore.after(0, 10), await firestore.waiting()) == (None, [], 3)
    await firestore.seal(HEAD)
    assert len(await firestore.after(0, 10)) == 3


async def test_a_document_changed_in_the_database_is_named(firestore: FirestoreAudit) -> None:
    """Somebody with access to Firestore edits an entry: verify names it."""
    trail = trail_of(FakeAudit())
    trail._store = firestore
    for number in range(5):
        await trail.note("session.ended", f"person {number}", "")
    reader = AuditReader(firestore, trail)
    assert (await reader.verify()).ok
    await firestore._links.document(f"{3:012d}").update({"subject": "nobody"})
    verdict = await reader.verify()
    assert verdict.broken
    assert verdict.broken.seq == 3
    await firestore._links.document(f"{3:012d}").delete()
    assert not (await reader.verify()).ok
