"""Attacks on sessions that have begun: renewing them, ending them, outliving them, reaching others'."""

from collections.abc import Callable

import httpx
import pytest

from tests.functions.attacks.verdict import (
    DONE,
    LET_IN,
    NO_SUCH_THING,
    NOT_ALLOWED,
    SIGN_IN_FIRST,
    Verdict,
    verdict_on,
)
from tests.functions.running import ADMIN, COOKIE, FUNCTIONS, HOME, Running, SignedIn, cookie_of, subject_of

DAY = 86_400
OURS = {"origin": HOME}


def renew(docent: Running, session: SignedIn) -> httpx.Response:
    """POST /auth/refresh, as a tab does it."""
    return docent.send("auth", "/auth/refresh", "POST", headers={**OURS, **session.cookie})


def renew_with(docent: Running, refresh_token: str) -> httpx.Response:
    """POST /auth/refresh, as a client without cookies does it."""
    return docent.send("auth", "/auth/refresh", "POST", json={"refresh_token": refresh_token})


def lives(docent: Running, session: SignedIn) -> bool:
    """Whether all four functions let its access token in; they never disagree."""
    found = {
        verdict_on(docent.send(name, path, headers=session.bearer)) in (LET_IN, NOT_ALLOWED)
        for name, path in FUNCTIONS.items()
    }
    assert len(found) == 1
    return found.pop()


def untouched(docent: Running, alice: SignedIn) -> httpx.Response:
    """The control: a first renewal."""
    return renew(docent, alice)


def reused_at_once(docent: Running, alice: SignedIn) -> httpx.Response:
    """A second tab, with the token that the first has just replaced."""
    renew(docent, alice)
    return renew(docent, alice)


def reused_after_the_grace(docent: Running, alice: SignedIn) -> httpx.Response:
    """The same, 21 seconds later."""
    renew(docent, alice)
    docent.age("sessions", alice.session_id, 21)
    return renew(docent, alice)


def reused_two_generations_later(docent: Running, alice: SignedIn) -> httpx.Response:
    """Within the grace, but its successor was replaced as well."""
    renew(docent, SignedIn.of(renew(docent, alice)))
    return renew(docent, alice)


def guessed(docent: Running, alice: SignedIn) -> httpx.Response:
    """The right session, a secret of somebody's own."""
    return renew_with(docent, f"{alice.session_id}.{'A' * 43}")


def of_another_session(docent: Running, alice: SignedIn) -> httpx.Response:
    """One session's id with another's secret."""
    other = docent.sign_in("bob@example.com")
    return renew_with(docent, f"{alice.session_id}.{other.refresh.partition('.')[2]}")


def an_access_token(docent: Running, alice: SignedIn) -> httpx.Response:
    """An access token renews nothing."""
    return docent.send(
        "auth", "/auth/refresh", "POST", headers={**OURS, "cookie": f"{COOKIE}={alice.access}"}
    )


def a_pre_login_cookie(docent: Running, alice: SignedIn) -> httpx.Response:
    """Nor does the cookie of a sign-in under way."""
    del alice
    cookie = cookie_of(docent.visit()).value
    return docent.send("auth", "/auth/refresh", "POST", headers={**OURS, "cookie": f"{COOKIE}={cookie}"})


def a_stored_hash(docent: Running, alice: SignedIn) -> httpx.Response:
    """What a thief finds in the database, in place of the secret."""
    stored = docent.database.collection("sessions").document(alice.session_id).get().get("refresh.current")
    return renew_with(docent, f"{alice.session_id}.{stored[:43]}")


def a_path(docent: Running, alice: SignedIn) -> httpx.Response:
    """A session's id that leads elsewhere."""
    return renew_with(docent, f"../../users/{alice.session_id}.{'A' * 43}")


def after_signing_out(docent: Running, alice: SignedIn) -> httpx.Response:
    """A session that its owner ended."""
    assert docent.send("auth", "/auth/logout", "POST", headers=alice.bearer).status_code == 204
    return renew(docent, alice)


def after_it_was_ended_elsewhere(docent: Running, alice: SignedIn) -> httpx.Response:
    """A session that its owner ended from another device."""
    other = docent.sign_in()
    assert docent.send("auth", "/auth/sessions", "DELETE", headers=other.bearer).status_code == 200
    return renew(docent, alice)


def after_thirty_days(docent: Running, alice: SignedIn) -> httpx.Response:
    """A session that nobody used for a month."""
    docent.age("sessions", alice.session_id, 31 * DAY)
    return renew(docent, alice)


def after_it_was_deleted(docent: Running, alice: SignedIn) -> httpx.Response:
    """A session whose document is gone."""
    docent.database.collection("sessions").document(alice.session_id).delete()
    return renew(docent, alice)


@pytest.mark.parametrize(
    ("attack", "verdict", "survives"),
    [
        (untouched, DONE, True),
        (reused_at_once, DONE, True),
        (reused_after_the_grace, SIGN_IN_FIRST, False),
        (reused_two_generations_later, SIGN_IN_FIRST, False),
        (guessed, SIGN_IN_FIRST, False),
        (of_another_session, SIGN_IN_FIRST, False),
        (an_access_token, SIGN_IN_FIRST, True),
        (a_pre_login_cookie, SIGN_IN_FIRST, True),
        (a_stored_hash, SIGN_IN_FIRST, False),
        (a_path, SIGN_IN_FIRST, True),
        (after_signing_out, SIGN_IN_FIRST, False),
        (after_it_was_ended_elsewhere, SIGN_IN_FIRST, False),
        (after_thirty_days, SIGN_IN_FIRST, False),
        (after_it_was_deleted, SIGN_IN_FIRST, False),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_refresh_token_is_good_once_and_for_its_owner(
    docent: Running,
    alice: SignedIn,
    attack: Callable[[Running, SignedIn], httpx.Response],
    verdict: Verdict,
    survives: bool,
) -> None:
    """What is not the current token renews nothing; what can only be a thief's ends the session."""
    assert verdict_on(attack(docent, alice)) == verdict
    assert lives(docent, alice) == survives


@pytest.mark.parametrize("thief_first", [True, False], ids=["the thief first", "the owner first"])
def test_a_stolen_refresh_token_ends_its_family(docent: Running, alice: SignedIn, thief_first: bool) -> None:
    """Whoever of the two comes second, neither has a session afterwards, nor a token worth anything."""
    first = renew(docent, alice)
    docent.age("sessions", alice.session_id, 60)
    renewed = SignedIn.of(renew(docent, SignedIn.of(first)) if thief_first else first)
    second = renew(docent, alice)
    assert verdict_on(second) == SIGN_IN_FIRST
    assert cookie_of(second)["max-age"] == "0"
    for token in (alice, SignedIn.of(first), renewed):
        assert not lives(docent, token)
        assert verdict_on(renew(docent, token)) == SIGN_IN_FIRST


def test_twenty_tabs_that_renew_at_once_all_stay_signed_in(docent: Running, alice: SignedIn) -> None:
    """Each of the twenty answers is good for all functions, and for the next renewal."""
    answers = docent.at_once(20, "auth", "/auth/refresh", "POST", headers={**OURS, **alice.cookie})
    assert [answer.status_code for answer in answers] == [204] * 20
    renewed = {SignedIn.of(answer).refresh: SignedIn.of(answer) for answer in answers}
    assert {session.session_id for session in renewed.values()} == {alice.session_id}
    for session in renewed.values():
        assert lives(docent, session)
        assert verdict_on(renew(docent, session)) == DONE


@pytest.mark.parametrize(
    "named",
    [
        "A" * 32,
        "__id1__",
        "__.*__",
        "..%2Fusers%2F1234567890",
        "%2e%2e",
        "%2e",
        "x%2Fy%2Fz",
        "%00",
        "%ff",
        "%F0%9F%94%91",
        "a" * 2000,
        "*",
        "' or 1=1",
    ],
    ids=lambda named: named[:24],
)
def test_a_session_that_is_nobodys_does_not_exist(docent: Running, alice: SignedIn, named: str) -> None:
    """404 not-found, in the same words for every name."""
    answer = docent.send("auth", f"/auth/sessions/{named}", "DELETE", headers=alice.bearer)
    assert verdict_on(answer) == NO_SUCH_THING


def test_a_session_of_somebody_elses_does_not_exist(docent: Running, alice: SignedIn) -> None:
    """404 not-found, word for word as for a session that never was; the other stays signed in."""
    bob = docent.sign_in("bob@example.com")
    answers = [
        docent.send("auth", f"/auth/sessions/{name}", "DELETE", headers=alice.bearer)
        for name in (bob.session_id, "A" * 32)
    ]
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert verdict_on(answers[0]) == NO_SUCH_THING
    assert told[0] == told[1]
    assert lives(docent, bob)
    assert bob.session_id not in docent.send("auth", "/auth/sessions", headers=alice.bearer).text


def test_an_administrator_ends_anybodys_session_everywhere(
    docent: Running, admin: SignedIn, alice: SignedIn
) -> None:
    """204, and the next request is refused by every function, by its refresh token too."""
    assert lives(docent, alice)
    answer = docent.send("auth", f"/auth/sessions/{alice.session_id}", "DELETE", headers=admin.bearer)
    assert verdict_on(answer) == DONE
    assert not lives(docent, alice)
    assert verdict_on(renew(docent, alice)) == SIGN_IN_FIRST


@pytest.mark.parametrize(
    ("function", "method", "path"),
    [
        ("ingest", "GET", "/ingest/status"),
        ("ingest", "POST", "/ingest/sync"),
        ("ingest", "PUT", "/collections/mine"),
        ("health", "GET", "/stats"),
        ("health", "GET", "/audit"),
        ("auth", "GET", "/auth/users"),
        ("auth", "PATCH", "/auth/users/1234567890"),
        ("auth", "DELETE", "/auth/users/1234567890"),
        ("auth", "GET", "/auth/users/1234567890/sessions"),
        ("auth", "DELETE", "/auth/users/1234567890/sessions"),
        ("auth", "POST", "/auth/erasures"),
        ("auth", "GET", "/auth/doctor"),
    ],
)
def test_what_is_an_administrators_is_nobody_elses(
    docent: Running, alice: SignedIn, function: str, method: str, path: str
) -> None:
    """403 not-allowed for a person, before anything is read of what they sent."""
    answer = docent.send(function, path, method, headers=alice.bearer, content=b"{")
    assert verdict_on(answer) == NOT_ALLOWED


@pytest.mark.parametrize(
    "claim",
    [{"role": "admin"}, {"admin": True}, {"roles": ["admin"]}, {"email": "root@example.com", "hd": None}],
    ids=str,
)
def test_nobody_becomes_an_administrator_by_saying_so(docent: Running, claim: dict[str, object]) -> None:
    """What a provider says of roles counts nothing, nor an administrator's address elsewhere."""
    answer = docent.attempt(sub="4711", **claim)
    if answer.status_code == 303:
        who = docent.send("auth", "/auth/user", headers=SignedIn.of(answer).bearer).json()
        assert who["admin"] is False
        assert verdict_on(docent.send("health", "/stats", headers=SignedIn.of(answer).bearer)) == NOT_ALLOWED
    else:
        assert verdict_on(answer) == Verdict(403, "account-not-allowed")


def test_a_demoted_administrator_is_one_no_more(docent: Running, admin: SignedIn) -> None:
    """403 not-allowed from the next request on, on every function, in sessions that began before."""
    deputy = docent.sign_in("deputy@example.com")
    subject = subject_of("deputy@example.com")
    for role, verdict in (("admin", LET_IN), ("user", NOT_ALLOWED)):
        change = docent.send(
            "auth", f"/auth/users/{subject}", "PATCH", headers=admin.bearer, json={"role": role}
        )
        assert change.status_code == 200, change.text
        for name, path in (("health", "/stats"), ("ingest", "/ingest/status"), ("auth", "/auth/users")):
            assert verdict_on(docent.send(name, path, headers=deputy.bearer)) == verdict
        renewed = SignedIn.of(renew(docent, deputy))
        assert verdict_on(docent.send("health", "/stats", headers=renewed.bearer)) == verdict
        deputy = renewed


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"tier": "premium"}, {"role": "admin", "tier": "premium"}], ids=str
)
def test_nobody_promotes_themselves(docent: Running, alice: SignedIn, change: dict[str, str]) -> None:
    """403 not-allowed, and nothing has changed."""
    subject = subject_of("alice@example.com")
    answer = docent.send("auth", f"/auth/users/{subject}", "PATCH", headers=alice.bearer, json=change)
    assert verdict_on(answer) == NOT_ALLOWED
    who = docent.send("auth", "/auth/user", headers=alice.bearer).json()
    assert (who["admin"], who["tier"]) == (False, "standard")


def test_an_administrator_cannot_leave_nobody_in_charge(docent: Running, admin: SignedIn) -> None:
    """409 conflict for one's own role."""
    path = f"/auth/users/{subject_of(ADMIN)}"
    answer = docent.send("auth", path, "PATCH", headers=admin.bearer, json={"role": "user"})
    assert verdict_on(answer) == Verdict(409, "conflict")
    assert lives(docent, admin)
