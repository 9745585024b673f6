"""Sessions admit whom they should, and stop at once."""

import pytest

from shared.errors import NotFound, NotSignedIn, Timeout, Unavailable
from shared.identity.devices import device_name
from shared.identity.keyring import SigningKeys
from shared.identity.records import Device, Session, User
from shared.identity.sessions import SEEN_EVERY, Sessions, SessionVerifier
from shared.identity.tokens import TokenSigner
from shared.models import Person
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.identity import HOME, NOW, FakeSecrets, FakeSessions, Ticker, session, signing_secret

ALICE = User("1234567890", "alice@example.com", "example.com", "Alice", "user", NOW, NOW)


class House:
    """Sessions and their verifier over one store."""

    def __init__(self) -> None:
        self.clock, self.store, self.audit = Ticker(), FakeSessions(), FakeAudit()
        trail = trail_of(self.audit, self.clock)
        keys = SigningKeys(FakeSecrets(signing=signing_secret("k1")), "signing")
        self.signer = TokenSigner(keys, HOME, self.clock)
        self.sessions = Sessions(self.store, self.signer, trail, 3600, 30 * 86400, clock=self.clock)
        self.verifier = SessionVerifier(keys, self.store, HOME, trail, self.clock)

    async def token(self, entry: Session) -> str:
        """A token for a session that is put into the store as it is."""
        self.store.sessions[entry.id] = entry
        return await self.signer.access(entry.subject, entry.id, 86400)


async def test_a_session_admits_its_person_with_one_read() -> None:
    """The person comes from the session document, and a request costs one read of it."""
    house = House()
    token = (await house.sessions.begin(ALICE, Device("curl/8.1"))).access
    person = await house.verifier.person(token)
    session_id = next(iter(house.store.sessions))
    assert person == Person(ALICE.subject, ALICE.email, ALICE.domain, "Alice", session_id=session_id)
    assert house.store.reads == 1


async def test_an_ended_session_is_refused_at_the_next_request() -> None:
    """Signing out is felt by a token that is otherwise good for days."""
    house = House()
    token = (await house.sessions.begin(ALICE, Device(""))).access
    person = await house.verifier.person(token)
    await house.sessions.end(person)
    with pytest.raises(NotSignedIn):
        await house.verifier.person(token)


@pytest.mark.parametrize(
    "entry",
    [session(ended=True), session(expire_at=NOW), session(expire_at=NOW - 1)],
    ids=["ended", "expires now", "expired"],
)
async def test_a_session_that_is_over_admits_nobody(entry: Session) -> None:
    """Expiry is checked on reading: Firestore deletes late."""
    house = House()
    with pytest.raises(NotSignedIn):
        await house.verifier.person(await house.token(entry))


async def test_a_token_without_its_session_admits_nobody() -> None:
    """A genuine token of an erased person, or for another person's session, is worth nothing."""
    house = House()
    token = await house.token(session())
    house.store.sessions.clear()
    with pytest.raises(NotSignedIn):
        await house.verifier.person(token)
    house.store.sessions["s1"] = session(subject="somebody else")
    with pytest.raises(NotSignedIn):
        await house.verifier.person(token)


@pytest.mark.parametrize("failure", [Unavailable("down"), Timeout("slow")])
async def test_nobody_is_admitted_while_the_store_is_down(failure: Exception) -> None:
    """It fails closed, with 503 and a time to come back, and recovers by itself."""
    house = House()
    token = await house.token(session())
    house.store.failure = failure  # type: ignore[assignment]
    with pytest.raises(Unavailable) as refused:
        await house.verifier.person(token)
    assert refused.value.retry_after
    house.store.failure = None
    assert (await house.verifier.person(token)).subject == ALICE.subject


async def test_the_role_is_what_the_session_says() -> None:
    """An administrator is one by the session document, not by the token."""
    house = House()
    assert (await house.verifier.person(await house.token(session(role="admin")))).admin
    assert not (await house.verifier.person(await house.token(session(id="s2")))).admin


async def test_people_end_their_own_sessions_and_administrators_anybodys() -> None:
    """Somebody else's session does not exist, except for an administrator."""
    house = House()
    await house.token(session())
    stranger = Person("999", "x@example.com", "example.com")
    with pytest.raises(NotFound):
        await house.sessions.end_one(stranger, "s1")
    assert not house.store.sessions["s1"].ended
    await house.sessions.end_one(Person("999", "x@example.com", "example.com", admin=True), "s1")
    assert house.store.sessions["s1"].ended
    with pytest.raises(NotFound):
        await house.sessions.end_one(session().person(), "s1")


async def test_ending_the_others_leaves_the_one_that_asks() -> None:
    """All but the asking session end, and nobody else's."""
    house = House()
    for entry in (session(), session(id="s2"), session(id="s3"), session(id="x", subject="999")):
        await house.token(entry)
    assert await house.sessions.end_others(session().person()) == 2
    assert [one.id for one in await house.sessions.list(ALICE.subject)] == ["s1"]
    assert [one.id for one in await house.sessions.list("999")] == ["x"]


async def test_expired_sessions_are_not_listed() -> None:
    """The list shows where one is signed in, not where one was."""
    house = House()
    await house.token(session(expire_at=NOW))
    assert await house.sessions.list(ALICE.subject) == []


async def test_use_is_noted_now_and_then_and_never_at_the_requests_expense() -> None:
    """One note in five minutes; a store that does not take it is no reason to fail."""
    house = House()
    await house.token(session())
    await house.sessions.seen("s1")
    assert house.store.sessions["s1"].last_seen == NOW
    house.clock.now += SEEN_EVERY - 1
    await house.sessions.seen("s1")
    assert house.store.sessions["s1"].last_seen == NOW
    house.clock.now += 1
    house.store.failure = Unavailable("down")
    await house.sessions.seen("s1")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/126 Safari/537 Edg/126", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/126 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Version/17 Safari/604", "Safari on iPhone"),
        ("curl/8.1.2", "curl/8.1.2"),
        ("\u202eevil\x00" + "x" * 99, "evil" + "x" * 56),
        ("", "Unknown device"),
    ],
)
def test_a_device_has_a_short_plain_name(user_agent: str, name: str) -> None:
    """Browsers by name and system; anything else by its first word, without control characters."""
    assert device_name(user_agent) == name
