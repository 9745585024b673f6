"""Every way in ends at the same place: rule, audit entry, session; and what administrators change there."""

import asyncio
from typing import Any

import pytest

from shared.errors import AppError, Conflict, NotFound, Unavailable
from shared.identity.firebase import FRESH, FirebaseSignIn
from shared.identity.interfaces import (
    AccountNotAllowed,
    BadToken,
    SignInDeclined,
    SignInExpired,
    SignInFailed,
)
from shared.identity.people import People
from shared.identity.records import Device, User
from shared.models import Person
from tests.fakes.firebase import FakeFirebase
from tests.fakes.identity import FakeUsers
from tests.fakes.signin_house import ALICE, House

ADMIN = Person("1", "root@example.com", "example.com", admin=True)


async def test_a_sign_in_is_recorded_before_its_session_begins() -> None:
    """Who, how, with which role; and without the entry there is no session, but a sentence."""
    house = House()
    await house.sign_in()
    entry = house.audit.last()
    assert (entry.event, dict(entry.details)) == ("signin.succeeded", {"method": "google", "role": "user"})
    assert entry.subject == await house.trail.pseudonym(ALICE)
    house = House()
    house.audit.failure = Unavailable("down")
    with pytest.raises(Unavailable, match="record"):
        await house.sign_in()
    assert not house.store.sessions
    assert house.trail.owed == 1


async def refused(house: House, case: str) -> None:
    """Run a sign-in that fails as `case` says."""
    _, callback = await house.begin()
    changes: dict[str, Any] = {
        "expired": {"state": "x" * 43},
        "declined": {"error": "access_denied"},
        "not allowed": {},
        "nonce": {},
        "issuer": {"issuer": "https://evil.example"},
    }
    house.provider.claims = {"not allowed": {"hd": "other.example"}, "nonce": {"nonce": "n"}}.get(case, {})
    await house.signin.finish(type(callback)(**{**vars(callback), **changes[case]}))


@pytest.mark.parametrize(
    ("case", "error", "reason", "known"),
    [
        ("expired", SignInExpired, "sign-in-expired", False),
        ("declined", SignInDeclined, "sign-in-declined", False),
        ("not allowed", AccountNotAllowed, "account-not-allowed", True),
        ("nonce", SignInFailed, "wrong nonce", False),
        ("issuer", SignInFailed, "answer of another issuer", False),
    ],
)
async def test_each_refusal_is_in_the_trail(
    case: str, error: type[AppError], reason: str, known: bool
) -> None:
    """With its reason, and with the person once Google has vouched for who they are."""
    house = House()
    with pytest.raises(error):
        await refused(house, case)
    (entry,) = house.audit.entries()
    assert (entry.event, entry.details["reason"]) == ("signin.refused", reason)
    assert bool(entry.subject) is known
    assert not house.store.sessions


async def test_a_refusal_stands_when_the_trail_cannot_be_written() -> None:
    """The person is refused all the same, and the entry is owed."""
    house = House()
    house.audit.failure = Unavailable("down")
    with pytest.raises(AccountNotAllowed):
        await refused(house, "not allowed")
    assert house.trail.owed == 1


async def test_a_reused_refresh_token_is_in_the_trail() -> None:
    """The theft ends the session, and the trail says whose and why."""
    house = House()
    arrival = await house.sign_in()
    await house.sessions.renew(arrival.tokens.refresh)
    house.clock.now += 60
    with pytest.raises(AppError):
        await house.sessions.renew(arrival.tokens.refresh)
    entry = house.audit.last()
    assert (entry.event, entry.details["why"]) == ("session.ended", "refresh token used twice")
    assert entry.subject == await house.trail.pseudonym(ALICE)


async def test_an_erasure_that_was_cut_off_is_finished_at_the_next_sign_in() -> None:
    """Nothing of before is there when the person comes back; they begin anew."""
    house = House(admins=("alice@example.com",))
    await house.sign_in()
    house.conversations.documents[ALICE] = [{"text": "secret"}] * 5
    await house.users.begin_erasure(ALICE, "r1")
    house.clock.now += 60
    await house.sign_in()
    assert not house.conversations.documents[ALICE]
    assert house.receipts.receipts["r1"].counts["conversations"] == 5
    assert (house.users.users[ALICE].erasing, house.users.users[ALICE].created_at) == ("", house.clock.now)
    assert len(house.store.sessions) == 1


async def test_a_change_of_role_counts_from_the_next_request_on() -> None:
    """In every session of the person's; recorded with before and after."""
    house = House()
    token = (await house.sign_in()).tokens.access
    people = People(house.users, house.sessions, house.trail)
    changed = await people.change(ADMIN, ALICE, "admin", "premium")
    assert (changed.role, changed.tier) == ("admin", "premium")
    person = await house.verifier.person(token)
    assert (person.admin, person.tier) == (True, "premium")
    role, tier = house.audit.entries()[-2:]
    assert (role.event, dict(role.details)) == ("role.changed", {"before": "user", "after": "admin"})
    assert (tier.event, dict(tier.details)) == ("tier.changed", {"before": "standard", "after": "premium"})
    assert role.actor == await house.trail.pseudonym("1")


async def test_a_role_that_changes_during_a_sign_in_is_not_missed() -> None:
    """The demotion lands between the reading of the user and the making of the session."""
    house = House()
    await house.sign_in()
    people = People(house.users, house.sessions, house.trail)
    await people.change(ADMIN, ALICE, "admin", None)

    class Late(FakeUsers):
        async def signed_in(self, *args: Any, **options: Any) -> User:
            found = await super().signed_in(*args, **options)
            await people.change(ADMIN, ALICE, "user", None)
            return found

    late = Late()
    late.users = house.users.users
    object.__setattr__(house.reception, "users", late)
    token = (await house.sign_in()).tokens.access
    assert not (await house.verifier.person(token)).admin


async def test_nobody_changes_their_own_role_or_that_of_a_stranger() -> None:
    """Somebody stays administrator; nothing is recorded that did not happen."""
    house = House()
    await house.sign_in()
    people = People(house.users, house.sessions, house.trail)
    entries = len(house.audit.entries())
    with pytest.raises(NotFound):
        await people.change(ADMIN, "nobody", "admin", None)
    with pytest.raises(Conflict):
        await people.change(Person(ALICE, "", "", admin=True), ALICE, "admin", None)
    await people.change(ADMIN, ALICE, "user", "standard")
    assert len(house.audit.entries()) == entries


async def test_a_role_is_not_given_unrecorded() -> None:
    """Without the entry the role stays as it was."""
    house = House()
    await house.sign_in()
    house.audit.failure = Unavailable("down")
    with pytest.raises(Unavailable):
        await People(house.users, house.sessions, house.trail).change(ADMIN, ALICE, "admin", None)
    assert house.users.users[ALICE].role == "user"


def firebase_of(house: House, *, app_check: bool = False) -> tuple[FakeFirebase, FirebaseSignIn]:
    """Firebase's way into the house."""
    tokens = FakeFirebase(house.clock)
    return tokens, FirebaseSignIn(tokens, house.reception, app_check, house.clock)


async def test_a_firebase_token_is_the_same_person_as_google_s() -> None:
    """Keyed by the Google account behind it, under the same rule, in the same trail."""
    house = House()
    await house.sign_in()
    tokens, firebase = firebase_of(house)
    session = await firebase.sign_in(tokens.token(), "", Device("curl/8", "Lisbon"))
    person = await house.verifier.person(session.access)
    assert (person.subject, person.domain) == (ALICE, "example.com")
    assert len(house.users.users) == 1
    assert house.audit.last().details["method"] == "firebase"
    assert house.store.sessions[person.session_id].place == "Lisbon"


FIREBASE: dict[str, tuple[dict[str, Any], type[AppError]]] = {
    "no hd": ({"hd": None}, AccountNotAllowed),
    "another domain": ({"hd": "other.example"}, AccountNotAllowed),
    "address ends alike": ({"hd": None, "email": "mallory@example.com"}, AccountNotAllowed),
    "address not verified": ({"email_verified": False}, BadToken),
    "no address": ({"email": None}, BadToken),
    "password account": ({"firebase": {"sign_in_provider": "password", "identities": {}}}, AccountNotAllowed),
    "no account behind it": ({"firebase": {"sign_in_provider": "google.com"}}, AccountNotAllowed),
    "firebase is no object": ({"firebase": "google.com"}, AccountNotAllowed),
    "two accounts": (
        {"firebase": {"sign_in_provider": "google.com", "identities": {"google.com": ["1", "2"]}}},
        AccountNotAllowed,
    ),
    "account id is a path": (
        {"firebase": {"sign_in_provider": "google.com", "identities": {"google.com": ["a/b"]}}},
        BadToken,
    ),
    "signed in long ago": ({"auth_time": 1_800_000_000 - FRESH - 1}, SignInExpired),
    "never signed in": ({"auth_time": None}, SignInExpired),
    "sign-in at no time": ({"auth_time": float("nan")}, SignInExpired),
}


@pytest.mark.parametrize("case", FIREBASE)
async def test_a_firebase_token_that_does_not_belong_here_opens_nothing(case: str) -> None:
    """No session and no user; the refusal is in the trail."""
    house = House()
    tokens, firebase = firebase_of(house)
    claims, error = FIREBASE[case]
    with pytest.raises(error):
        await firebase.sign_in(tokens.token(**claims), "", Device())
    assert not house.store.sessions
    assert not house.users.users
    assert house.audit.events() == ["signin.refused"]


async def test_app_check_is_asked_for_when_it_is_configured() -> None:
    """Without a genuine app's token nothing is looked at."""
    house = House()
    tokens, firebase = firebase_of(house, app_check=True)
    for forged in ("", "forged"):
        with pytest.raises(BadToken):
            await firebase.sign_in(tokens.token(), forged, Device())
    await firebase.sign_in(tokens.token(), "genuine-app", Device())
    assert len(house.store.sessions) == 1


async def test_many_sign_ins_at_once_are_all_recorded() -> None:
    """Twenty at once make twenty entries, one chain."""
    house = House()
    tokens, firebase = firebase_of(house)
    await asyncio.gather(*(firebase.sign_in(tokens.token(), "", Device()) for _ in range(20)))
    await house.trail.link()
    assert [link.seq for link in house.audit.links] == list(range(1, 21))
