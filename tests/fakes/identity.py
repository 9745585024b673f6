"""Small stand-ins for what identity needs from the outside; each keeps state as the real one does."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.errors import AppError, NotFound
from shared.identity.interfaces import BadSecret, GrantRefused, PublicKey, UnknownKey
from shared.identity.records import (
    AccessToken,
    AuthorizationRequest,
    Grant,
    LoginState,
    Profile,
    Refresh,
    Role,
    Session,
    TokenAnswer,
    User,
)
from shared.models import Tier

HOME = "https://docent.example.com"
NOW = 1_800_000_000.0
CLIENT_ID = "docent-client"
ISSUER = "https://accounts.google.com"


class Ticker:
    """A clock that moves when told to."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now


class FakeSecrets:
    """Secrets by name; a change is seen at once when a young value is asked for, as after a refresh."""

    def __init__(self, **values: str) -> None:
        self.values = {name.replace("_", "-"): value for name, value in values.items()}
        self.read: dict[str, str] = {}

    async def text(self, name: str, max_age: float | None = None) -> str:
        """The remembered value, or the newest when `max_age` asks for it."""
        if name not in self.values:
            raise BadSecret(f"The secret {name} does not exist.")
        if max_age is not None or name not in self.read:
            self.read[name] = self.values[name]
        return self.read[name]


class FakeKeys:
    """Public keys in memory."""

    def __init__(self, **keys: PublicKey) -> None:
        self.keys = keys

    async def key(self, kid: str) -> PublicKey:
        """Raises UnknownKey."""
        try:
            return self.keys[kid]
        except KeyError:
            raise UnknownKey from None


class FakeSessions:
    """SessionStore in memory; `failure` is raised instead of an answer."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.failure: AppError | None = None
        self.reads = 0
        self.renewals_collide = False
        """Whether others get a turn between a renewal's read and its write, as over a network."""

    async def create(self, session: Session) -> None:
        """Keep it."""
        self.sessions[session.id] = session

    async def get(self, session_id: str) -> Session | None:
        """As kept."""
        self.reads += 1
        if self.failure:
            raise self.failure
        return self.sessions.get(session_id)

    async def seen(self, session_id: str, at: float) -> None:
        """Note the use."""
        if self.failure:
            raise self.failure
        if session_id in self.sessions:
            self.sessions[session_id] = replace(self.sessions[session_id], last_seen=at)

    async def renew(self, session_id: str, expected: str, refresh: Refresh, expire_at: float) -> bool:
        """Compare and set."""
        if self.renewals_collide:
            await asyncio.sleep(0)
        known = self.sessions.get(session_id)
        if known is None or known.ended or known.refresh.current != expected:
            return False
        self.sessions[session_id] = replace(
            known, refresh=refresh, expire_at=expire_at, last_seen=refresh.replaced_at
        )
        return True

    async def end(self, session_id: str) -> bool:
        """Mark it ended."""
        session = self.sessions.get(session_id)
        if session is None or session.ended:
            return False
        self.sessions[session_id] = replace(session, ended=True)
        return True

    async def set_standing(self, subject: str, role: Role, tier: Tier) -> None:
        """In each of theirs."""
        for one in await self.of(subject):
            self.sessions[one.id] = replace(one, role=role, tier=tier)

    async def of(self, subject: str) -> list[Session]:
        """Those that have not ended, newest first."""
        mine = [one for one in self.sessions.values() if one.subject == subject and not one.ended]
        return sorted(mine, key=lambda session: session.created_at, reverse=True)


class FakeLoginStates:
    """LoginStates in memory."""

    def __init__(self) -> None:
        self.states: dict[str, LoginState] = {}

    async def put(self, state: LoginState) -> None:
        """Keep it."""
        self.states[state.id] = state

    async def take(self, state_id: str) -> LoginState | None:
        """Hand it out once."""
        return self.states.pop(state_id, None)


class FakeUsers:
    """UserStore in memory."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}

    async def signed_in(self, profile: Profile, *, admin: bool, now: float) -> User:
        """Create or bring up to date."""
        known = self.users.get(profile.subject)
        self.users[profile.subject] = User(
            subject=profile.subject,
            email=profile.email,
            domain=profile.domain,
            name=profile.name,
            role=known.role if known else "admin" if admin else "user",
            created_at=known.created_at if known else now,
            signed_in_at=now,
            tier=known.tier if known else "standard",
            erasing=known.erasing if known else "",
        )
        return self.users[profile.subject]

    async def get(self, subject: str) -> User | None:
        """The user, or None."""
        return self.users.get(subject)

    async def page(self, after: str, limit: int) -> list[User]:
        """By subject."""
        return [self.users[name] for name in sorted(self.users) if name > after][:limit]

    async def change(self, subject: str, role: Role | None, tier: Tier | None) -> User:
        """Only somebody who is there."""
        user = self._known(subject)
        self.users[subject] = replace(user, role=role or user.role, tier=tier or user.tier)
        return self.users[subject]

    async def begin_erasure(self, subject: str, receipt: str) -> str:
        """The first receipt stays."""
        user = self._known(subject)
        self.users[subject] = replace(user, erasing=user.erasing or receipt)
        return self.users[subject].erasing

    def _known(self, subject: str) -> User:
        if subject not in self.users:
            raise NotFound("There is no such person.")
        return self.users[subject]


class FakeGrants:
    """GrantStore in memory."""

    def __init__(self) -> None:
        self.grants: dict[str, Grant] = {}
        self.reads = 0

    async def put(self, grant: Grant) -> None:
        """Keep it."""
        self.grants[grant.subject] = grant

    async def get(self, subject: str) -> Grant | None:
        """As kept."""
        self.reads += 1
        return self.grants.get(subject)

    async def mark_dead(self, subject: str, box: bytes) -> None:
        """Only the grant that was refused."""
        grant = self.grants.get(subject)
        if grant and grant.token.box == box:
            self.grants[subject] = replace(grant, state="dead")

    async def delete(self, subject: str) -> None:
        """Forget it."""
        self.grants.pop(subject, None)


@dataclass
class _Code:
    challenge: str
    nonce: str
    scopes: frozenset[str]


@dataclass
class FakeProvider:
    """An OpenID provider that checks PKCE, hands a code out once, and says whatever `claims` tells it to."""

    clock: Callable[[], float]
    claims: dict[str, Any] = field(default_factory=dict)
    issuers: frozenset[str] = frozenset({ISSUER, "accounts.google.com"})
    client_id: str = CLIENT_ID
    scopes: frozenset[str] | None = None
    refreshes: int = 0
    dead: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    failure: AppError | None = None

    def __post_init__(self) -> None:
        """A key pair, and nobody asking yet."""
        self.keys = FakeKeys(google=rsa_key().public_key())
        self.codes: dict[str, _Code] = {}
        self.asked: list[AuthorizationRequest] = []

    async def check(self) -> None:
        """Always fine."""

    async def authorization_url(self, request: AuthorizationRequest) -> str:
        """Remember the request."""
        if self.failure:
            raise self.failure
        self.asked.append(request)
        return f"{ISSUER}/o/oauth2/v2/auth?" + urlencode({"state": request.state})

    def consent(self) -> str:
        """The person says yes to the latest request; returns the code."""
        request, code = self.asked[-1], secrets.token_hex(8)
        self.codes[code] = _Code(request.challenge, request.nonce, self.scopes or frozenset(request.scopes))
        return code

    async def exchange(self, code: str, verifier: str) -> TokenAnswer:
        """Each code once, and only with its verifier."""
        if self.failure:
            raise self.failure
        found = self.codes.pop(code, None)
        if found is None or found.challenge != challenge_of(verifier):
            raise GrantRefused
        return TokenAnswer(self.id_token(nonce=found.nonce), "access", "refresh-1", found.scopes)

    def id_token(self, **claims: Any) -> str:
        """An id_token for alice, with `claims` and then `self.claims` on top; None removes one."""
        now = int(self.clock())
        alice = {
            "iss": ISSUER,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": "1234567890",
            "email": "Alice@Example.com",
            "email_verified": True,
            "hd": "example.com",
            "name": "Alice",
            "iat": now,
            "exp": now + 3600,
        }
        merged = {**alice, **claims, **self.claims}
        payload = {name: value for name, value in merged.items() if value is not None}
        return jwt.encode(payload, rsa_key(), algorithm="RS256", headers={"kid": "google"})

    async def refresh(self, refresh_token: str) -> AccessToken:
        """A new access token, an hour long; others get a turn meanwhile, as over a network."""
        self.refreshes += 1
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        if refresh_token in self.dead:
            raise GrantRefused
        return AccessToken(f"{refresh_token}/access-{self.refreshes}", self.clock() + 3600)

    async def skew(self) -> float:
        """The clocks agree."""
        if self.failure:
            raise self.failure
        return 0.0

    async def revoke(self, token: str) -> None:
        """Remember it."""
        if self.failure:
            raise self.failure
        self.revoked.append(token)
        self.dead.add(token)


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636 4.2), written a second time so that a mistake in one is seen."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    """A P-256 key, the same for the same number."""
    del number
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A 2048-bit key, the same for the same number."""
    del number
    return rsa.generate_private_key(65537, 2048)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """The private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signing_secret(*kids: str) -> str:
    """The secret session-signing-keys with these ids; key n of `ec_key` for the n-th letter of an id."""
    entries = [{"kid": kid, "private_key": pem(ec_key(sum(map(ord, kid))))} for kid in kids]
    return json.dumps({"keys": entries})


def signing_key(kid: str) -> ec.EllipticCurvePrivateKey:
    """The key that `signing_secret` has under `kid`."""
    return ec_key(sum(map(ord, kid)))


def sealing_secret(*kids: str) -> str:
    """The secret sealing-keys with these ids."""
    entries = [
        {"kid": kid, "key": base64.b64encode(hashlib.sha256(kid.encode()).digest()).decode()} for kid in kids
    ]
    return json.dumps({"keys": entries})


def session(**values: Any) -> Session:
    """Alice's session, an hour old, with a week to go."""
    known: dict[str, Any] = {
        "id": "s1",
        "subject": "1234567890",
        "email": "alice@example.com",
        "name": "Alice",
        "domain": "example.com",
        "role": "user",
        "device": "Firefox on Linux",
        "created_at": NOW - 3600,
        "last_seen": NOW - 3600,
        "expire_at": NOW + 7 * 86400,
        "refresh": Refresh("0" * 64),
    }
    return Session(**{**known, **values})
