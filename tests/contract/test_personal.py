"""Erasure and export on Firestore: exact counts, nothing left, nothing of anybody else's touched."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import AppError, NotFound
from shared.gcp import clients
from shared.gcp.firestore_personal import OWNED, FirestoreOwned, FirestoreUserRecord, personal_stores
from shared.gcp.firestore_receipts import FirestoreReceipts
from shared.gcp.firestore_users import FirestoreUsers
from shared.identity.erasure import Erasure
from shared.identity.interfaces import PersonalStore, ReceiptStore
from shared.identity.records import Profile, Receipt
from shared.settings import FirestoreSettings, ProjectSettings
from tests.fakes.audit import FakeAudit, FakePersonal, FakeReceipts, trail_of
from tests.fakes.declared import declared
from tests.fakes.identity import NOW

ALICE, BOB = "1234567890", "42"
CANARY = "canary-7f3a"


@dataclass
class Place:
    """A database with something of Alice's and something of Bob's in every collection."""

    server: FirestoreServer
    db: Any
    receipts: FirestoreReceipts
    stores: tuple[PersonalStore, ...]
    erasure: Erasure
    users: FirestoreUsers

    async def everything(self) -> str:
        """Every document of the database, as text, receipts apart."""
        found = []
        async for collection in self.db.client.collections():
            if collection.id != "erasures":
                found += [one async for one in collection.stream()]
        for below in ("messages", "private"):
            found += [one async for one in self.db.client.collection_group(below).stream()]
        return "\n".join(f"{one.reference.path} {one.to_dict()}" for one in found)


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """Running, in memory."""
    server = FirestoreServer(declared())
    await server.start()
    for name, value in server.exports().items():
        monkeypatch.setenv(name, value)
    db = clients.firestore(ProjectSettings(google_cloud_project="docent-test"), FirestoreSettings())
    receipts, users = FirestoreReceipts(db, 5.0), FirestoreUsers(db, 5.0)
    stores = personal_stores(db, 5.0, FakePersonal("drive_grants", FakeReceipts()))
    erasure = Erasure(users, stores, receipts, trail_of(FakeAudit()), lambda: NOW)
    built = Place(server, db, receipts, stores, erasure, users)
    for subject in (ALICE, BOB):
        await _fill(built, subject)
    yield built
    await db.close()
    await server.stop()


async def _fill(place: Place, subject: str) -> None:
    mark = CANARY if subject == ALICE else "bob"
    await place.users.signed_in(
        Profile(subject, f"{mark}@example.com", "example.com", mark), admin=False, now=NOW
    )
    record = place.db.client.collection("users").document(subject)
    await record.collection("private").document("drive_grant").set({"box": b"sealed", "note": mark})
    for owned in OWNED:
        for number in range(3):
            document = place.db.client.collection(owned.name).document(f"{mark}-{number}")
            await document.set({"subject": subject, "text": mark, "refresh": {"current": mark}})
            for below in owned.below:
                batch = place.db.client.batch()
                for one in range(90):
                    batch.set(document.collection(below).document(f"m{one}"), {"question": mark})
                await batch.commit()


EXPECTED = {owned.name: 3 for owned in OWNED} | {"messages": 270, "users": 1, "private": 1}


async def test_everything_of_a_persons_goes_and_is_counted(place: Place) -> None:
    """The unique string is in no document any more, the receipt has the exact numbers, Bob has everything."""
    assert CANARY in await place.everything()
    before = (await place.everything()).count("bob")
    receipt = await place.erasure.erase(ALICE, ALICE)
    left = await place.everything()
    assert CANARY not in left
    assert ALICE not in left
    assert left.count("bob") == before
    assert receipt.counts == EXPECTED
    stored = (await place.db.client.collection("erasures").document(receipt.id).get()).to_dict()
    assert stored["subject"] == ""
    assert CANARY not in str(stored)


@pytest.mark.parametrize("killed_at", range(7))
async def test_an_erasure_killed_anywhere_goes_on_with_the_same_receipt(place: Place, killed_at: int) -> None:
    """The n-th commit of it fails for good; asked again, it finishes, and the numbers are exact."""
    place.server.control.faults = [Fault(method="Commit", status="INTERNAL", times=0, skip=killed_at)]
    with pytest.raises(AppError):
        await place.erasure.erase(ALICE, ALICE)
    place.server.control.faults = []
    receipt = await place.erasure.erase(ALICE, ALICE)
    assert receipt.counts == EXPECTED
    assert CANARY not in await place.everything()
    assert await place.receipts.unfinished() == []


@pytest.mark.parametrize("by_name", [True, False])
async def test_an_erasure_killed_after_the_record_went_is_finished_by_whoever_comes(
    place: Place, by_name: bool
) -> None:
    """Asked for by name or all together: the open receipt knows whose it is. Then there is no such person."""
    await place.users.begin_erasure(ALICE, "r1")
    await place.receipts.begin(Receipt("r1", "p", NOW, subject=ALICE))
    await FirestoreUserRecord(place.db, 5.0).erase(ALICE, "r1")
    if by_name:
        assert (await place.erasure.erase(ALICE, ALICE)).id == "r1"
    else:
        assert await place.erasure.resume_all() == 1
    assert CANARY not in await place.everything()
    assert await place.erasure.unfinished() == 0
    with pytest.raises(NotFound):
        await place.erasure.erase(ALICE, ALICE)


async def test_what_came_in_behind_an_erasure_goes_when_it_is_asked_for_again(place: Place) -> None:
    """A request that ended later wrote what it cost; then there is no such person again."""
    await place.erasure.erase(ALICE, ALICE)
    await place.db.client.collection("usage").document("today").set({"subject": ALICE, "text": CANARY})
    receipt = await place.erasure.erase(ALICE, BOB)
    assert receipt.counts == {"usage": 1}
    assert CANARY not in await place.everything()
    with pytest.raises(NotFound):
        await place.erasure.erase(ALICE, BOB)


async def test_two_erasures_at_once_share_one_receipt_and_count_once(place: Place) -> None:
    """Impatient clicks: the numbers are those of the data, not of the clicks."""
    results = await asyncio.gather(
        *(place.erasure.erase(ALICE, ALICE) for _ in range(3)), return_exceptions=True
    )
    receipts = [one for one in results if isinstance(one, Receipt)]
    assert all(isinstance(one, Receipt | NotFound) for one in results)
    assert len({receipt.id for receipt in receipts}) == 1
    document = await place.db.client.collection("erasures").document(receipts[0].id).get()
    assert document.to_dict()["counts"] == EXPECTED


async def test_an_export_has_everything_and_no_secrets(place: Place) -> None:
    """Each store by its name, with what lies below; tokens, hashes and sealed boxes are left out."""
    conversations = FirestoreOwned(place.db, OWNED[0], 5.0)
    found = [one async for one in conversations.export(ALICE)]
    assert len(found) == 3
    assert all(len(one["messages"]) == 90 for one in found)  # type: ignore[arg-type]
    for store in place.stores:
        text = str([one async for one in store.export(ALICE)])
        assert "bob" not in text
        assert "sealed" not in text
        if store.name == "sessions":
            assert "refresh" not in text
    (record,) = [one async for one in place.stores[-1].export(ALICE)]
    assert record["email"] == f"{CANARY}@example.com"
    assert record["created_at"] == datetime.fromtimestamp(NOW, UTC).isoformat()


async def test_an_export_of_many_is_read_in_pages(place: Place) -> None:
    """Each document once; no query is open for as long as the reader takes for all of them."""
    batch = place.db.client.batch()
    for number in range(120):
        batch.set(place.db.client.collection("usage").document(f"n{number:03}"), {"subject": ALICE})
    await batch.commit()
    (usage,) = [one for one in place.stores if one.name == "usage"]
    before = place.server.control.calls.copy()
    found = [one["id"] async for one in usage.export(ALICE)]
    assert len(found) == len(set(found)) == 123
    assert (place.server.control.calls - before)["RunQuery"] == 3


@pytest.fixture(params=["fake", "firestore"])
def receipts(request: pytest.FixtureRequest) -> ReceiptStore:
    """Both, one after the other."""
    if request.param == "fake":
        return FakeReceipts()
    found: Place = request.getfixturevalue("place")
    return found.receipts


async def test_a_receipt_counts_and_ends(receipts: ReceiptStore) -> None:
    """Begun once, counted by store, open until it is finished; then the subject is forgotten."""
    begun = Receipt("r9", "pseudonym", NOW, subject=ALICE)
    await receipts.begin(begun)
    await receipts.add("r9", "sessions", 2)
    await receipts.add("r9", "sessions", 1)
    await receipts.begin(begun)
    (unfinished,) = await receipts.unfinished()
    assert (unfinished.subject, dict(unfinished.counts)) == (ALICE, {"sessions": 3})
    ended = await receipts.finish("r9", NOW + 1)
    assert ended == Receipt("r9", "pseudonym", NOW, NOW + 1, {"sessions": 3}, "")
    assert await receipts.unfinished() == []
