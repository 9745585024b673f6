"""The values of identity: what is stored about people, sessions and grants. Times are seconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.models import Person, Tier

Role = Literal["user", "admin"]
GrantState = Literal["live", "dead"]
SignInMethod = Literal["google", "firebase"]
Detail = str | int | bool


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
    """A person who has signed in at least once. Keyed by `subject`: e-mail addresses change hands.

    `erasing` is the id of the receipt while their data is being erased, "" otherwise.
    """

    subject: str
    email: str
    domain: str
    name: str
    role: Role
    created_at: float
    signed_in_at: float
    tier: Tier = "standard"
    erasing: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from: what the client calls itself, and the place as far as it is known."""

    user_agent: str = ""
    place: str = ""


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
    `device` names browser and system, never more; `place` is where it was first used.
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
    tier: Tier = "standard"
    place: str = ""

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
            tier=self.tier,
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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened to somebody's access.

    `actor` did it to `subject`; both are pseudonyms, "" when nobody is known. Neither `details` nor any
    other field holds a name, an address, a token or a text.
    """

    id: str
    at: float
    event: str
    actor: str = ""
    subject: str = ""
    request_id: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain: `seq` counts from 1, `previous` is the hash of the one before."""

    seq: int
    previous: str
    hash: str
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link's number and hash, and their authentication code under the key `key_id`."""

    seq: int
    hash: str
    key_id: str
    mac: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure has deleted so far, by store; `finished_at` is 0 until nothing is left.

    `person` is a pseudonym. `subject` is kept only until the erasure has finished, so that it can go on.
    """

    id: str
    person: str
    started_at: float
    finished_at: float = 0.0
    counts: Mapping[str, int] = field(default_factory=dict)
    subject: str = ""
