"""The stores of identity: the fakes that unit tests trust and the Firestore adapters keep one contract."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from shared.errors import AppError, Unavailable
from shared.gcp.drive_grants import FirestoreGrants
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_sessions import FirestoreLoginStates, FirestoreSessions
from shared.gcp.firestore_users import FirestoreUsers
from shared.identity.interfaces import GrantStore, LoginStates, SessionStore, UserStore
from shared.identity.records import Grant, LoginState, Profile, Refresh, Sealed
from tests.fakes.identity import NOW, FakeGrants, FakeLoginStates, FakeSessions, FakeUsers, session

ALICE = Profile("1234567890", "alice@example.com", "example.com", "Alice")
TIMEOUT = 5.0


@dataclass
class Stores:
    """One implementation of each interface."""

    sessions: SessionStore
    states: LoginStates
    users: UserStore
    grants: GrantStore


@pytest.fixture
def firestore(db: Database) -> Stores:
    """The adapters, with Google's client, on the local Firestore."""
    return Stores(
        FirestoreSessions(db, TIMEOUT),
        FirestoreLoginStates(db, TIMEOUT),
        FirestoreUsers(db, TIMEOUT),
        FirestoreGrants(db, TIMEOUT),
    )


@pytest.fixture(params=["fake", "firestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Both, one after the other."""
    if request.param == "fake":
        return Stores(FakeSessions(), FakeLoginStates(), FakeUsers(), FakeGrants())
    found: Stores = request.getfixturevalue("firestore")
    return found


async def test_a_session_comes_back_as_it_was_stored(stores: Stores) -> None:
    """Every field, to the microsecond; an id that nobody has is None."""
    stored = session(role="admin", expire_at=NOW + 0.125)
    await stores.sessions.create(stored)
    assert await stores.sessions.get("s1") == stored
    assert await stores.sessions.get("s2") is None


async def test_an_ended_session_stays_ended(stores: Stores) -> None:
    """It ends once, is still there to be read, and is not listed."""
    await stores.sessions.create(session())
    assert await stores.sessions.end("s1")
    assert not await stores.sessions.end("s1")
    assert not await stores.sessions.end("never was")
    assert await stores.sessions.get("s1") == session(ended=True)
    assert await stores.sessions.of("1234567890") == []


async def test_of_ten_renewals_at_once_one_counts(stores: Stores) -> None:
    """Compare and set: the others are told that they came second, and nothing of theirs is written."""
    await stores.sessions.create(session())
    states = [Refresh(str(n) * 64, "0" * 64, bytes([n, 255]), NOW + n) for n in range(1, 9)]
    results = await asyncio.gather(
        *(stores.sessions.renew("s1", "0" * 64, state, NOW + 99) for state in states)
    )
    assert results.count(True) == 1
    won = states[results.index(True)]
    assert await stores.sessions.get("s1") == session(
        refresh=won, expire_at=NOW + 99, last_seen=won.replaced_at
    )


async def test_a_session_that_is_over_is_not_renewed(stores: Stores) -> None:
    """Neither an ended one nor one that never was."""
    await stores.sessions.create(session())
    await stores.sessions.end("s1")
    assert not await stores.sessions.renew("s1", "0" * 64, Refresh("1" * 64), NOW + 99)
    assert not await stores.sessions.renew("s2", "0" * 64, Refresh("1" * 64), NOW + 99)
    assert await stores.sessions.get("s1") == session(ended=True)
    assert await stores.sessions.get("s2") is None


async def test_use_is_noted_and_changes_nothing_else(stores: Stores) -> None:
    """A session that is gone is not brought back by a note of its use."""
    await stores.sessions.create(session())
    await stores.sessions.seen("s1", NOW)
    assert await stores.sessions.get("s1") == session(last_seen=NOW)
    await stores.sessions.seen("gone", NOW)
    assert await stores.sessions.get("gone") is None


async def test_a_persons_sessions_are_listed_newest_first(stores: Stores) -> None:
    """And nobody else's."""
    for number in range(3):
        await stores.sessions.create(session(id=f"s{number}", created_at=NOW + number))
    await stores.sessions.create(session(id="x", subject="999"))
    assert [one.id for one in await stores.sessions.of("1234567890")] == ["s2", "s1", "s0"]


async def test_a_sign_in_under_way_is_taken_once(stores: Stores) -> None:
    """Of ten who take it at the same moment one gets it."""
    state = LoginState("a" * 64, "b" * 64, "/ask?x=1", NOW + 600)
    await stores.states.put(state)
    taken = await asyncio.gather(*(stores.states.take(state.id) for _ in range(10)))
    assert sorted(taken, key=lambda one: one is None) == [state, *[None] * 9]


async def test_the_first_sign_in_decides_the_role(stores: Stores) -> None:
    """Later ones bring the rest up to date."""
    first = await stores.users.signed_in(ALICE, admin=True, now=NOW)
    assert (first.role, first.created_at, first.signed_in_at) == ("admin", NOW, NOW)
    moved = replace(ALICE, email="new@example.com", name="Alice B.")
    later = await stores.users.signed_in(moved, admin=False, now=NOW + 9)
    assert (later.role, later.created_at, later.signed_in_at) == ("admin", NOW, NOW + 9)
    assert (later.email, later.name) == ("new@example.com", "Alice B.")
    assert await stores.users.get(ALICE.subject) == later
    assert await stores.users.get("nobody") is None


async def test_two_first_sign_ins_at_once_make_one_user(stores: Stores) -> None:
    """Both windows get the same person."""
    both = await asyncio.gather(*(stores.users.signed_in(ALICE, admin=False, now=NOW) for _ in range(5)))
    assert len(set(both)) == 1


async def test_a_grant_is_replaced_marked_dead_and_forgotten(stores: Stores) -> None:
    """A newer grant is not killed by the refusal of the old one."""
    old, new = (Grant("1", Sealed("a", bytes([n, 0, 255])), "live", NOW + n) for n in range(2))
    assert await stores.grants.get("1") is None
    await stores.grants.mark_dead("1", old.token.box)
    await stores.grants.put(old)
    await stores.grants.put(new)
    await stores.grants.mark_dead("1", old.token.box)
    assert await stores.grants.get("1") == new
    await stores.grants.mark_dead("1", new.token.box)
    assert await stores.grants.get("1") == replace(new, state="dead")
    await stores.grants.delete("1")
    await stores.grants.delete("1")
    assert await stores.grants.get("1") is None


@pytest.mark.parametrize(
    ("status", "error"),
    [("UNAVAILABLE", Unavailable), ("DEADLINE_EXCEEDED", Unavailable), ("INTERNAL", AppError)],
)
async def test_googles_errors_become_ours(
    firestore: Stores, server: FirestoreServer, status: str, error: type[AppError]
) -> None:
    """No error of the SDK leaves an adapter, and none is taken for an answer."""
    await firestore.sessions.create(session())
    calls = (
        lambda: firestore.sessions.get("s1"),
        lambda: firestore.sessions.of("1234567890"),
        lambda: firestore.users.signed_in(ALICE, admin=False, now=NOW),
        lambda: firestore.grants.put(Grant("1", Sealed("a", b"x"), "live", NOW)),
    )
    for call in calls:
        server.control.faults = [Fault(status=status, times=0)]
        with pytest.raises(error):
            await call()
    server.control.faults = []
    assert await firestore.sessions.get("s1") == session()


async def test_a_connection_lost_for_a_moment_is_not_felt(firestore: Stores, server: FirestoreServer) -> None:
    """One UNAVAILABLE is tried again at once, for reads and for writes."""
    server.control.faults = [Fault(status="UNAVAILABLE", times=1)]
    await firestore.sessions.create(session())
    server.control.faults = [Fault(status="UNAVAILABLE", times=1)]
    assert await firestore.sessions.get("s1") == session()


async def test_what_a_request_costs(firestore: Stores, server: FirestoreServer) -> None:
    """Reading a session is one round trip."""
    await firestore.sessions.create(session())
    server.control.calls.clear()
    await firestore.sessions.get("s1")
    assert dict(server.control.calls) == {"BatchGetDocuments": 1}
