"""The values of identity: what is stored about people, sessions and grants. Times are seconds since 1970."""

from dataclasses import dataclass
from typing import Literal

from shared.models import Person

Role = Literal["user", "admin"]
GrantState = Literal["live", "dead"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a verified id_token says of its holder.

    `domain` is the `hd` claim, "" for accounts that belong to no organisation; `email` is in lower case.
    """

    subject: str
    email: str
    domain: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A person who has signed in at least once. Keyed by `subject`: e-mail addresses change hands."""

    subject: str
    email: str
    domain: str
    name: str
    role: Role
    created_at: float
    signed_in_at: float


@dataclass(frozen=True, slots=True)
class Refresh:
    """What is stored of a session's refresh token: hashes, and the successor under its predecessor's key."""

    current: str
    previous: str = ""
    successor: bytes = b""
    replaced_at: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What a client is given: `access` to show at every request, `refresh` to get the next two."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Session:
    """One browser or client that is signed in.

    It holds what a request needs to know of its person, so that a request costs one read.
    `device` names browser and system, never more.
    """

    id: str
    subject: str
    email: str
    name: str
    domain: str
    role: Role
    device: str
    created_at: float
    last_seen: float
    expire_at: float
    refresh: Refresh
    ended: bool = False

    def live(self, now: float) -> bool:
        """Whether the session admits anyone at `now`."""
        return not self.ended and now < self.expire_at

    def person(self) -> Person:
        """Whoever is asking through this session."""
        return Person(
            subject=self.subject,
            email=self.email,
            domain=self.domain,
            name=self.name,
            admin=self.role == "admin",
            session_id=self.id,
        )


@dataclass(frozen=True, slots=True)
class LoginState:
    """A sign-in under way, found by the hash of its `state`, good for one callback.

    `browser` is the hash of the secret in the pre-login cookie. The PKCE verifier and the nonce are
    derived from that secret and are stored nowhere.
    """

    id: str
    browser: str
    return_to: str
    expire_at: float


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted value and the id of the key that opens it. `box` is the 96-bit nonce, text and tag."""

    key_id: str
    box: bytes


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's permission to look at their Drive: a sealed refresh token, until Google calls it dead."""

    subject: str
    token: Sealed
    state: GrantState
    updated_at: float


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A Google access token and when it stops working."""

    value: str
    expire_at: float


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What the token endpoint gave for an authorization code; absent values are ""."""

    id_token: str
    access_token: str
    refresh_token: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the browser takes to the provider (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect 3.1.2.1)."""

    state: str
    nonce: str
    challenge: str
    scopes: tuple[str, ...]
