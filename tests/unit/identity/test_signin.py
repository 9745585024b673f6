"""Signing in: whom it lets in, and every way in which it must not."""

import hashlib
from dataclasses import replace
from typing import Any

import jwt
import pytest

from shared.errors import Unavailable
from shared.identity.grants import DRIVE_SCOPE
from shared.identity.interfaces import (
    AccountNotAllowed,
    BadSecret,
    SignInDeclined,
    SignInExpired,
    SignInFailed,
)
from shared.identity.records import LoginState
from shared.identity.signin import LOGIN_LIFETIME, Callback
from tests.fakes.identity import (
    NOW,
    rsa_key,
)
from tests.fakes.signin_house import ALICE, House


async def test_a_person_of_the_organisation_is_let_in() -> None:
    """User, session and grant are stored, the token admits, and the browser goes where it wanted to."""
    house = House()
    arrival = await house.sign_in()
    assert (arrival.return_to, arrival.lifetime) == ("/ask", 30 * 86400)
    person = await house.verifier.person(arrival.tokens.access)
    assert (person.subject, person.email, person.domain, person.name, person.admin) == (
        ALICE,
        "alice@example.com",
        "example.com",
        "Alice",
        False,
    )
    assert await house.grants.access_token(ALICE) == "refresh-1/access-1"
    assert not house.states.states


async def test_google_is_asked_as_the_standards_say() -> None:
    """S256 challenge, fresh state and nonce, Drive's metadata scope; nothing of it can be guessed or read."""
    house = House()
    departures = [await house.begin() for _ in range(2)]
    first, second = house.provider.asked
    assert DRIVE_SCOPE in first.scopes
    assert {"openid", "email", "profile"} <= set(first.scopes)
    for name in ("state", "nonce", "challenge"):
        assert getattr(first, name) != getattr(second, name)
        assert len(getattr(first, name)) == 43
    payload = jwt.decode(departures[0][0].cookie, options={"verify_signature": False})
    assert first.nonce not in str(payload)
    assert all(first.state not in str(state) for state in house.states.states.values())
    assert departures[0][0].lifetime == LOGIN_LIFETIME


def with_other_state(callback: Callback, **_: Any) -> Callback:
    """A state that nobody issued."""
    return replace(callback, state="A" * 43)


CALLBACKS = {
    "no state": lambda callback: replace(callback, state=""),
    "unknown state": with_other_state,
    "oversized state": lambda callback: replace(callback, state="A" * 5000),
    "no cookie": lambda callback: replace(callback, cookie=""),
    "cookie is rubbish": lambda callback: replace(callback, cookie="x.y.z"),
    "cookie without signature": lambda callback: replace(
        callback, cookie=callback.cookie.rsplit(".", 1)[0] + "."
    ),
}


@pytest.mark.parametrize("case", CALLBACKS)
async def test_a_callback_that_was_not_begun_here_is_refused(case: str) -> None:
    """State and cookie must both be ours and belong together."""
    house = House()
    _, callback = await house.begin()
    await house.refused(CALLBACKS[case](callback), SignInExpired)


async def test_another_browsers_callback_is_refused_and_used_up() -> None:
    """Login CSRF: a link made of the attacker's own state and code does nothing in the victim's browser."""
    house = House()
    _, attackers = await house.begin()
    victims, _ = await house.begin()
    await house.refused(replace(attackers, cookie=victims.cookie), SignInExpired)
    await house.refused(attackers, SignInExpired)


async def test_a_callback_works_once() -> None:
    """State and code are used up by the first use."""
    house = House()
    _, callback = await house.begin()
    await house.signin.finish(callback)
    with pytest.raises(SignInExpired):
        await house.signin.finish(callback)
    assert len(house.store.sessions) == 1


async def test_a_failed_callback_uses_the_state_up_too() -> None:
    """A second try with the same state has nothing to guess at."""
    house = House()
    _, callback = await house.begin()
    await house.refused(replace(callback, code="wrong"), SignInFailed)
    await house.refused(callback, SignInExpired)


async def test_a_code_is_worth_nothing_in_another_sign_in() -> None:
    """PKCE: a stolen code does not fit the thief's own state, nor does its nonce."""
    house = House()
    _, victims = await house.begin()
    _, thiefs = await house.begin()
    await house.refused(replace(thiefs, code=victims.code), SignInFailed)


async def test_a_stolen_id_token_does_not_fit() -> None:
    """Nonce: an id_token of another sign-in is refused although Google signed it."""
    house = House()
    house.provider.claims = {"nonce": "of another sign-in"}
    _, callback = await house.begin()
    await house.refused(callback, SignInFailed)


@pytest.mark.parametrize("wait", [LOGIN_LIFETIME, LOGIN_LIFETIME + 3600])
async def test_a_callback_that_comes_too_late_is_refused(wait: float) -> None:
    """Ten minutes, whatever Firestore still holds."""
    house = House()
    _, callback = await house.begin()
    house.clock.now += wait
    await house.refused(callback, SignInExpired)


async def test_a_stored_state_that_expired_is_refused_even_with_a_fresh_cookie() -> None:
    """Expiry is checked on the stored state as well: its deletion may be late."""
    house = House()
    departure, callback = await house.begin()
    house.clock.now += LOGIN_LIFETIME - 1
    again = await house.signin.begin("/", departure.cookie)
    house.clock.now += 1
    await house.refused(replace(callback, cookie=again.cookie), SignInExpired)


async def test_two_windows_can_sign_in_side_by_side() -> None:
    """The second window's beginning does not spoil the first one's."""
    house = House()
    first, callback = await house.begin("/first")
    second, other = await house.begin("/second", first.cookie)
    assert (await house.signin.finish(replace(callback, cookie=second.cookie))).return_to == "/first"
    assert (await house.signin.finish(other)).return_to == "/second"


async def test_an_answer_of_another_issuer_is_refused() -> None:
    """RFC 9207: the mix-up of two providers' answers is noticed before the code is sent anywhere."""
    house = House()
    _, callback = await house.begin()
    await house.refused(replace(callback, issuer="https://evil.example"), SignInFailed)
    assert house.provider.codes
    _, callback = await house.begin()
    await house.signin.finish(replace(callback, issuer="https://accounts.google.com"))


async def test_leaving_googles_page_is_a_plain_no() -> None:
    """access_denied is an answer to a person, not an error of ours."""
    house = House()
    _, callback = await house.begin()
    await house.refused(replace(callback, code="", error="access_denied"), SignInDeclined)


ID_TOKENS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another-client"},
    "several audiences": {"aud": ["docent-client", "another-client"]},
    "another authorised party": {"azp": "another-client"},
    "another issuer": {"iss": "https://accounts.google.com.evil.example"},
    "expired": {"exp": NOW - 60},
    "issued in the future": {"iat": NOW + 600},
    "not valid yet": {"nbf": NOW + 600},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "subject with a slash": {"sub": "a/b"},
    "subject of dots": {"sub": ".."},
    "subject reserved": {"sub": "__x__"},
    "subject too long": {"sub": "1" * 129},
    "no address": {"email": None},
    "address not verified": {"email_verified": False},
    "verified as text": {"email_verified": "true"},
    "verified missing": {"email_verified": None},
}


@pytest.mark.parametrize("case", ID_TOKENS)
async def test_an_id_token_must_be_right_in_every_point(case: str) -> None:
    """Signature aside, each claim that OpenID Connect asks for is checked."""
    house = House()
    house.provider.claims = ID_TOKENS[case]
    _, callback = await house.begin()
    await house.refused(callback, SignInFailed)


@pytest.mark.parametrize("kind", ["another key", "none", "HS256", "unknown kid", "access token"])
async def test_an_id_token_must_be_signed_by_the_provider(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the provider's published RSA keys count."""
    house = House()
    payload = jwt.decode(house.provider.id_token(), options={"verify_signature": False})

    def forged(**claims: Any) -> str:
        body, head = {**payload, **claims}, {"kid": "google"}
        match kind:
            case "another key":
                return jwt.encode(body, rsa_key(1), "RS256", head)
            case "none":
                return jwt.encode(body, None, "none", head)
            case "HS256":
                return jwt.encode(body, "x" * 32, "HS256", head)
            case "unknown kid":
                return jwt.encode(body, rsa_key(), "RS256", {"kid": "other"})
            case _:
                return jwt.encode(body, rsa_key(), "RS256", {**head, "typ": "at+jwt"})

    monkeypatch.setattr(house.provider, "id_token", forged)
    _, callback = await house.begin()
    await house.refused(callback, SignInFailed)


@pytest.mark.parametrize(
    "claims",
    [
        {"hd": None},
        {"hd": ""},
        {"hd": "other.example"},
        {"hd": "sub.example.com"},
        {"hd": "example.com.evil.example"},
        {"hd": "notexample.com"},
        {"hd": ["example.com"]},
        {"hd": None, "email": "alice@example.com"},
        {"hd": "evil.example", "email": "alice@example.com"},
        {"hd": "evil.example", "email": "alice@evil.example@example.com"},
    ],
)
async def test_only_the_hd_claim_opens_the_door(claims: dict[str, Any]) -> None:
    """An address that ends in the domain proves nothing; a domain that looks alike neither."""
    house = House()
    house.provider.claims = claims
    _, callback = await house.begin()
    await house.refused(callback, AccountNotAllowed)
    assert house.provider.revoked == ["refresh-1"], "and no grant stays behind at Google"


@pytest.mark.parametrize("domain", ["example.com", "EXAMPLE.com", "partner.example"])
async def test_several_domains_may_be_admitted(domain: str) -> None:
    """Any of them, however it is spelled."""
    house = House(domains=("Example.com", "partner.example"))
    house.provider.claims = {"hd": domain, "email": "x@elsewhere.example"}
    assert (await house.sign_in()).user.domain == domain.lower()


async def test_without_domains_only_named_administrators_are_admitted() -> None:
    """A Docent that nobody configured is closed."""
    house = House(domains=(), admins=("ALICE@example.com",))
    assert (await house.sign_in()).user.role == "admin"
    closed = House(domains=(), admins=("boss@example.com",))
    _, callback = await closed.begin()
    await closed.refused(callback, AccountNotAllowed)


async def test_an_administrators_address_does_not_open_a_foreign_domain() -> None:
    """With domains set, an address alone admits nobody."""
    house = House(domains=("example.com",), admins=("alice@gmail.example",))
    house.provider.claims = {"hd": None, "email": "alice@gmail.example"}
    _, callback = await house.begin()
    await house.refused(callback, AccountNotAllowed)


async def test_the_role_is_given_at_the_first_sign_in_only() -> None:
    """Afterwards Firestore decides: a demoted administrator stays demoted."""
    house = House(admins=("alice@example.com",))
    assert (await house.sign_in()).user.role == "admin"
    house.users.users[ALICE] = replace(house.users.users[ALICE], role="user")
    arrival = await house.sign_in()
    assert not (await house.verifier.person(arrival.tokens.access)).admin


async def test_a_person_is_known_by_subject_not_by_address() -> None:
    """A changed address stays the same person; a reused address is another one."""
    house = House()
    await house.sign_in()
    house.provider.claims = {"email": "alice.new@example.com"}
    assert (await house.sign_in()).user.created_at == NOW
    house.provider.claims = {"sub": "777"}
    await house.sign_in()
    assert {user.email for user in house.users.users.values()} == {
        "alice.new@example.com",
        "alice@example.com",
    }


async def test_whoever_keeps_their_drive_to_themselves_is_signed_in_all_the_same() -> None:
    """Google lets people untick a scope; then there is no grant, and no failure."""
    house = House()
    house.provider.scopes = frozenset({"openid", "email", "profile"})
    await house.sign_in()
    assert not house.kept.grants


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_an_open_redirect_cannot_be_smuggled_in(target: str) -> None:
    """Where to return to is made safe before it is stored."""
    house = House()
    _, callback = await house.begin(target)
    assert (await house.signin.finish(callback)).return_to == "/"


async def test_google_out_of_reach_is_said_and_nothing_is_kept() -> None:
    """No state is stored for a person who was never sent anywhere."""
    house = House()
    house.provider.failure = Unavailable("down")
    with pytest.raises(Unavailable):
        await house.signin.begin("/", "")
    assert not house.states.states


async def test_a_placeholder_secret_stops_a_sign_in_before_it_begins() -> None:
    """The sentence names the secret, and nobody is sent to Google to find out afterwards."""
    house = House()
    house.secrets.values["sealing"] = "changeme"
    with pytest.raises(BadSecret, match="sealing"):
        await house.signin.begin("/", "")
    assert not house.provider.asked


async def test_what_is_stored_of_a_sign_in_is_hashes() -> None:
    """Neither state, nor the browser's secret, nor PKCE verifier lies in the database."""
    house = House()
    departure, callback = await house.begin()
    secret = jwt.decode(departure.cookie, options={"verify_signature": False})["browser"]
    state_id = hashlib.sha256(callback.state.encode()).hexdigest()
    browser = hashlib.sha256(secret.encode()).hexdigest()
    assert house.states.states == {state_id: LoginState(state_id, browser, "/ask", NOW + LOGIN_LIFETIME)}
