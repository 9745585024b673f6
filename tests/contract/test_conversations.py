"""Conversations: shared and found again; the fake and the adapter on Firestore keep one contract."""

from datetime import UTC, datetime, timedelta

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.answers.interfaces import Message, Share, SharedConversations
from shared.errors import Conflict
from shared.gcp.firestore_conversations import FirestoreConversations
from shared.gcp.firestore_database import Database
from shared.models import Person, Usage
from tests.fakes.search import ALICE, FakeConversations

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BOB = Person("2", "bob@example.com", "example.com")
SHARE = Share("s-1", "example.com", NOW)


@pytest.fixture(params=["fake", "firestore"])
def store(request: pytest.FixtureRequest, db: Database) -> SharedConversations:
    """Each implementation in turn."""
    return FakeConversations() if request.param == "fake" else FirestoreConversations(db, 5.0)


def asked(name: str, question: str, minutes: int = 0) -> Message:
    """A question with an answer."""
    at = NOW + timedelta(minutes=minutes)
    return Message(name, at, question, "Yes [1].", [], declined=False, degraded=False, usage=Usage())


async def test_a_share_is_kept_found_and_taken_back(store: SharedConversations) -> None:
    """By its id; further questions leave it as it is, and deleting the conversation ends it."""
    await store.append("c1", ALICE, asked("c1.1", "Is there leave?"))
    await store.append("c2", ALICE, asked("c2.1", "Is there pay?", 1))
    assert await store.shared("s-1") is None
    await store.share("c1", SHARE)
    await store.append("c1", ALICE, asked("c1.2", "How much?", 2))
    found = await store.shared("s-1")
    assert found is not None
    assert (found.id, found.share) == ("c1", SHARE)
    listed = {one.id: one.share for one in await store.of(ALICE, 10, None)}
    assert listed == {"c1": SHARE, "c2": None}
    await store.share("c1", None)
    assert await store.shared("s-1") is None
    await store.share("c1", SHARE)
    await store.delete("c1")
    assert await store.shared("s-1") is None


@pytest.mark.parametrize("late", [False, True])
async def test_a_message_outlives_one_failure(db: Database, server: FirestoreServer, late: bool) -> None:
    """It is written again, under its own name, so that it is there once whether the first try was or not."""
    store = FirestoreConversations(db, 5.0)
    server.control.faults.append(Fault("Commit", status="ABORTED", late=late))
    await store.append("c1", ALICE, asked("c1.1", "Is there leave?"))
    assert [one.id for one in await store.latest("c1", 10)] == ["c1.1"]
    server.control.faults.append(Fault("Commit", status="ABORTED", times=2))
    with pytest.raises(Conflict):
        await store.append("c1", ALICE, asked("c1.2", "How much?", 1))


async def test_the_words_of_all_questions_are_kept(store: SharedConversations) -> None:
    """Each once, without case and accents."""
    await store.append("c1", ALICE, asked("c1.1", "Is there LEAVE in Z\u00fcrich?"))
    await store.append("c1", ALICE, asked("c1.2", "How much leave?", 1))
    (found,) = await store.of(ALICE, 10, None)
    assert {"leave", "zurich", "much"} <= set(found.words)


async def test_a_conversation_is_found_by_its_owner_alone(store: SharedConversations) -> None:
    """For anybody else there is none, in the list and by its id."""
    await store.append("c1", ALICE, asked("c1.1", "Is there leave?"))
    found = await store.find(ALICE, "c1")
    assert found is not None
    assert found.id == "c1"
    assert await store.find(BOB, "c1") is None
    assert await store.find(ALICE, "absent") is None
    assert not await store.of(BOB, 10, None)
    assert await store.owner("c1") == ALICE.subject
