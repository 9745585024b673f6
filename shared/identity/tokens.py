"""JSON Web Tokens: how Docent's own are signed, and how any is verified (RFC 7519, RFC 8725, RFC 9068)."""

import math
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import jwt

from shared.identity.interfaces import BadToken, Clock, KeySource, PublicKey, UnknownKey
from shared.identity.keyring import KEY_ID, SigningKeys

AUDIENCE = "docent"
ACCESS = "at+jwt"
LOGIN = "login+jwt"
SKEW = 30.0
"""Seconds that two machines' clocks may differ."""
SESSION_ID = re.compile(r"(?!__)[A-Za-z0-9_-]{1,64}")
"""What a session's id may look like: it becomes part of a document's name; `__` is for Firestore itself."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def new_session_id() -> str:
    """A random id of 192 bits that SESSION_ID takes.

    In hexadecimal: one in 4,096 ids of the URL-safe alphabet begins with `__`, and admitted nobody.
    """
    return secrets.token_hex(24)


@dataclass(frozen=True)
class Rule:
    """What a kind of token must be. `types` are the allowed `typ` headers, in lower case; "" = none given."""

    algorithm: Literal["ES256", "RS256"]
    issuers: frozenset[str]
    audience: str
    types: frozenset[str]
    required: tuple[str, ...]
    max_bytes: int = 4096
    skew: float = SKEW
    """Seconds of grace at both ends; Docent's own tokens get none at the end."""


async def verified_claims(token: str, keys: KeySource, rule: Rule, now: float) -> dict[str, Any]:
    """The claims of a token that follows `rule`.

    Raises BadToken for any other, Unavailable when the keys cannot be had. The key is chosen by the
    token's key id among the published ones; nothing else in its header is believed.
    """
    kid = _checked_header(token, rule)
    claims = _signed(token, await _published(keys, kid), rule)
    _check_claims(claims, rule, now)
    return claims


class Signatures:
    """Signatures that were verified, so that a session's token is verified once and not at each question.

    Only the signature is remembered: for a rule, for a key, and while that key is published. How long a token
    is good for, and whether its session lives, is asked each time. Kept are digests, no tokens.
    """

    def __init__(self, most: int = 2_048) -> None:
        self._most = most
        self._known: OrderedDict[tuple[bytes, Rule], tuple[str, PublicKey, dict[str, Any]]] = OrderedDict()

    async def claims(self, token: str, keys: KeySource, rule: Rule, now: float) -> dict[str, Any]:
        """As verified_claims."""
        place = sha256(token.encode("utf-8", "surrogatepass")).digest(), rule
        kid, known, claims = self._known.get(place) or (_checked_header(token, rule), None, {})
        key = await _published(keys, kid)
        if key != known:
            claims = _signed(token, key, rule)
            self._known[place] = kid, key, claims
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(place)
        _check_claims(claims, rule, now)
        return dict(claims)


async def _published(keys: KeySource, kid: str) -> PublicKey:
    try:
        return await keys.key(kid)
    except UnknownKey:
        raise BadToken("unknown key") from None


def _signed(token: str, key: PublicKey, rule: Rule) -> dict[str, Any]:
    """What the key's owner says."""
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=[rule.algorithm], options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadToken(f"not verifiable: {type(error).__name__}") from None
    return claims


def calls_itself_ours(token: str) -> bool:
    """Whether a token says that Docent made it. It proves nothing, and is for telling cookies apart only."""
    try:
        return jwt.get_unverified_header(token.encode("ascii", "replace")).get("typ") in (ACCESS, LOGIN)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return False


# Times are compared with the caller's clock, and audience and issuer more strictly than the library does.
_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _checked_header(token: str, rule: Rule) -> str:
    if len(token) > rule.max_bytes or not _SHAPE.fullmatch(token):
        raise BadToken("not a token, or too long")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise BadToken("unreadable header") from None
    if header.get("alg") != rule.algorithm:
        raise BadToken("wrong algorithm")
    if "crit" in header or "b64" in header:
        raise BadToken("header asks for an extension")
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in rule.types:
        raise BadToken("wrong type")
    kid = header.get("kid")
    if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
        raise BadToken("no plain key id")
    return kid


def _check_claims(claims: Mapping[str, Any], rule: Rule, now: float) -> None:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in rule.issuers:
        raise BadToken("wrong issuer")
    if claims.get("aud") not in (rule.audience, [rule.audience]):
        raise BadToken("wrong audience")
    if not all(isinstance(claims.get(name), str) and claims[name] for name in rule.required):
        raise BadToken("a claim is missing")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires is None or issued is None:
        raise BadToken("no lifetime")
    if now >= expires + rule.skew:
        raise BadToken("expired")
    starts = _time(claims, "nbf") if "nbf" in claims else issued
    if starts is None or max(starts, issued) > now + SKEW:
        raise BadToken("not valid yet")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says: whose, and which session must be alive for it to count."""

    subject: str
    session_id: str
    expire_at: float


class TokenSigner:
    """Signs Docent's own tokens; only auth can make one, since only auth reads the private keys."""

    def __init__(self, keys: SigningKeys, issuer: str, clock: Clock = time.time) -> None:
        self._keys, self._issuer, self._clock = keys, issuer.rstrip("/"), clock

    async def check(self) -> None:
        """Raises BadSecret, naming it, when the keys that sign are missing or placeholders."""
        await self._keys.ring()

    async def access(self, subject: str, session_id: str, lifetime: float) -> str:
        """A token for one session, `lifetime` seconds long (RFC 9068's type; no e-mail address in it)."""
        return await self._sign(ACCESS, AUDIENCE, lifetime, {"sub": subject, "sid": session_id})

    async def login(self, browser: str, lifetime: float) -> str:
        """The pre-login cookie: a secret of this browser's that ties a callback to where it began."""
        return await self._sign(LOGIN, _login_audience(), lifetime, {"browser": browser})

    async def _sign(self, kind: str, audience: str, lifetime: float, claims: dict[str, str]) -> str:
        kid, key = (await self._keys.ring()).signing
        now = int(self._clock())
        payload = {
            "iss": self._issuer,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime),
            **claims,
        }
        return jwt.encode(payload, key, algorithm="ES256", headers={"kid": kid, "typ": kind})


class TokenVerifier:
    """Verifies Docent's own tokens with the public keys that auth publishes."""

    def __init__(self, keys: KeySource, issuer: str, clock: Clock = time.time) -> None:
        self._keys, self._clock = keys, clock
        self._signatures = Signatures()
        self._access = _own_rule(issuer, AUDIENCE, ACCESS, ("sub", "sid"))
        self._login = _own_rule(issuer, _login_audience(), LOGIN, ("browser",))

    async def access(self, token: str) -> AccessClaims:
        """Raises BadToken for anything but an access token of ours, Unavailable when keys cannot be had."""
        claims = await self._signatures.claims(token, self._keys, self._access, self._clock())
        if not SESSION_ID.fullmatch(claims["sid"]):
            raise BadToken("unusable session id")
        return AccessClaims(claims["sub"], claims["sid"], float(claims["exp"]))

    async def login(self, token: str) -> str:
        """The browser's secret out of a pre-login cookie. Raises BadToken, Unavailable."""
        claims = await verified_claims(token, self._keys, self._login, self._clock())
        return str(claims["browser"])


def _own_rule(issuer: str, audience: str, kind: str, required: tuple[str, ...]) -> Rule:
    return Rule(
        "ES256",
        frozenset({issuer.rstrip("/")}),
        audience,
        frozenset({kind}),
        required,
        max_bytes=2048,
        skew=0.0,
    )


def _login_audience() -> str:
    return AUDIENCE + "-login"
