"""Forged, bent, borrowed and outlived access tokens, shown to the running functions."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.functions.attacks.verdict import LET_IN, SIGN_IN_FIRST, Verdict, verdict_on
from tests.functions.forging import (
    GOOGLE_KEY,
    OWN_KEY,
    THIEVES_KEY,
    THIEVES_RSA_KEY,
    assembled,
    base64url,
    now,
    public_der,
    public_jwk,
    public_pem,
    signed,
)
from tests.functions.running import ADMIN, COOKIE, FUNCTIONS, HOME, Running, SignedIn, cookie_of, subject_of

SUBJECT = subject_of(ADMIN)
DEEP = b'{"alg":"ES256","typ":"at+jwt","kid":"k1","x":' + b"[" * 600 + b"]" * 600 + b"}"
CERTIFICATE = base64url(public_der(THIEVES_KEY))


@dataclass(frozen=True)
class Forged:
    """One token: an administrator's true one with these headers, these claims and this key instead.

    None removes a header or a claim; `bend` is what happens to the finished token.
    """

    name: str
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    key: object = OWN_KEY
    bend: Callable[[str], str] = str
    verdict: Verdict = SIGN_IN_FIRST

    def token(self, docent: Running, admin: SignedIn) -> str:
        """The token, for the session of `admin`."""
        header = {"alg": "ES256", "typ": "at+jwt", "kid": "k1", **self.header}
        header = {
            name: value.replace("PROVIDER", docent.provider.issuer) if isinstance(value, str) else value
            for name, value in header.items()
        }
        return self.bend(signed(header, {**usual_claims(admin), **self.claims}, self.key))


def usual_claims(admin: SignedIn) -> dict[str, Any]:
    """What is in a true token of this session."""
    return {
        "iss": HOME,
        "aud": "docent",
        "iat": now(),
        "nbf": now(),
        "exp": now() + 3600,
        "sub": SUBJECT,
        "sid": admin.session_id,
    }


def payload_of(**claims: Any) -> Callable[[str], str]:
    """Put other claims into a token that is signed already."""

    def bend(token: str) -> str:
        header, _, signature = token.split(".")
        other = signed({}, {"iss": HOME, "aud": "docent", "exp": now() + 9999, "iat": now(), **claims}, None)
        return f"{header}.{other.split('.')[1]}.{signature}"

    return bend


def signature_of(value: bytes) -> Callable[[str], str]:
    """Put another signature on a token."""
    return lambda token: f"{token.rpartition('.')[0]}.{base64url(value)}"


CASES = [
    # the control: the same token untouched is let in, so what follows fails for its own reason
    Forged("nothing changed", verdict=LET_IN),
    Forged("typ in capitals, which RFC 7515 calls the same", {"typ": "AT+JWT"}, verdict=LET_IN),
    # who signed it
    Forged("alg none", {"alg": "none"}, key=None),
    Forged("alg None", {"alg": "None"}, key=None),
    Forged("alg NONE with a true signature", {"alg": "NONE"}),
    Forged("alg nOnE", {"alg": "nOnE"}, key=None),
    Forged("alg missing", {"alg": None}),
    Forged("alg empty", {"alg": ""}),
    Forged("alg a list", {"alg": ["ES256"]}),
    Forged("alg in small letters", {"alg": "es256"}),
    Forged("HS256 with the public key as PEM", {"alg": "HS256"}, key=public_pem(OWN_KEY)),
    Forged("HS256 with the public key as PEM, trimmed", {"alg": "HS256"}, key=public_pem(OWN_KEY).strip()),
    Forged("HS256 with the public key as DER", {"alg": "HS256"}, key=public_der(OWN_KEY)),
    Forged("HS256 with an empty key", {"alg": "HS256"}, key=b""),
    Forged("ES256 announced, HMAC with the public key", key=public_pem(OWN_KEY)),
    Forged("RS256 by the provider", {"alg": "RS256", "kid": "google"}, key=GOOGLE_KEY),
    Forged("RS256 by a thief", {"alg": "RS256"}, key=THIEVES_RSA_KEY),
    Forged("ES384 announced", {"alg": "ES384"}),
    Forged("PS256 announced", {"alg": "PS256"}, key=THIEVES_RSA_KEY),
    Forged("another key under our key's id", key=THIEVES_KEY),
    # which key it names
    Forged("kid unknown", {"kid": "k9"}, key=THIEVES_KEY),
    Forged("kid unknown, signed by us", {"kid": "k9"}),
    Forged("kid missing", {"kid": None}),
    Forged("kid empty", {"kid": ""}),
    Forged("kid a number", {"kid": 1}),
    Forged("kid a list", {"kid": ["k1"]}),
    Forged("kid in capitals", {"kid": "K1"}),
    Forged("kid a path", {"kid": "../../../../dev/null"}, key=b""),
    Forged("kid a path that ends in ours", {"kid": "x/../k1"}),
    Forged("kid a secret's path", {"kid": "projects/p/secrets/s/versions/latest"}),
    Forged("kid an address", {"kid": "PROVIDER/stolen-keys"}, key=THIEVES_KEY),
    Forged("kid with a query", {"kid": "k1' OR '1'='1"}),
    Forged("kid with a null", {"kid": "k1\x00"}),
    Forged("kid of a thousand letters", {"kid": "k" * 1000}),
    # headers that ask to be believed
    Forged("jwk: the thief's own key", {"jwk": public_jwk("k1", THIEVES_KEY)}, key=THIEVES_KEY),
    Forged("jwk under an unknown kid", {"kid": "t", "jwk": public_jwk("t", THIEVES_KEY)}, key=THIEVES_KEY),
    Forged("jku: keys at an address", {"jku": "PROVIDER/stolen-keys"}, key=THIEVES_KEY),
    Forged("jku under an unknown kid", {"kid": "t", "jku": "PROVIDER/stolen-keys"}, key=THIEVES_KEY),
    Forged("x5u: a certificate at an address", {"x5u": "PROVIDER/stolen-keys"}, key=THIEVES_KEY),
    Forged("x5c: a certificate in the header", {"x5c": [CERTIFICATE]}, key=THIEVES_KEY),
    Forged("crit: an extension that we must know", {"crit": ["exp"]}),
    Forged("crit empty", {"crit": []}),
    Forged("b64: an unencoded payload", {"b64": False, "crit": ["b64"]}),
    # when
    Forged("expired a second ago", claims={"exp": now() - 1}),
    Forged("expired a year ago", claims={"exp": now() - 31_536_000}),
    Forged("exp missing", claims={"exp": None}),
    Forged("exp as text", claims={"exp": str(now() + 3600)}),
    Forged("exp true", claims={"exp": True}),
    Forged("exp infinite", claims={"exp": float("inf")}),
    Forged("exp not a number", claims={"exp": float("nan")}),
    Forged("exp below zero", claims={"exp": -1}),
    Forged("nbf an hour ahead", claims={"nbf": now() + 3600}),
    Forged("nbf as text", claims={"nbf": "now"}),
    Forged("iat an hour ahead", claims={"iat": now() + 3600, "exp": now() + 7200}),
    Forged("iat missing", claims={"iat": None}),
    # for whom, by whom, as what
    Forged("aud another", claims={"aud": "another-docent"}),
    Forged("aud that of sign-ins", claims={"aud": "docent-login"}),
    Forged("aud missing", claims={"aud": None}),
    Forged("aud ours among others", claims={"aud": ["docent", "another"]}),
    Forged("aud ours as a beginning", claims={"aud": "docent.evil.example"}),
    Forged("iss another", claims={"iss": "https://evil.example"}),
    Forged("iss missing", claims={"iss": None}),
    Forged("iss ours in clear", claims={"iss": HOME.replace("https", "http")}),
    Forged("iss with a slash", claims={"iss": HOME + "/"}),
    Forged("iss ours as a beginning", claims={"iss": HOME + ".evil.example"}),
    Forged("iss a list", claims={"iss": [HOME]}),
    Forged("typ missing", {"typ": None}),
    Forged("typ JWT, as an id_token's", {"typ": "JWT"}),
    Forged("typ that of a sign-in", {"typ": "login+jwt"}),
    Forged("typ that of a logout token", {"typ": "logout+jwt"}),
    Forged("typ a number", {"typ": 1}),
    # whose
    Forged("sid missing", claims={"sid": None}),
    Forged("sid empty", claims={"sid": ""}),
    Forged("sid unknown", claims={"sid": "A" * 32}),
    Forged("sid a path", claims={"sid": f"x/../../users/{SUBJECT}"}),
    Forged("sid two dots", claims={"sid": ".."}),
    Forged("sid a reserved name", claims={"sid": "__id1__"}),
    Forged("sid a list", claims={"sid": ["a"]}),
    Forged("sub missing", claims={"sub": None}),
    Forged("sub another person, sid ours", claims={"sub": "1234567890"}),
    # bent after it was signed
    Forged("payload exchanged", bend=payload_of(sub="1", sid="x")),
    Forged("signature empty", bend=signature_of(b"")),
    Forged("signature all zeros", bend=signature_of(bytes(64))),
    Forged("signature cut", bend=lambda token: token[:-8]),
    Forged("signature with a byte more", bend=lambda token: token + "AA"),
    Forged("signature left out with its dot", bend=lambda token: token.rpartition(".")[0]),
    Forged("a fourth part", bend=lambda token: token + ".AAAA"),
    Forged("a fifth part, as an encrypted one has", bend=lambda token: token + ".AAAA.AAAA"),
    Forged("padding", bend=lambda token: token + "=="),
    Forged("a space inside", bend=lambda token: token.replace(".", " .", 1)),
    Forged("a tab inside", bend=lambda token: token.replace(".", "\t.", 1)),
    Forged("percent signs", bend=lambda token: token.replace(".", "%2E")),
    Forged("the standard alphabet", bend=lambda token: token[:-1] + "+"),
    Forged("quotes", bend=lambda token: f'"{token}'),
    Forged("3 KB, truly signed", claims={"more": "x" * 3000}),
    Forged("30 KB, truly signed", claims={"more": "x" * 30_000}),
    Forged("nested six hundred deep", bend=lambda _: assembled(DEEP, b"{}", OWN_KEY)),
    Forged("payload a list", bend=lambda token: assembled(head_of(token), b"[]", OWN_KEY)),
    Forged("payload no JSON", bend=lambda token: assembled(head_of(token), b"\xff\xfe", OWN_KEY)),
    Forged("header a list", bend=lambda _: assembled(b"[]", b"{}", OWN_KEY)),
    Forged("alg twice", bend=lambda token: assembled(b'{"alg":"ES256",' + twice(token), b"{}", b"")),
    Forged(
        "exp twice, the second over", bend=lambda token: assembled(head_of(token), expiring(token), OWN_KEY)
    ),
]


def head_of(_token: str) -> bytes:
    """A true header."""
    return b'{"alg":"ES256","typ":"at+jwt","kid":"k1"}'


def twice(_token: str) -> bytes:
    """A header's end that takes its beginning back."""
    return b'"typ":"at+jwt","kid":"k1","alg":"none"}'


def expiring(token: str) -> bytes:
    """A payload that ends long ago, after it ended in an hour."""
    return base64.urlsafe_b64decode(token.split(".")[1] + "==")[:-1] + b', "exp": 1}'


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_forged_token_opens_no_function(docent: Running, admin: SignedIn, case: Forged) -> None:
    """The same from all, in a header and in a cookie; no address that a token names is asked."""
    token = case.token(docent, admin)
    bearer, cookie = {"authorization": f"Bearer {token}"}, {"cookie": f"{COOKIE}={token}"}
    # auth holds the keys, the others fetch them: each case is shown to auth and, in turn, to one of them
    other = ("chat", "ingest", "health")[CASES.index(case) % 3]
    for name in ("auth", other):
        assert verdict_on(docent.send(name, FUNCTIONS[name], headers=bearer)) == case.verdict
    assert verdict_on(docent.send(other, FUNCTIONS[other], headers=cookie)) == case.verdict
    assert docent.provider.fetched == 0


def _refresh(docent: Running, admin: SignedIn) -> str:
    del docent
    return admin.refresh


def _pre_login(docent: Running, admin: SignedIn) -> str:
    del admin
    return str(cookie_of(docent.visit()).value)


def _id_token(docent: Running, admin: SignedIn) -> str:
    del admin
    return docent.provider.id_token("nonce")


def _id_token_for_us(docent: Running, admin: SignedIn) -> str:
    return docent.provider.id_token("nonce", {**usual_claims(admin), "iss": docent.provider.issuer})


@pytest.mark.parametrize(
    "borrowed",
    [
        pytest.param(_refresh, id="a refresh token"),
        pytest.param(_pre_login, id="a pre-login cookie"),
        pytest.param(_id_token, id="the provider's id_token"),
        pytest.param(_id_token_for_us, id="an id_token whose claims are a session's"),
    ],
)
def test_a_true_token_of_another_kind_opens_no_function(
    docent: Running, admin: SignedIn, borrowed: Callable[[Running, SignedIn], str]
) -> None:
    """401 not-signed-in: each kind of token is good for one thing."""
    token = borrowed(docent, admin)
    for name, path in FUNCTIONS.items():
        answer = docent.send(name, path, headers={"authorization": f"Bearer {token}"})
        assert verdict_on(answer) == SIGN_IN_FIRST
        answer = docent.send(name, path, headers={"cookie": f"{COOKIE}={token}"})
        assert verdict_on(answer) == SIGN_IN_FIRST


@pytest.mark.parametrize(
    "carried",
    [
        pytest.param(lambda token: {"params": {"access_token": token}}, id="in the query"),
        pytest.param(lambda token: {"headers": {"authorization": f"Basic {token}"}}, id="as Basic"),
        pytest.param(lambda token: {"headers": {"authorization": token}}, id="without a scheme"),
        pytest.param(
            lambda token: {"headers": {"x-authorization": f"Bearer {token}"}}, id="in another header"
        ),
        pytest.param(lambda token: {"headers": {"cookie": f"session={token}"}}, id="in another cookie"),
        pytest.param(
            lambda token: {"headers": {"cookie": f"__Host-session={token}"}}, id="in a prefixed cookie"
        ),
        pytest.param(
            lambda token: {"headers": {"authorization": "Bearer x", "cookie": f"{COOKIE}={token}"}},
            id="in a cookie beside a bad bearer token",
        ),
    ],
)
def test_a_true_token_counts_in_its_place_only(
    docent: Running, admin: SignedIn, carried: Callable[[str], dict[str, Any]]
) -> None:
    """401 not-signed-in: where a log, another site or a confused proxy could have put it, it is nothing."""
    for name, path in FUNCTIONS.items():
        assert verdict_on(docent.send(name, path, **carried(admin.access))) == SIGN_IN_FIRST
