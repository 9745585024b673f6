"""Attacks on the way in: between the browser, Google's page and the callback."""

from collections.abc import Callable

import httpx
import pytest

from tests.functions.attacks.verdict import (
    DECLINED,
    EXPIRED,
    LET_BACK,
    SIGN_IN_FIRST,
    UNTRUSTED,
    Verdict,
    verdict_on,
)
from tests.functions.forging import THIEVES_KEY, now, signed
from tests.functions.running import HOME, Running, SignedIn, cookie_of

Attack = Callable[[Running], httpx.Response]


class Visit:
    """One browser on its way: what login gave it, and what the provider's page would give it."""

    def __init__(self, docent: Running) -> None:
        login = docent.visit()
        self.docent, self.location = docent, login.headers["location"]
        self.cookie, self.asked = str(cookie_of(login).value), httpx.URL(self.location).params
        self.state = self.asked["state"]

    def code(self, location: str = "") -> str:
        """The person agrees."""
        return self.docent.provider.consent(location or self.location)

    def back(self, **query: str) -> httpx.Response:
        """The callback, in this browser; `query` on top of what belongs there."""
        return self.docent.come_back(self.cookie, **{"state": self.state, **query})


def untouched(docent: Running) -> httpx.Response:
    """The control: nothing is wrong with it."""
    visit = Visit(docent)
    return visit.back(code=visit.code())


def state_replayed(docent: Running) -> httpx.Response:
    """The callback's address a second time."""
    visit = Visit(docent)
    assert visit.back(code=visit.code()).status_code == 303
    return visit.back(code=visit.code())


def state_replayed_after_a_failure(docent: Running) -> httpx.Response:
    """A state is used up by whatever comes first."""
    visit = Visit(docent)
    assert visit.back(code="wrong").status_code == 502
    return visit.back(code=visit.code())


def state_of_another_browser(docent: Running) -> httpx.Response:
    """A link to the attacker's callback, opened by the victim: signing the victim in as the attacker."""
    attacker, victim = Visit(docent), Visit(docent)
    return docent.come_back(victim.cookie, state=attacker.state, code=attacker.code())


def state_without_a_browser(docent: Running) -> httpx.Response:
    """No cookie at all."""
    visit = Visit(docent)
    return docent.come_back("", state=visit.state, code=visit.code())


def state_with_a_session_for_a_cookie(docent: Running) -> httpx.Response:
    """A session is no proof of having begun this sign-in."""
    visit, session = Visit(docent), docent.sign_in()
    return docent.come_back(session.access, state=visit.state, code=visit.code())


def state_with_a_forged_cookie(docent: Running) -> httpx.Response:
    """A pre-login cookie that somebody else signed."""
    visit = Visit(docent)
    claims = {"iss": HOME, "aud": "docent-login", "iat": now(), "exp": now() + 600, "browser": "b" * 43}
    forged = signed({"alg": "ES256", "typ": "login+jwt", "kid": "k1"}, claims, THIEVES_KEY)
    return docent.come_back(forged, state=visit.state, code=visit.code())


def state_unknown(docent: Running) -> httpx.Response:
    """Nobody began it."""
    visit = Visit(docent)
    return visit.back(state="A" * 43, code=visit.code())


def state_missing(docent: Running) -> httpx.Response:
    """Not even one."""
    visit = Visit(docent)
    return visit.back(state="", code=visit.code())


def state_cut(docent: Running) -> httpx.Response:
    """All but its last letter."""
    visit = Visit(docent)
    return visit.back(state=visit.state[:-1], code=visit.code())


def state_a_path(docent: Running) -> httpx.Response:
    """A name that would lead elsewhere in the database."""
    visit = Visit(docent)
    return visit.back(state="../sessions/x", code=visit.code())


def state_oversized(docent: Running) -> httpx.Response:
    """Twenty kilobytes."""
    visit = Visit(docent)
    return visit.back(state="A" * 20_000, code=visit.code())


def state_too_late(docent: Running) -> httpx.Response:
    """Eleven minutes at Google's page."""
    visit = Visit(docent)
    docent.age("login_states", visit.state, 660)
    return visit.back(code=visit.code())


def nonce_replayed(docent: Running) -> httpx.Response:
    """An id_token from an earlier sign-in of the same browser."""
    earlier, visit = Visit(docent), Visit(docent)
    id_token = docent.provider.id_token(earlier.asked["nonce"])
    return visit.back(code=docent.provider.consent(visit.location, lambda _nonce: id_token))


def nonce_missing(docent: Running) -> httpx.Response:
    """An id_token that was not made for a sign-in of ours."""
    visit = Visit(docent)
    return visit.back(code=docent.provider.consent(visit.location, nonce=None))


def nonce_empty(docent: Running) -> httpx.Response:
    """Nor this one."""
    visit = Visit(docent)
    return visit.back(code=docent.provider.consent(visit.location, nonce=""))


def code_replayed(docent: Running) -> httpx.Response:
    """A code that was used already, in a sign-in of its own."""
    earlier, visit = Visit(docent), Visit(docent)
    code = earlier.code()
    assert earlier.back(code=code).status_code == 303
    return visit.back(code=code)


def code_injected(docent: Running) -> httpx.Response:
    """A stolen code, unused, brought into the thief's own sign-in: PKCE's verifier is another."""
    victim, thief = Visit(docent), Visit(docent)
    return thief.back(code=victim.code())


def code_injected_with_a_nonce_that_fits(docent: Running) -> httpx.Response:
    """The same, by a thief who has the nonce right as well: the verifier alone stands in the way."""
    victim, thief = Visit(docent), Visit(docent)
    id_token = docent.provider.id_token(thief.asked["nonce"])
    return thief.back(code=docent.provider.consent(victim.location, lambda _nonce: id_token))


def code_of_a_weaker_challenge(docent: Running) -> httpx.Response:
    """Somebody changed the challenge on the way to the provider."""
    visit = Visit(docent)
    weaker = httpx.URL(visit.location).copy_set_param("code_challenge", "A" * 43)
    return visit.back(code=visit.code(str(weaker)))


def code_of_another_redirect(docent: Running) -> httpx.Response:
    """A code that was given out for another address of the same client."""
    visit = Visit(docent)
    elsewhere = httpx.URL(visit.location).copy_set_param("redirect_uri", "https://evil.example/auth/callback")
    return visit.back(code=visit.code(str(elsewhere)))


def code_missing(docent: Running) -> httpx.Response:
    """Neither a code nor an error."""
    return Visit(docent).back()


def code_oversized(docent: Running) -> httpx.Response:
    """Twenty kilobytes."""
    return Visit(docent).back(code="c" * 20_000)


def issuer_of_another(docent: Running) -> httpx.Response:
    """Mixed-up providers (RFC 9207)."""
    visit = Visit(docent)
    return visit.back(code=visit.code(), iss="https://evil.example")


def declined(docent: Running) -> httpx.Response:
    """The person said no."""
    return Visit(docent).back(error="access_denied")


def declined_without_a_state(docent: Running) -> httpx.Response:
    """A link that shows an error of somebody's choosing."""
    return docent.come_back("", error="<script>alert(1)</script>")


def declined_with_a_code(docent: Running) -> httpx.Response:
    """Both at once: the refusal counts."""
    visit = Visit(docent)
    return visit.back(code=visit.code(), error="access_denied")


@pytest.mark.parametrize(
    ("attack", "verdict"),
    [
        (untouched, LET_BACK),
        (state_replayed, EXPIRED),
        (state_replayed_after_a_failure, EXPIRED),
        (state_of_another_browser, EXPIRED),
        (state_without_a_browser, EXPIRED),
        (state_with_a_session_for_a_cookie, EXPIRED),
        (state_with_a_forged_cookie, EXPIRED),
        (state_unknown, EXPIRED),
        (state_missing, EXPIRED),
        (state_cut, EXPIRED),
        (state_a_path, EXPIRED),
        (state_oversized, EXPIRED),
        (state_too_late, EXPIRED),
        (nonce_replayed, UNTRUSTED),
        (nonce_missing, UNTRUSTED),
        (nonce_empty, UNTRUSTED),
        (code_replayed, UNTRUSTED),
        (code_injected, UNTRUSTED),
        (code_injected_with_a_nonce_that_fits, UNTRUSTED),
        (code_of_a_weaker_challenge, UNTRUSTED),
        (code_of_another_redirect, UNTRUSTED),
        (code_missing, UNTRUSTED),
        (code_oversized, EXPIRED),
        (issuer_of_another, UNTRUSTED),
        (declined, DECLINED),
        (declined_without_a_state, EXPIRED),
        (declined_with_a_code, DECLINED),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_callback_that_was_tampered_with_lets_nobody_in(
    docent: Running, attack: Attack, verdict: Verdict
) -> None:
    """The page says what went wrong, sets no session, and repeats nothing that was sent."""
    answer = attack(docent)
    assert verdict_on(answer) == verdict
    assert ("set-cookie" in answer.headers) == (verdict == LET_BACK)
    assert "<script" not in answer.text


HERE = f"{HOME}/"
ELSEWHERE = [
    "https://evil.example",
    "HTTPS://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example/..",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aSet-Cookie: __session=x",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%09/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "//docent.example.com@evil.example",
    "@evil.example",
    ".evil.example",
    ":443@evil.example",
    "https://docent.example.com.evil.example",
    "https://docent.example.com@evil.example",
    "//evil%E3%80%82example",
    "/\u2215/evil.example/../..",
    "/\u2028//evil.example",
    "/\u202e//evil.example",
    "\u3000//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/a/..//evil.example",
    "/./\\evil.example",
    "/;@evil.example//",
    "/..;/..//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://evil.example/1",
    "/\x00/evil.example",
    "/auth/login",
    "/auth/../auth/login",
    "/%61uth/login",
    "/" + "a" * 3000,
    "",
    "?x",
    "#x",
    "ask",
]


@pytest.mark.parametrize("target", ELSEWHERE, ids=lambda target: repr(target)[:40])
def test_a_sign_in_ends_nowhere_but_here(docent: Running, target: str) -> None:
    """303 to the front page, whatever `return_to` says, and no second header."""
    answer = docent.attempt(target)
    assert (verdict_on(answer), answer.headers["location"]) == (LET_BACK, HERE)
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("target", ["/ask", "/ask?q=a%20b", "/a/b#c", "/ask?next=//x", "/%C3%A9"])
def test_a_sign_in_ends_where_it_was_going(docent: Running, target: str) -> None:
    """The control: a path of ours is kept as it is."""
    assert docent.attempt(target).headers["location"] == HOME + target


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-proto": "http"},
        {"forwarded": "host=evil.example;proto=http"},
        {"x-original-url": "https://evil.example/"},
        {"referer": "https://evil.example/"},
        {"origin": "https://evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_the_redirect_address_is_ours_whatever_a_proxy_is_told(
    docent: Running, headers: dict[str, str]
) -> None:
    """Exactly the registered one goes to Google, with PKCE S256; the cookie stays Secure."""
    login = docent.send("auth", "/auth/login", headers=headers)
    asked = httpx.URL(login.headers["location"])
    assert str(asked).startswith(docent.provider.issuer + "/authorize?")
    assert asked.params["redirect_uri"] == f"{HOME}/auth/callback"
    assert (asked.params["code_challenge_method"], len(asked.params["code_challenge"])) == ("S256", 43)
    assert cookie_of(login)["secure"]
    assert "evil" not in str(login.headers)


def test_twenty_callbacks_at_once_let_one_in(docent: Running) -> None:
    """Of twenty that bring the same state and code, one is signed in; nineteen have expired."""
    visit = Visit(docent)
    code = visit.code()
    answers = docent.at_once(
        20,
        "auth",
        "/auth/callback",
        params={"state": visit.state, "code": code},
        headers={"cookie": f"__session={visit.cookie}"},
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 19


def test_signing_in_makes_a_session_of_ones_own(docent: Running, alice: SignedIn) -> None:
    """Fixation: a session that a browser brought along is not the one it leaves with."""
    login = docent.send("auth", "/auth/login", headers=alice.cookie)
    location = login.headers["location"]
    answer = docent.come_back(
        str(cookie_of(login).value),
        state=httpx.URL(location).params["state"],
        code=docent.provider.consent(location, sub="77", email="mallory@example.com"),
    )
    mallory = SignedIn.of(answer)
    assert mallory.session_id != alice.session_id
    who = docent.send("auth", "/auth/user", headers=mallory.bearer).json()
    assert (who["email"], who["subject"]) == ("mallory@example.com", "77")


@pytest.mark.parametrize(("method", "path"), [("POST", "/auth/callback"), ("POST", "/auth/login")])
def test_the_way_in_is_walked_by_get_only(docent: Running, method: str, path: str) -> None:
    """401 not-signed-in, as for any address that does not exist."""
    assert verdict_on(docent.send("auth", path, method)) == SIGN_IN_FIRST
